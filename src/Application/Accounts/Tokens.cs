using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Raktar.Domain;

namespace Raktar.Application.Accounts;

/// <summary>
/// The text of tokens: <c>rk_</c>, 34 random letters and digits (over 200 bits), and 6 that check them, so that a scanner can tell a leaked token
/// from noise. Only a token's SHA-256 is ever kept.
/// </summary>
public static partial class Tokens
{
    private const string Prefix = "rk_";
    internal const int RandomLength = 34;
    internal const int CheckLength = 6;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>A new token.</summary>
    public static string Create()
    {
        var random = Random();
        return Prefix + random + Check(random);
    }

    /// <summary>Whether a text is made as tokens are: for messages and scanners, not for trust.</summary>
    public static bool IsWellFormed(string token) =>
        token.Length == Prefix.Length + RandomLength + CheckLength
        && token.StartsWith(Prefix, StringComparison.Ordinal)
        && string.Equals(token[^CheckLength..], Check(token[Prefix.Length..^CheckLength]), StringComparison.Ordinal);

    /// <summary>A text without the tokens that somebody put into it, such as into a URL; those of runs (<c>rk_ci_</c>) too, and in the other case of letters.</summary>
    public static string Redact(string text) => Shape().Replace(text, Prefix + "...");

    /// <summary>What is kept of a token.</summary>
    public static Checksum Hash(string token) => Checksum.Of(Encoding.UTF8.GetBytes(token));

    [GeneratedRegex("rk_(?:ci_)?[0-9A-Za-z]{40,}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Shape();

    /// <summary>The random part of a new token.</summary>
    internal static string Random() => RandomNumberGenerator.GetString(Alphabet, RandomLength);

    /// <summary>The characters that check a token's text.</summary>
    internal static string Check(string random)
    {
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(Crc32.Hash(Encoding.ASCII.GetBytes(random)));
        return string.Create(CheckLength, crc, static (text, rest) =>
        {
            for (var i = text.Length - 1; i >= 0; i--)
            {
                text[i] = Alphabet[(int)(rest % Alphabet.Length)];
                rest /= (uint)Alphabet.Length;
            }
        });
    }
}
