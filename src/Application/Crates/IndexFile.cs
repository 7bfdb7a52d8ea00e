using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Raktar.Domain;

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

    /// <summary>The lines; unpacked when they are first asked for, which cargo never does.</summary>
    public ReadOnlyMemory<byte> Body => _body ??= Application.Gzip.Expand(Gzip);

    /// <summary>The lines, gzipped.</summary>
    public ReadOnlyMemory<byte> Gzip { get; }

    /// <summary>The file with these lines.</summary>
    public static IndexFile Of(string name, ReadOnlyMemory<byte> body)
    {
        // Half a SHA-256 tells files apart as well as a whole one and halves the header.
        return new($"\"{Checksum.Of(body.Span).Hex[..32]}\"", Application.Gzip.Compress(body.Span), name);
    }

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
        var writer = new ArrayBufferWriter<byte>(8 + Name.Length + ETag.Length + Gzip.Length);
        Put(writer, Encoding.ASCII.GetBytes(Name));
        Put(writer, Encoding.ASCII.GetBytes(ETag));
        writer.Write(Gzip.Span);
        return writer.WrittenSpan.ToArray();
    }

    private static void Put(ArrayBufferWriter<byte> writer, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(4), bytes.Length);
        writer.Advance(4);
        writer.Write(bytes);
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> document)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(document.Span);
        var taken = document.Slice(4, length);
        document = document[(4 + length)..];
        return taken;
    }
}
