using System.Buffers.Binary;
using System.Text;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates;

/// <summary>
/// An index file as it is served: its bytes (one JSON line per version), the same gzipped, and the strong ETag, which changes with every byte.
/// Format: https://doc.rust-lang.org/cargo/reference/registry-index.html#json-schema
/// </summary>
public sealed class IndexFile
{
    /// <summary>The kind of the documents.</summary>
    public const string Kind = "index";

    private byte[]? _body;

    private IndexFile(string etag, ReadOnlyMemory<byte> gzip, string name) => (ETag, Gzip, Name) = (etag, gzip, name);

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

            var body = Application.Gzip.Expand(Gzip);
            _body = body.Length <= 2048 + (4 * Gzip.Length) ? body : null;
            return body;
        }
    }

    /// <summary>How many bytes the lines have.</summary>
    public long Length => Gzip.IsEmpty ? 0 : Application.Gzip.ExpandedLength(Gzip.Span);

    /// <summary>The lines, gzipped; no bytes at all where there are no lines.</summary>
    public ReadOnlyMemory<byte> Gzip { get; }

    /// <summary>Whether no version is left. Then there is no such file for anybody.</summary>
    public bool IsEmpty => Gzip.IsEmpty;

    /// <summary>The file with these lines.</summary>
    public static IndexFile Of(string name, ReadOnlyMemory<byte> body)
    {
        // Half a SHA-256 tells files apart as well as a whole one and halves the header.
        return new($"\"{Checksum.Of(body.Span).Hex[..32]}\"", body.IsEmpty ? default(ReadOnlyMemory<byte>) : Application.Gzip.Compress(body.Span), name);
    }

    /// <summary>Whether it has a line of the version with exactly this text.</summary>
    public bool Lists(SemVersion version) => (_body ?? Application.Gzip.Expand(Gzip)).AsSpan().IndexOf(Encoding.UTF8.GetBytes($"{{\"name\":\"{Name}\",\"vers\":\"{version}\",")) >= 0;

    /// <summary>Reads a stored file.</summary>
    public static IndexFile Parse(ReadOnlyMemory<byte> document)
    {
        var name = Take(ref document);
        var etag = Take(ref document);
        return new(Encoding.ASCII.GetString(etag.Span), document, Encoding.ASCII.GetString(name.Span));
    }

    /// <summary>The form that is stored: name and ETag, each after its length (32 bits, little endian), then the gzipped lines.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[8 + Name.Length + ETag.Length + Gzip.Length];
        var rest = bytes.AsSpan();
        Put(ref rest, Name);
        Put(ref rest, ETag);
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
