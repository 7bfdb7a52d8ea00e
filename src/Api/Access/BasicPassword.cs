using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Raktar.Api.Access;

/// <summary>
/// HTTP Basic (https://www.rfc-editor.org/rfc/rfc7617), which is what .netrc files and many tools can send: the password is the token, the user name can be
/// anything.
/// </summary>
internal static class BasicPassword
{
    private const string Scheme = "Basic ";

    // A token has at most 512 characters; a user name may be long, but nothing is unpacked that is not worth it.
    private const int MaxLength = 4096;

    /// <summary>Whether somebody sends a password at all.</summary>
    public static bool IsIn(ReadOnlySpan<char> authorization) => authorization.TrimStart(" \t").StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the password of an <c>Authorization</c> header.</summary>
    public static bool TryRead(ReadOnlySpan<char> authorization, [NotNullWhen(true)] out string? password)
    {
        password = null;
        var encoded = authorization.Trim(" \t")[Scheme.Length..].Trim(" \t");
        var bytes = new byte[MaxLength];
        if (encoded.Length > MaxLength || !Convert.TryFromBase64Chars(encoded, bytes, out var length))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        password = colon < 0 ? null : text[(colon + 1)..];
        return password is { Length: > 0 } && !password.AsSpan().ContainsAnyExceptInRange('!', '~');
    }
}
