using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>
/// Some lines of an index file that follow each other, and their piece of the gzipped file. The piece is made when it is asked for, and then the lines are no
/// longer kept.
/// </summary>
public sealed class IndexRun
{
    private static readonly DocumentPart Nothing = new(default);

    private byte[]? _lines;
    private StoredIndexRun? _stored;
    private DocumentPart _part = Nothing;

    /// <summary>Lines, each with its newline, the version of each, and how many bytes of the log they stand for.</summary>
    public IndexRun(ValueList<string> versions, long bytes, byte[] lines) => (Versions, Bytes, Length, _lines) = (versions, bytes, lines.Length, lines);

    /// <summary>A run that was stored.</summary>
    internal IndexRun(StoredIndexRun stored, DocumentPart part) =>
        (Versions, Bytes, Length, _part, _stored) = (stored.Versions, stored.Bytes, stored.Length, part, stored);

    /// <summary>The version of each line, as it is written there.</summary>
    public ValueList<string> Versions { get; }

    /// <summary>How many bytes the log has of the lines, also of those that are gone.</summary>
    public long Bytes { get; }

    /// <summary>How many bytes the lines have.</summary>
    public int Length { get; }

    /// <summary>The lines.</summary>
    public byte[] Lines => Volatile.Read(ref _lines) ?? GzipPieces.Inflate(_part.Bytes, Length);

    /// <summary>The piece of them, as it is stored; nothing for no lines.</summary>
    public DocumentPart Part => Stored is null ? Nothing : _part;

    /// <summary>The bytes of the piece.</summary>
    public ReadOnlyMemory<byte> Piece => Part.Bytes;

    /// <summary>What is stored beside the piece.</summary>
    internal StoredIndexRun Stored => Volatile.Read(ref _stored) ?? Pack();

    /// <summary>The same with one more line.</summary>
    public IndexRun Add(SemVersion version, ReadOnlySpan<byte> line, long bytes) =>
        new([.. Versions, version.ToString()], Bytes + bytes, [.. Lines, .. line]);

    /// <summary>The same with the lines of the run that follows.</summary>
    public IndexRun With(IndexRun next) => new([.. Versions, .. next.Versions], Bytes + next.Bytes, [.. Lines, .. next.Lines]);

    /// <summary>The same with another line, or none, where the version's is; itself where it has none.</summary>
    public IndexRun Replace(SemVersion version, Func<ReadOnlySpan<byte>, byte[]> change)
    {
        if (Find(version) is not { } number)
        {
            return this;
        }

        var (lines, start) = (Lines, 0);
        for (var i = 0; i < number; i++)
        {
            start += lines.AsSpan(start).IndexOf((byte)'\n') + 1;
        }

        var end = start + lines.AsSpan(start).IndexOf((byte)'\n') + 1;
        var line = change(lines.AsSpan(start..end));
        return new(line.Length > 0 ? Versions : [.. Versions.Where((_, i) => i != number)], Bytes, [.. lines.AsSpan(..start), .. line, .. lines.AsSpan(end..)]);
    }

    /// <summary>At which place the version's line is; null: nowhere.</summary>
    public int? Find(SemVersion version)
    {
        foreach (var (i, text) in Versions.Index())
        {
            if (SemVersion.Parse(text) == version)
            {
                return i;
            }
        }

        return null;
    }

    private StoredIndexRun Pack()
    {
        if (Volatile.Read(ref _lines) is not { } lines)
        {
            // Another reader was faster.
            return _stored!;
        }

        // Half a SHA-256 tells lines apart as well as a whole one.
        var stored = new StoredIndexRun(Versions, Bytes, Length, GzipPieces.Crc(lines), Checksum.Of(lines).Hex[..32]);
        _part = lines.Length == 0 ? Nothing : new(GzipPieces.Deflate(lines));
        Volatile.Write(ref _stored, stored);
        Volatile.Write(ref _lines, null);
        return stored;
    }
}

/// <summary>What is stored of a run beside its piece: the versions, bytes of the log, and length, checksum (gzip's) and hash of the lines.</summary>
internal sealed record StoredIndexRun(ValueList<string> Versions, long Bytes, int Length, uint Crc, string Hash);

/// <summary>An index file as stored, but for the pieces of its runs.</summary>
internal sealed record StoredIndex(string Name, bool IsRestricted, ValueList<StoredIndexRun> Runs);
