using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Raktar.Domain;
using Raktar.Domain.Registry;

namespace Raktar.Application.Proofs;

/// <summary>
/// What is signed: lines of text that anybody can keep, and check with this program or any other. The signature is over all lines before its own, each with
/// its line feed.
/// </summary>
public sealed record CheckpointStatement(
    int Number, DateTimeOffset At, int Streams, long Commits, Checksum Root, Checksum Previous, string Key, string Signature)
{
    // What a SubjectPublicKeyInfo on P-256 begins with, before the point: https://www.rfc-editor.org/rfc/rfc5480#section-2.
    private static readonly byte[] P256 = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    private static readonly string[] Fields = ["raktar-checkpoint", "number", "at", "streams", "commits", "root", "previous", "key", "signature"];

    /// <summary>The signed lines.</summary>
    public string SignedText => string.Create(
        CultureInfo.InvariantCulture,
        $"{Fields[0]} 1\nnumber {Number}\nat {At.UtcDateTime:O}\nstreams {Streams}\ncommits {Commits}\nroot {Root}\nprevious {Previous}\nkey {Key}\n");

    /// <summary>All lines.</summary>
    public string Text => $"{SignedText}signature {Signature}\n";

    /// <summary>By which the next one names it. The signature is not in it: of what is said there may be many signatures.</summary>
    public Checksum Hash => Checksum.Of(Encoding.UTF8.GetBytes(SignedText));

    /// <summary>The SHA-256 of the public key, by which people compare keys.</summary>
    public string Fingerprint => Checksum.Of(Convert.FromBase64String(Key)).Hex;

    /// <summary>The public key in the form that other tools read.</summary>
    public string PublicKeyPem => PemEncoding.WriteString("PUBLIC KEY", Convert.FromBase64String(Key)) + "\n";

    /// <summary>What the log has.</summary>
    public static CheckpointStatement Of(CheckpointMade made) =>
        new(made.Number, made.At, made.Streams, made.Commits, made.Root, made.Previous, made.Key, made.Signature);

    /// <summary>Reads a statement; what is not exactly one, to the last character, is null.</summary>
    public static CheckpointStatement? Find(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length != Fields.Length + 1 || lines.Where((line, i) => i < Fields.Length && !line.StartsWith(Fields[i] + " ", StringComparison.Ordinal)).Any())
        {
            return null;
        }

        var values = Fields.Select((field, i) => lines[i][(field.Length + 1)..]).ToArray();
        return int.TryParse(values[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && DateTimeOffset.TryParseExact(values[2], "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            && int.TryParse(values[3], NumberStyles.None, CultureInfo.InvariantCulture, out var streams)
            && long.TryParse(values[4], NumberStyles.None, CultureInfo.InvariantCulture, out var commits)
            && Checksum.TryParse(values[5], out var root)
            && Checksum.TryParse(values[6], out var previous)
            && IsBase64(values[7])
            && IsBase64(values[8])
            && new CheckpointStatement(number, at, streams, commits, root, previous, values[7], values[8]) is var found
            && string.Equals(found.Text, text, StringComparison.Ordinal)
                ? found
                : null;
    }

    /// <summary>The text that <see cref="Key"/> is of a public key.</summary>
    public static string KeyText(ReadOnlySpan<byte> publicKey) => Convert.ToBase64String(publicKey);

    /// <summary>Reads a public key in PEM; anything else is null.</summary>
    public static string? KeyIn(string pem)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(pem);
            return KeyText(key.ExportSubjectPublicKeyInfo());
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Whether the signature is <see cref="Key"/>'s. Whose that key is, is another question.</summary>
    public bool IsSigned()
    {
        try
        {
            var publicKey = Convert.FromBase64String(Key);
            if (publicKey.Length != P256.Length + 64 || !publicKey.AsSpan().StartsWith(P256))
            {
                return false;
            }

            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(publicKey, out _);
            return key.VerifyData(
                Encoding.UTF8.GetBytes(SignedText), Convert.FromBase64String(Signature), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return false;
        }
    }

    // One text per value: no line feeds, no odd last bits.
    private static bool IsBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && string.Equals(Convert.ToBase64String(bytes.AsSpan(0, length)), text, StringComparison.Ordinal);
    }
}
