using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Raktar.Application.Ports;
using Raktar.Application.Upstreams.CrateFiles;
using Raktar.Application.Upstreams.Index;

namespace Raktar.Application.Upstreams.Serving;

/// <summary>The upstreams that are mirrored here.</summary>
public sealed class Mirrors : IDisposable
{
    private readonly FrozenDictionary<string, Mirror> _mirrors;

    /// <summary>A mirror of each of them.</summary>
    public Mirrors(
        IEnumerable<Upstream> upstreams, IUpstreamSource source, IAsideStore aside, IBlobStore blobs, TimeProvider time, ILoggerFactory logs)
    {
        var log = logs.CreateLogger<Mirrors>();
        _mirrors = upstreams.Select(MirrorOf).ToFrozenDictionary(mirror => mirror.Upstream.Name, StringComparer.Ordinal);

        Mirror MirrorOf(Upstream upstream)
        {
            var gate = new UpstreamGate(upstream, time, log);
            var index = new MirroredIndex(upstream, source, gate, aside, blobs, time, log);
            return new(upstream, gate, index, new(upstream, source, gate, index, blobs, time, log));
        }
    }

    /// <summary>All of them, by name.</summary>
    public IEnumerable<Mirror> All => _mirrors.Values.OrderBy(mirror => mirror.Upstream.Name, StringComparer.Ordinal);

    /// <summary>The mirror of an upstream that is in the settings.</summary>
    public Mirror this[string upstream] => _mirrors[upstream];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var mirror in _mirrors.Values)
        {
            mirror.Index.Dispose();
            mirror.CrateFiles.Dispose();
        }
    }
}

/// <summary>An upstream, and what is kept of it.</summary>
public sealed record Mirror(Upstream Upstream, UpstreamGate Gate, MirroredIndex Index, MirroredCrateFiles CrateFiles);
