using System.Text;
using System.Text.Json;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>
/// An index file as it is served: its lines (JSON, one per version), the same gzipped, and the strong ETag, which changes with every byte. It is cut into runs
/// that are gzipped by themselves, and of which one more fact changes one: a file of 18 MB is not packed again for a line of 12 KB.
/// Format: https://doc.rust-lang.org/cargo/reference/registry-index.html#json-schema
/// </summary>
public sealed class IndexFile : IServedIndexFile
{
    /// <summary>The kind of the documents.</summary>
    public const string Kind = "index";

    // Runs of fewer bytes of the log are put together once they are that many: what lines have in common is packed once in each run.
    private const long LongRun = 512 * 1024;

    // A shorter file is served in one piece.
    private const int ShortGzip = 64 * 1024;

    private readonly ValueList<IndexRun> _runs;
    private byte[]? _body;

    private IndexFile(string name, bool isRestricted, ValueList<IndexRun> runs) => (Name, IsRestricted, _runs) = (name, isRestricted, runs);

    /// <summary>The ETag with its quotes.</summary>
    public string ETag => field ??= $"\"{Checksum.Of(Encoding.ASCII.GetBytes(string.Concat(_runs.Select(run => run.Stored.Hash)))).Hex[..32]}\"";

    /// <summary>The ETag of the gzipped form: another representation has another strong tag.</summary>
    public string GzipETag => field ??= $"{ETag[..^1]}-gzip\"";

    /// <summary>The crate's name as registered. The file is served under its lower-case form only: <c>foo-bar</c> is not found under <c>foo_bar</c>.</summary>
    public string Name { get; }

    /// <summary>Whether the crate is restricted, as far as the file knows; see <see cref="GuardedCrates.Shows"/>.</summary>
    public bool IsRestricted { get; }

    /// <summary>How many bytes the lines have.</summary>
    public long Length => _runs.Sum(run => (long)run.Length);

    /// <summary>Whether no version is left. Then there is no such file for anybody.</summary>
    public bool IsEmpty => _runs.All(run => run.Length == 0);

    /// <summary>The lines, run by run; unpacked when they are asked for, which cargo never does.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Lines => _runs.Select(run => (ReadOnlyMemory<byte>)run.Lines);

    /// <summary>
    /// All lines. They are kept where they are not much longer than the gzipped ones, by which the cache of documents counts its bytes.
    /// </summary>
    public ReadOnlyMemory<byte> Body
    {
        get
        {
            if (_body is { } kept)
            {
                return kept;
            }

            var body = _runs.Count == 1 ? _runs[0].Lines : Sections.Join([.. Lines]);
            _body = body.Length <= 2048 + (4 * GzipLength) ? body : null;
            return body;
        }
    }

    /// <summary>The lines, gzipped, in pieces; one piece for a short file, none at all where there are no lines.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Gzip => field ??= ToGzip();

    /// <summary>How many bytes the gzipped lines have.</summary>
    public long GzipLength => Gzip.Sum(piece => (long)piece.Length);

    /// <summary>The file of a crate of which nothing is published.</summary>
    public static IndexFile Of(string name) => new(name, isRestricted: false, []);

    /// <summary>The same with another name.</summary>
    public IndexFile Named(string name) => new(name, IsRestricted, _runs);

    /// <summary>The same of a crate that is restricted, or is not.</summary>
    public IndexFile Restricted(bool isRestricted) => new(Name, isRestricted, _runs);

    /// <summary>The same with one more line, its newline included, of which the log has <paramref name="bytes"/> bytes.</summary>
    public IndexFile Add(SemVersion version, byte[] line, long bytes)
    {
        if (_runs.Count > 0 && _runs[^1] is { Bytes: < VersionRuns<string>.FullBytes } last)
        {
            return new(Name, IsRestricted, [.. _runs.Take(_runs.Count - 1), last.Add(version, line, bytes)]);
        }

        var full = _runs.ToList();
        var shorts = full.Count - 1 - full.FindLastIndex(run => run.Bytes >= LongRun);
        if (full.TakeLast(shorts).Sum(run => run.Bytes) >= LongRun)
        {
            var joined = full.TakeLast(shorts).Aggregate((run, next) => run.With(next));
            full.RemoveRange(full.Count - shorts, shorts);
            full.Add(joined);
        }

        if (full.Count > 0)
        {
            // Nothing will be added to it: its lines need not be kept.
            _ = full[^1].Stored;
        }

        return new(Name, IsRestricted, [.. full, new([version.ToString()], bytes, line)]);
    }

