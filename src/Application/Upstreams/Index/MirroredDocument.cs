using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Domain;

namespace Raktar.Application.Upstreams.Index;

/// <summary>
/// A document of an upstream, an index file or <c>config.json</c>, as it came, byte for byte, or that there is none; and how long that is good for.
/// </summary>
public sealed class MirroredDocument : IServedIndexFile
{
    private static readonly Validators None = new(null, null);

    private readonly byte[] _gzip;

    /// <summary>The document as it is kept: <paramref name="gzip"/> unpacks to <paramref name="length"/> bytes with the checksum <paramref name="hash"/>.</summary>
    public MirroredDocument(byte[] gzip, long length, Checksum hash) => (_gzip, Length, Hash, ETag) = (gzip, length, hash, $"\"{hash.Hex[..32]}\"");

    private MirroredDocument(MirroredDocument same)
    {
        (_gzip, Length, Hash, ETag) = (same._gzip, same.Length, same.Hash, same.ETag);
        (IsMissing, Validators, CheckedAt, FreshUntil, NotBefore) = (same.IsMissing, same.Validators, same.CheckedAt, same.FreshUntil, same.NotBefore);
    }

    /// <summary>Whether the upstream has none.</summary>
    public bool IsMissing { get; init; }

    /// <summary>By what the upstream knows it.</summary>
    public Validators Validators { get; init; } = None;

    /// <summary>When the upstream last said that it is so.</summary>
    public DateTimeOffset CheckedAt { get; init; }

    /// <summary>Until when it is served without a question.</summary>
    public DateTimeOffset FreshUntil { get; init; }

    /// <summary>Before when the upstream is not asked again, because it just failed to answer.</summary>
    public DateTimeOffset NotBefore { get; init; }

    /// <summary>The checksum of the bytes as they came.</summary>
    public Checksum Hash { get; }

    /// <inheritdoc/>
    public string ETag { get; }

    /// <inheritdoc/>
    public string GzipETag => field ??= $"{ETag[..^1]}-gzip\"";

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public IEnumerable<ReadOnlyMemory<byte>> Lines => [Body];

    /// <summary>The bytes as they came; unpacked anew each time, since cargo takes the gzipped ones.</summary>
    public ReadOnlyMemory<byte> Body => Log.Gzip.Expand(_gzip);

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<byte>> Gzip => field ??= [_gzip];

    /// <inheritdoc/>
    public long GzipLength => _gzip.Length;

    /// <summary>What came just now.</summary>
    public static MirroredDocument Of(ReadOnlySpan<byte> body, Checksum hash) => new(Log.Gzip.Compress(body), body.Length, hash);

    /// <summary>That there is none.</summary>
    public static MirroredDocument Missing(DateTimeOffset now, TimeSpan maxAge) =>
        new([], 0, Checksum.Zero) { IsMissing = true, CheckedAt = now, FreshUntil = now + maxAge };

    /// <summary>The same, of which the upstream says that it is so at <paramref name="now"/>.</summary>
    public MirroredDocument Checked(DateTimeOffset now, TimeSpan maxAge, Validators validators) =>
        new(this) { CheckedAt = now, FreshUntil = now + maxAge, NotBefore = default, Validators = validators };

    /// <summary>The same, while the upstream is left alone.</summary>
    public MirroredDocument AfterFailure(DateTimeOffset notBefore) => new(this) { NotBefore = notBefore };
}
