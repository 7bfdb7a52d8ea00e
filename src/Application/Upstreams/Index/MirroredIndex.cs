using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Upstreams.Index;

/// <summary>A document, and whether it is only the last good copy, because the upstream could not be asked whether it still is so.</summary>
public readonly record struct Mirrored(MirroredDocument Document, bool IsStale);

/// <summary>
/// An upstream's index: each document served from memory while it is fresh, then after one question whether it has changed, however many wait for it. While the
/// upstream is in trouble the last good copy is served.
/// </summary>
public sealed class MirroredIndex : IDisposable
{
    /// <summary>The document that says where crate files are. No crate can be called so.</summary>
    public const string Config = "config.json";

    /// <summary>The largest document; the largest on crates.io has 18 MB.</summary>
    public const long MostBytes = 128 * 1024 * 1024;

    private const long RememberedBytes = 128 * 1024 * 1024;
    private const int Overhead = 512;

    // As index.crates.io says; where an upstream says nothing, too.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LeastFresh = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MostFresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan MissingFresh = TimeSpan.FromMinutes(5);

    // Who can be given the last good copy does not wait for longer; the question goes on.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);

    private readonly Upstream _upstream;
    private readonly IUpstreamSource _source;
    private readonly UpstreamGate _gate;
    private readonly DocumentCopies _copies;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly MemoryCache _memory = new(new MemoryCacheOptions { SizeLimit = RememberedBytes });
    private readonly ConcurrentDictionary<string, Lazy<Task<MirroredDocument>>> _asking = new(StringComparer.Ordinal);

    /// <summary>The index of an upstream.</summary>
    public MirroredIndex(Upstream upstream, IUpstreamSource source, UpstreamGate gate, IAsideStore aside, IBlobStore blobs, TimeProvider time, ILogger log) =>
        (_upstream, _source, _gate, _copies, _time, _log) = (upstream, source, gate, new(upstream, aside, blobs), time, log);

    /// <summary>
    /// The index file of a crate by its name in lower case, or <see cref="Config"/>. Null: it was never asked for, and the upstream is not asked any more. Nothing
    /// kept and no answer either is an <see cref="UpstreamFailedException"/>.
    /// </summary>
    public ValueTask<Mirrored?> Find(string name, CancellationToken cancellationToken)
    {
        // Every build waits for this: where nothing has to be waited for, nothing is.
        var known = _memory.Get<MirroredDocument>(name);
        return known is not null && _time.GetUtcNow() < known.FreshUntil ? new(new Mirrored(known, IsStale: false)) : new(Later(name, known, cancellationToken));
    }

    /// <summary>The same, asked anew, where <paramref name="than"/> is not enough; the upstream is not asked for one document twice in some seconds.</summary>
    public async Task<Mirrored> FindNewer(string name, Mirrored than, CancellationToken cancellationToken) =>
        _upstream.Offline || than.IsStale || _time.GetUtcNow() < than.Document.CheckedAt + LeastFresh
            ? than
            : await Ask(name, than.Document, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private async Task<Mirrored?> Later(string name, MirroredDocument? known, CancellationToken cancellationToken)
    {
        if (known is null && await _copies.Find(name, cancellationToken) is { } kept)
        {
            known = kept;
            Remember(name, kept);
        }

        if (_upstream.Offline)
        {
            return known is null ? null : new Mirrored(known, IsStale: true);
        }

        return known is not null && _time.GetUtcNow() < known.FreshUntil ? new Mirrored(known, IsStale: false) : await Ask(name, known, cancellationToken);
    }

    private async Task<Mirrored> Ask(string name, MirroredDocument? known, CancellationToken cancellationToken)
    {
        // That there was none once is no answer to give while nobody can say whether there is one now.
        if (known is null or { IsMissing: true })
        {
            return new(await Question(name, known).WaitAsync(cancellationToken), IsStale: false);
        }

        try
        {
            if (_time.GetUtcNow() >= known.NotBefore)
            {
                return new(await Question(name, known).WaitAsync(Patience, cancellationToken), IsStale: false);
            }
        }
        catch (Exception e) when (e is UpstreamFailedException or TimeoutException)
        {
            // The gate has said so.
        }

        UpstreamMetrics.ServedStale(_upstream);
        return new(known, IsStale: true);
    }

    private Task<MirroredDocument> Question(string name, MirroredDocument? known) =>
        _asking.GetOrAdd(name, _ => new(() => Task.Run(() => Refresh(name, known), CancellationToken.None))).Value;

    private async Task<MirroredDocument> Refresh(string name, MirroredDocument? known)
    {
        try
        {
            // Somebody may have asked, and have been answered, since the caller looked.
            if (_memory.Get<MirroredDocument>(name) is { } current && current != known)
            {
                if (_time.GetUtcNow() < current.FreshUntil)
                {
                    return current;
                }

                known = current;
            }

            var path = name == Config ? Config : CrateName.Parse(name).IndexPath;
            var validators = known is { IsMissing: false } ? known.Validators : null;
            var answer = await _gate.Ask("index", limit => _source.Read(_upstream, new(_upstream.Index, path), validators, MostBytes, limit));
            var document = Take(name, known, answer);
            Remember(name, document);
            await Keep(name, document, known);
            return document;
        }
        catch (UpstreamFailedException) when (known is not null)
        {
            Remember(name, known.AfterFailure(_time.GetUtcNow() + AfterFailure));
            throw;
        }
        finally
        {
            _asking.TryRemove(name, out _);
        }
    }

    private MirroredDocument Take(string name, MirroredDocument? known, UpstreamAnswer answer)
    {
        var now = _time.GetUtcNow();
        if (answer.Says == UpstreamSays.Missing)
        {
            // Without its configuration there is no upstream, so that is no answer.
            return name == Config ? throw NotWhatWasAsked(name) : MirroredDocument.Missing(now, MissingFresh);
        }

        var maxAge = TimeSpan.FromTicks(Math.Clamp((answer.MaxAge ?? Fresh).Ticks, LeastFresh.Ticks, MostFresh.Ticks));
        if (answer.Says == UpstreamSays.Unchanged)
        {
            return known!.Checked(now, maxAge, known.Validators);
        }

        // An upstream without validators sends it whole each time: what tells whether it has changed are its bytes.
        var hash = Checksum.Of(answer.Body.Span);
        if (known is { IsMissing: false } && known.Hash == hash)
        {
            return known.Checked(now, maxAge, answer.Validators);
        }

        var isGood = name == Config ? RegistryConfig.TryRead(answer.Body, out _) : IndexLines.AreOf(name, answer.Body.Span);
        return isGood ? MirroredDocument.Of(answer.Body.Span, hash).Checked(now, maxAge, answer.Validators) : throw NotWhatWasAsked(name);
    }

    private UpstreamFailedException NotWhatWasAsked(string name) => new(
        name == Config ? $"what `{_upstream}` answers is not a registry's `{Config}`" : $"what `{_upstream}` answers is not the index file of `{name}`");

    private void Remember(string name, MirroredDocument document) =>
        _memory.Set(name, document, new MemoryCacheEntryOptions { Size = document.GzipLength + Overhead });

    private async Task Keep(string name, MirroredDocument document, MirroredDocument? known)
    {
        // Anybody can ask for names that there never were.
        if (document.IsMissing && known is null or { IsMissing: true })
        {
            return;
        }

        try
        {
            await _copies.Keep(name, document, known, CancellationToken.None);
        }
        catch (StoreUnavailableException e)
        {
            // It is served all the same, and kept the next time.
            _log.LogError(e, "What `{Upstream}` says of {Name} could not be kept", _upstream.Name, name);
        }
    }
}
