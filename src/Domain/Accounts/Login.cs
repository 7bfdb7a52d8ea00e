using System.Diagnostics.CodeAnalysis;

namespace Raktar.Domain.Accounts;

/// <summary>An account's login: lower case, 1 to 64 of ASCII letters, digits and <c>. _ @ -</c>, starting with a letter or digit.</summary>
public sealed record Login
{
    /// <summary>The longest login, in characters.</summary>
    public const int MaxLength = 64;

    private Login(string text) => Text = text;

    /// <summary>The account that the first start creates.</summary>
    public static Login Admin { get; } = new("admin");

    /// <summary>The actor of what Raktar itself records, such as the first account.</summary>
    public static Login Raktar { get; } = new("raktar");

    /// <summary>The actor of what a trusted continuous-integration run publishes; which run it was stands beside it in the log.</summary>
    public static Login TrustedPublisher { get; } = new("trusted-publisher");

    /// <summary>Whether it is one that no person may have.</summary>
    public bool IsReserved => this == Raktar || this == TrustedPublisher;

    /// <summary>The login, lower case.</summary>
    public string Text { get; }

    /// <summary>Reads a login in any case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Login? login)
    {
        var good = text is { Length: > 0 and <= MaxLength }
            && char.IsAsciiLetterOrDigit(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or '-');
        login = good ? new(text!.ToLowerInvariant()) : null;
        return good;
    }

    /// <summary>Reads a login known to be good; anything else is a <see cref="FormatException"/>.</summary>
    public static Login Parse(string text) => TryParse(text, out var login) ? login : throw new FormatException($"`{text}` is not a login");

    /// <inheritdoc/>
    public override string ToString() => Text;
}
