using System.Buffers.Binary;
using System.Text;
using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>
/// An index file as it is served: its bytes (one JSON line per version), the same gzipped, and the strong ETag, which changes with every byte.
/// Format: https://doc.rust-lang.org/cargo/reference/registry-index.html#json-schema
/// </summary>
public sealed class IndexFile
{
    /// <summary>The kind of the documents.</summary>
    public const string Kind = "index";

    private byte[]? _body;

    private IndexFile(string etag, ReadOnlyMemory<byte> gzip, string name, bool isRestricted) =>
        (ETag, Gzip, Name, IsRestricted) = (etag, gzip, name, isRestricted);

    /// <summary>The ETag with its quotes.</summary>
    public string ETag { get; }

    /// <summary>The ETag of the gzipped form: another representation has another strong tag.</summary>
    public string GzipETag => field ??= $"{ETag[..^1]}-gzip\"";

    /// <summary>The crate's name as registered. The file is served under its lower-case form only: <c>foo-bar</c> is not found under <c>foo_bar</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// The lines; unpacked when they are asked for, which cargo never does. They are kept where they are not much longer than the gzipped ones, by which the
    /// cache of documents counts its bytes.
    /// </summary>
    public ReadOnlyMemory<byte> Body
    {
        get
        {
            if (_body is { } kept)
            {
                return kept;
            }

            var body = Log.Gzip.Expand(Gzip);
            _body = body.Length <= 2048 + (4 * Gzip.Length) ? body : null;
            return body;
        }
    }

    /// <summary>How many bytes the lines have.</summary>
    public long Length => Gzip.IsEmpty ? 0 : Log.Gzip.ExpandedLength(Gzip.Span);

    /// <summary>The lines, gzipped; no bytes at all where there are no lines.</summary>
    public ReadOnlyMemory<byte> Gzip { get; }

    /// <summary>Whether the crate is restricted, as far as the file knows; see <see cref="GuardedCrates.Shows"/>.</summary>
    public bool IsRestricted { get; }

    /// <summary>Whether no version is left. Then there is no such file for anybody.</summary>
    public bool IsEmpty => Gzip.IsEmpty;

    /// <summary>The file with these lines.</summary>
    public static IndexFile Of(string name, ReadOnlyMemory<byte> body, bool isRestricted = false)
    {
        // Half a SHA-256 tells files apart as well as a whole one and halves the header.
        var gzip = body.IsEmpty ? default(ReadOnlyMemory<byte>) : Log.Gzip.Compress(body.Span);
        return new($"\"{Checksum.Of(body.Span).Hex[..32]}\"", gzip, name, isRestricted);
    }

    /// <summary>Whether it has a line of the version with exactly this text, and, where a checksum is given, with that one.</summary>
    public bool Lists(SemVersion version, Checksum? checksum = null)
    {
        if (IsEmpty)
        {
            return false;
        }

        // Not kept: unpacked it can be large, and hardly anything asks.
        var lines = (_body ?? Log.Gzip.Expand(Gzip)).AsSpan();
        var start = lines.IndexOf(Encoding.UTF8.GetBytes($"{{\"name\":\"{Name}\",\"vers\":\"{version}\","));
        if (start < 0 || checksum is null)
        {
            return start >= 0;
        }

        var line = lines[start..];
        return line[..line.IndexOf((byte)'\n')].IndexOf(Encoding.UTF8.GetBytes($"\"cksum\":\"{checksum}\"")) >= 0;
    }

    /// <summary>Reads a stored file.</summary>
    public static IndexFile Parse(ReadOnlyMemory<byte> document)
    {
        var name = Take(ref document);
        var etag = Take(ref document);
        var isRestricted = !Take(ref document).IsEmpty;
        return new(Encoding.ASCII.GetString(etag.Span), document, Encoding.ASCII.GetString(name.Span), isRestricted);
    }

    /// <summary>
    /// The form that is stored: name, ETag, and one byte where the crate is restricted, each after its length (32 bits, little endian), then the gzipped lines.
    /// </summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[12 + Name.Length + ETag.Length + (IsRestricted ? 1 : 0) + Gzip.Length];
        var rest = bytes.AsSpan();
        Put(ref rest, Name);
        Put(ref rest, ETag);
        Put(ref rest, IsRestricted ? "r" : "");
        Gzip.Span.CopyTo(rest);
        return bytes;
    }

    private static void Put(ref Span<byte> rest, string text)
    {
        BinaryPrimitives.WriteInt32LittleEndian(rest, text.Length);
        Encoding.ASCII.GetBytes(text, rest[4..]);
        rest = rest[(4 + text.Length)..];
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> document)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(document.Span);
        var taken = document.Slice(4, length);
        document = document[(4 + length)..];
        return taken;
    }
}
