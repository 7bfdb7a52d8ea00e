using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Raktar.Application.Crates.Files;
using Raktar.Application.Ports;
using Raktar.Application.Upstreams.Index;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Upstreams.CrateFiles;

/// <summary>A crate file: kept here, or still <paramref name="Arriving"/>, joined for the caller, who must read it or leave.</summary>
public sealed record MirroredCrateFile(Checksum Checksum, CrateFile? Kept, CrateFileFetch? Arriving);

/// <summary>
/// The crate files of an upstream: each fetched once, when somebody first asks for it, by one request however many wait, and kept once it has the checksum that
/// the index line promises. Other bytes are kept apart.
/// </summary>
public sealed class MirroredCrateFiles(
    Upstream upstream, IUpstreamSource source, UpstreamGate gate, MirroredIndex index, IBlobStore blobs, TimeProvider time, ILogger log)
    : IDisposable
{
    private const long MostBytes = 512L * 1024 * 1024;

    // An upstream that sends something else each time must not fill the disk.
    private const int MostEvidence = 100;
    private const int MostFetches = 32;

    // Cargo asks for what failed three times more.
    private static readonly TimeSpan WrongRemembered = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<BlobKey, CrateFileFetch> _arriving = new();
    private readonly ConcurrentDictionary<BlobKey, DateTimeOffset> _wrong = new();
    private readonly SemaphoreSlim _fetches = new(MostFetches);
    private int _wrongFiles;

    /// <summary>How often a crate file had another checksum than its index line's, since this process began.</summary>
    public int WrongFiles => _wrongFiles;

    /// <summary>Opens a crate file, or begins to fetch it.</summary>
    public async Task<Outcome<MirroredCrateFile>> Open(CrateName crate, SemVersion version, Checksum? checksum, CancellationToken cancellationToken)
    {
        if (checksum is not null && await Kept(crate, version, checksum, cancellationToken) is { } kept)
        {
            return kept;
        }

        var found = await Line(crate, version, checksum, cancellationToken);
        if (found.Refusal is { } refusal)
        {
            return refusal;
        }

        var line = found.Value;
        var key = BlobKey.UpstreamCrateFile(upstream.Name, crate, version, line.Checksum);
        while (true)
        {
            // Again, because its fetch may have ended just now; and by the checksum that was looked up.
            if (await Kept(crate, version, line.Checksum, cancellationToken) is { } known)
            {
                return known;
            }

            if (upstream.Offline)
            {
                return new NeverFetched(crate, upstream.Name);
            }

            if (_wrong.TryGetValue(key, out var at) && time.GetUtcNow() - at < WrongRemembered)
            {
                throw Wrongly(line);
            }

            var arriving = Arriving(key, line);
            if (!arriving.Join())
            {
                await arriving.Ended.WaitAsync(cancellationToken);
                continue;
            }

            // Where the store gives links, the file is read there, once it is there.
            if (blobs.Link(key) is null)
            {
                return new MirroredCrateFile(line.Checksum, null, arriving);
            }

            await arriving.Leave();
            await arriving.Kept(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _fetches.Dispose();

    private CrateFileFetch Arriving(BlobKey key, IndexLine line)
    {
        var fetch = new CrateFileFetch { Checksum = line.Checksum };
        var arriving = _arriving.GetOrAdd(key, fetch);
        if (arriving == fetch)
        {
            _ = Task.Run(() => Fetch(key, line, fetch), CancellationToken.None);
        }

        return arriving;
    }

    private async Task<MirroredCrateFile?> Kept(CrateName crate, SemVersion version, Checksum checksum, CancellationToken cancellationToken)
    {
        var key = BlobKey.UpstreamCrateFile(upstream.Name, crate, version, checksum);
        if (await blobs.Open(key, cancellationToken) is not { } content)
        {
            return null;
        }

        if (blobs.Link(key) is not { } link)
        {
            return new(checksum, new CrateFile(checksum, null, content), null);
        }

        await content.DisposeAsync();
        return new(checksum, new CrateFile(checksum, link, null), null);
    }

    /// <summary>The version's line in the index, asked anew where the copy that is served does not have it yet.</summary>
    private async Task<Outcome<IndexLine>> Line(CrateName crate, SemVersion version, Checksum? checksum, CancellationToken cancellationToken)
    {
        if (await index.Find(crate.Lower, cancellationToken) is not { } file)
        {
            return new NeverFetched(crate, upstream.Name);
        }

        if (In(file) is { } line)
        {
            return line;
        }

        file = await index.FindNewer(crate.Lower, file, cancellationToken);
        return In(file) is { } newer ? newer
            : file.IsStale && !upstream.Offline ? throw new UpstreamFailedException(gate.Problem ?? $"`{upstream}` cannot be asked for `{crate}` {version} now")
            : file.Document.IsMissing ? new NoSuchUpstreamCrate(crate, upstream.Name)
            : new NoSuchUpstreamVersion(crate, version, upstream.Name);

        IndexLine? In(Mirrored mirrored) =>
            mirrored.Document.IsMissing ? null : IndexLines.Find(crate.Lower, mirrored.Document.Body.Span, version.ToString(), checksum);
    }

    private async Task Fetch(BlobKey key, IndexLine line, CrateFileFetch fetch)
    {
        await _fetches.WaitAsync();
        try
        {
            await fetch.Run(blobs, key, () => OpenUpstream(line), actual => TakeForWrong(key, line, actual), MostBytes);
            _wrong.TryRemove(key, out _);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "{Crate} {Version} could not be fetched from `{Upstream}`", line.Name, line.Version, upstream.Name);
        }
        finally
        {
            _arriving.TryRemove(key, out _);
            _fetches.Release();
            fetch.End();
        }
    }

    private async Task<UpstreamFile> OpenUpstream(IndexLine line)
    {
        if (await index.Find(MirroredIndex.Config, CancellationToken.None) is not { } config || !RegistryConfig.TryRead(config.Document.Body, out var registry))
        {
            throw new UpstreamFailedException($"where `{upstream}` has its crate files is not known");
        }

        return registry.AddressOf(line) is { } address
            ? await gate.Ask("crate file", limit => source.Open(upstream, address, limit))
            : throw new UpstreamFailedException($"no address comes of what `{upstream}` says of its crate files") { IsWrong = true };
    }

    private (BlobKey? Evidence, Exception Failure) TakeForWrong(BlobKey key, IndexLine line, Checksum actual)
    {
        if (_wrong.Count >= MostEvidence)
        {
            _wrong.Clear();
        }

        _wrong[key] = time.GetUtcNow();
        UpstreamMetrics.WrongCrateFile(upstream);
        log.LogError(
            "`{Upstream}` sent other bytes for {Crate} {Version} than its index promises: {Actual} instead of {Promised}",
            upstream.Name,
            line.Name,
            line.Version,
            actual,
            line.Checksum);
        var isKept = Interlocked.Increment(ref _wrongFiles) <= MostEvidence;
        return (isKept ? BlobKey.UpstreamEvidence(upstream.Name, CrateName.Parse(line.Name), SemVersion.Parse(line.Version), actual) : null, Wrongly(line));
    }

    private UpstreamFailedException Wrongly(IndexLine line) =>
        new($"what `{upstream}` sends for `{line.Name}` {line.Version} has another checksum than its index promises; it is kept apart, and given to nobody")
        {
            IsWrong = true,
        };
}
