using System.Buffers;
using Raktar.Application.Publishing.Archives;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;

namespace Raktar.Application.Publishing.CrateFiles;

/// <summary>
/// Walks a tar archive to its last byte. What different readers take differently (disagreeing sizes, two names for an entry, bytes behind
/// the end) is refused: such files show one content to a reviewer and another to cargo (CVE-2025-62518, CVE-2026-33055).
/// </summary>
internal sealed class TarWalk(InflatedReader bytes, CrateContents contents, PublishLimits limits)
{
    private PaxRecords? _pax;
    private byte[]? _longName;

    public async ValueTask<Refusal?> Run(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await bytes.Fill(TarHeader.BlockBytes, cancellationToken) is { } refusal)
            {
                return refusal;
            }

            if (bytes.Available.Length < TarHeader.BlockBytes)
            {
                return Invalid("it ends without an end marker");
            }

            var block = bytes.Available[..TarHeader.BlockBytes];
            if (!block.ContainsAnyExcept((byte)0))
            {
                return await End(cancellationToken);
            }

            if (TarHeader.Read(block, out var header) is { } problem)
            {
                return Invalid(problem);
            }

            bytes.Take(TarHeader.BlockBytes);
            refusal = header.Type is 'x' or 'L' ? await ReadExtension(header, cancellationToken) : await ReadEntry(header, cancellationToken);
            if (refusal is not null)
            {
                return refusal;
            }
        }
    }

    private static InvalidInput Invalid(string problem) => new($"crate file is not a valid tar archive: {problem}");

    /// <summary>Reads a pax header or a GNU long name, which belong to the entry that follows.</summary>
    private async ValueTask<Refusal?> ReadExtension(TarHeader header, CancellationToken cancellationToken)
    {
        if (header.Size > limits.ExtendedHeaderBytes)
        {
            return new InvalidInput($"an extended header is {header.Size} bytes (max {limits.ExtendedHeaderBytes})");
        }

        if (header.Type == 'x' ? _pax is not null : _longName is not null)
        {
            return Invalid("an entry has two extended headers of a kind");
        }

        var content = new ArrayBufferWriter<byte>();
        if (await ReadContent(header.Size, content.Write, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (header.Type == 'L')
        {
            // GNU ends the name with a NUL.
            var name = content.WrittenSpan;
            _longName = (name is [.., 0] ? name[..^1] : name).ToArray();
            return null;
        }

        return PaxRecords.Read(content.WrittenSpan, out _pax) is { } problem ? Invalid(problem) : null;
    }

    private async ValueTask<Refusal?> ReadEntry(TarHeader header, CancellationToken cancellationToken)
    {
        if (_longName is not null && _pax?.Path is not null)
        {
            return Invalid($"entry {Quote.Of(_longName)} is named twice");
        }

        var entry = header with { Path = _longName ?? _pax?.Path ?? header.Path };
        if (_pax?.Size is { } size && size != (ulong)header.Size)
        {
            return new InvalidInput($"conflicting sizes for {Quote.Of(entry.Path)}");
        }

        (_pax, _longName) = (null, null);
        return contents.Admit(entry) ?? await ReadContent(header.Size, contents.Write, cancellationToken) ?? contents.End();
    }

    /// <summary>Reads a header's content and its padding, and hands the content over.</summary>
    private async ValueTask<Refusal?> ReadContent(long size, Action<ReadOnlySpan<byte>> take, CancellationToken cancellationToken)
    {
        var padded = (size + TarHeader.BlockBytes - 1) / TarHeader.BlockBytes * TarHeader.BlockBytes;
        for (var at = 0L; at < padded;)
        {
            if (await bytes.Fill(1, cancellationToken) is { } refusal)
            {
                return refusal;
            }

            if (bytes.Available.IsEmpty)
            {
                return Invalid("it ends inside an entry");
            }

            var count = (int)Math.Min(padded - at, bytes.Available.Length);
            if (at < size)
            {
                take(bytes.Available[..(int)Math.Min(size - at, count)]);
            }

            bytes.Take(count);
            at += count;
        }

        return null;
    }

    /// <summary>The archive ends with two zero blocks; behind them writers may pad with zeros. A second archive could hide there.</summary>
    private async ValueTask<Refusal?> End(CancellationToken cancellationToken)
    {
        if (_pax is not null || _longName is not null)
        {
            return Invalid("an extended header has no entry");
        }

        var zeros = 0L;
        while (true)
        {
            if (await bytes.Fill(1, cancellationToken) is { } refusal)
            {
                return refusal;
            }

            if (bytes.Available.IsEmpty)
            {
                return zeros < 2 * TarHeader.BlockBytes ? Invalid("it ends without an end marker") : null;
            }

            if (bytes.Available.ContainsAnyExcept((byte)0))
            {
                return Invalid("its end marker is followed by other bytes");
            }

            zeros += bytes.Available.Length;
            bytes.Take(bytes.Available.Length);
        }
    }
}
