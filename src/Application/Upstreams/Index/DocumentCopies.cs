using System.Text.Json;
using System.Text.Json.Serialization;
using Raktar.Application.Ports;
using Raktar.Domain;

namespace Raktar.Application.Upstreams.Index;

/// <summary>
/// The last good copy of each document of an upstream: its bytes are a blob, and beside the log stands which one, with what the upstream knows it by. Bytes come
/// first, so whatever is interrupted leaves the copy before in place.
/// </summary>
internal sealed class DocumentCopies(Upstream upstream, IAsideStore aside, IBlobStore blobs)
{
    private readonly string _kind = $"upstream-{upstream.Name}";

    /// <summary>The copy, or null.</summary>
    public async Task<MirroredDocument?> Find(string name, CancellationToken cancellationToken)
    {
        if (await aside.Get(_kind, name, cancellationToken) is not { } value || JsonSerializer.Deserialize(value, CopyJson.Default.StoredCopy) is not { } stored)
        {
            return null;
        }

        if (stored.Gzip is not { } gzip)
        {
            return Timed(new([], 0, Checksum.Zero) { IsMissing = true });
        }

        await using var blob = await blobs.Open(BlobKey.UpstreamDocument(upstream.Name, name, Checksum.Parse(gzip)), cancellationToken);
        if (blob is null)
        {
            return null;
        }

        var bytes = new byte[blob.Length];
        await blob.ReadExactlyAsync(bytes, cancellationToken);
        return Timed(new(bytes, stored.Length, Checksum.Parse(stored.Hash!)) { Validators = new(stored.ETag, stored.LastModified) });

        MirroredDocument Timed(MirroredDocument document) => document.Checked(stored.CheckedAt, stored.FreshUntil - stored.CheckedAt, document.Validators);
    }

    /// <summary>Keeps a document in the place of the one before.</summary>
    public async Task Keep(string name, MirroredDocument document, MirroredDocument? before, CancellationToken cancellationToken)
    {
        var key = document.IsMissing ? (BlobKey?)null : KeyOf(name, document);
        var old = before is { IsMissing: false } ? KeyOf(name, before) : (BlobKey?)null;
        if (key is { } newer && newer != old)
        {
            await using var staged = await blobs.Stage(cancellationToken);
            await staged.Write(document.Gzip[0], cancellationToken);
            await staged.Keep(newer, cancellationToken);
        }

        var stored = new StoredCopy(
            key?.Checksum.Hex,
            key is null ? null : document.Hash.Hex,
            document.Length,
            document.Validators.ETag,
            document.Validators.LastModified,
            document.CheckedAt,
            document.FreshUntil);
        await aside.Put(_kind, name, JsonSerializer.SerializeToUtf8Bytes(stored, CopyJson.Default.StoredCopy), until: null, cancellationToken);
        // What upstream took away stays; what it replaced goes.
        if (key is not null && old is { } superseded && superseded != key)
        {
            await blobs.Remove(superseded, cancellationToken);
        }
    }

    private BlobKey KeyOf(string name, MirroredDocument document) =>
        BlobKey.UpstreamDocument(upstream.Name, name, Checksum.Of(document.Gzip[0].Span));
}

/// <summary>What is kept of a copy beside its bytes. Without <paramref name="Gzip"/>, the checksum of the blob, the upstream had none.</summary>
internal sealed record StoredCopy(
    string? Gzip, string? Hash, long Length, string? ETag, string? LastModified, DateTimeOffset CheckedAt, DateTimeOffset FreshUntil);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredCopy))]
internal sealed partial class CopyJson : JsonSerializerContext;