    /// <summary>The same with another line, or none, where the version's is.</summary>
    public IndexFile Replace(SemVersion version, Func<ReadOnlySpan<byte>, byte[]> change) => Has(version)
        ? new(Name, IsRestricted, _runs.Select(run => run.Replace(version, change)).ToValueList())
        : throw new InvalidOperationException($"a fact about {Name} {version}, which was never published");

    /// <summary>Whether there is a line of the version, whatever its build metadata.</summary>
    public bool Has(SemVersion version) => _runs.Any(run => run.Find(version) is not null);

    /// <summary>Whether it has a line of the version with exactly this text, and, where a checksum is given, with that one.</summary>
    public bool Lists(SemVersion version, Checksum? checksum = null)
    {
        var text = version.ToString();
        if (_runs.FirstOrDefault(each => each.Versions.Contains(text)) is not { } run)
        {
            return false;
        }

        if (checksum is null)
        {
            return true;
        }

        // Lines are not kept: unpacked they can be large, and hardly anything asks.
        var lines = run.Lines.AsSpan();
        var line = lines[lines.IndexOf(Encoding.UTF8.GetBytes($"\"vers\":\"{text}\","))..];
        return line[..line.IndexOf((byte)'\n')].IndexOf(Encoding.UTF8.GetBytes($"\"cksum\":\"{checksum}\"")) >= 0;
    }

    /// <summary>Reads a stored file.</summary>
    public static IndexFile Parse(Document document)
    {
        var (json, last) = Sections.Split(document.Body);
        var stored = JsonSerializer.Deserialize(json.Span, ViewJson.Default.StoredIndex)!;
        return new(
            stored.Name,
            stored.IsRestricted,
            stored.Runs.Select((run, i) => new IndexRun(run, i < document.Parts.Count ? document.Parts[i] : new(last))).ToValueList());
    }

    /// <summary>The form that is stored: JSON after its length (32 bits, little endian), then the piece of the last run; those of the others are <see cref="ToParts"/>.</summary>
    public byte[] ToBytes() => Sections.Join(
        JsonSerializer.SerializeToUtf8Bytes(new(Name, IsRestricted, _runs.Select(run => run.Stored).ToValueList()), ViewJson.Default.StoredIndex),
        _runs.TakeLast(1).Select(run => run.Piece));

    /// <summary>The pieces of all runs but the last.</summary>
    public IReadOnlyList<DocumentPart> ToParts() => [.. _runs.Take(_runs.Count - 1).Select(run => run.Part)];

    private List<ReadOnlyMemory<byte>> ToGzip()
    {
        var (crc, length) = (0u, 0L);
        foreach (var run in _runs.Select(run => run.Stored))
        {
            (crc, length) = (GzipPieces.Join(crc, run.Crc, run.Length), length + run.Length);
        }

        List<ReadOnlyMemory<byte>> pieces =
            length == 0 ? [] : [GzipPieces.Header, .. _runs.Select(run => run.Piece).Where(piece => !piece.IsEmpty), GzipPieces.Trailer(crc, length)];
        if (pieces.Sum(piece => (long)piece.Length) > ShortGzip)
        {
            return pieces;
        }

        return length == 0 ? [] : [Sections.Join(pieces)];
    }
}

/// <summary>An index file, ready to be served: its lines, the same gzipped, and a strong ETag of each.</summary>
public interface IServedIndexFile
{
    /// <summary>The ETag with its quotes.</summary>
    string ETag { get; }

    /// <summary>The ETag of the gzipped form: another representation has another strong tag.</summary>
    string GzipETag { get; }

    /// <summary>How many bytes the lines have.</summary>
    long Length { get; }

    /// <summary>The lines, in pieces; unpacked when they are asked for, which cargo never does.</summary>
    IEnumerable<ReadOnlyMemory<byte>> Lines { get; }

    /// <summary>All lines.</summary>
    ReadOnlyMemory<byte> Body { get; }

    /// <summary>The lines, gzipped, in pieces; one piece for a short file.</summary>
    IReadOnlyList<ReadOnlyMemory<byte>> Gzip { get; }

    /// <summary>How many bytes the gzipped lines have.</summary>
    long GzipLength { get; }
}
