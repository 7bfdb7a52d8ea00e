using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Raktar.Domain;

/// <summary>A SHA-256, written as 64 lower-case hexadecimal digits: upper case would fail cargo's comparison of strings.</summary>
public sealed record Checksum
{
    private Checksum(string hex) => Hex = hex;

    /// <summary>64 zeros: the predecessor of a stream's first commit.</summary>
    public static Checksum Zero { get; } = new(new string('0', 64));

    /// <summary>The 64 digits.</summary>
    public string Hex { get; }

    /// <summary>The 32 bytes.</summary>
    public byte[] Bytes() => Convert.FromHexString(Hex);

    /// <summary>The checksum of <paramref name="content"/>.</summary>
    public static Checksum Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return FromHash(hash);
    }

    /// <summary>The checksum whose 32 bytes are <paramref name="hash"/>.</summary>
    public static Checksum FromHash(ReadOnlySpan<byte> hash) => hash.Length == SHA256.HashSizeInBytes
        ? new(Convert.ToHexStringLower(hash))
        : throw new ArgumentException("a SHA-256 has 32 bytes", nameof(hash));

    /// <summary>Reads 64 lower-case hexadecimal digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Checksum? checksum)
    {
        checksum = text is { Length: 64 } && text.All(char.IsAsciiHexDigitLower) ? new(text) : null;
        return checksum is not null;
    }

    /// <summary>Reads 64 lower-case hexadecimal digits; anything else is a <see cref="FormatException"/>.</summary>
    public static Checksum Parse(string text) =>
        TryParse(text, out var checksum) ? checksum : throw new FormatException("a checksum is 64 lower-case hexadecimal digits");

    /// <inheritdoc/>
    public override string ToString() => Hex;
}
