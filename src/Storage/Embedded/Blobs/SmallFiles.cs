using Microsoft.Extensions.Caching.Memory;

namespace Raktar.Storage.Embedded.Blobs;

/// <summary>
/// The bytes of small files that were read lately: two crate files of three are that small, and a fleet of CI machines reads the same few hundred of them.
/// Opening, reading and closing one costs more than sending it.
/// </summary>
internal sealed class SmallFiles : IDisposable
{
    private const int MostBytes = 64 * 1024;
    private const int CacheBytes = 16 * 1024 * 1024;

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = CacheBytes });

    /// <summary>The bytes of a file; null: it is not a small one. Another file under its name is seen by its time or length. None is a <see cref="FileNotFoundException"/>.</summary>
    public Stream? Find(FileInfo file)
    {
        if (file.Length > MostBytes)
        {
            return null;
        }

        if (!_kept.TryGetValue(file.FullName, out Kept? kept) || kept!.Written != file.LastWriteTimeUtc || kept.Bytes.Length != file.Length)
        {
            kept = new(file.LastWriteTimeUtc, File.ReadAllBytes(file.FullName));
            _kept.Set(file.FullName, kept, new MemoryCacheEntryOptions { Size = kept.Bytes.Length });
        }

        return new MemoryStream(kept.Bytes, 0, kept.Bytes.Length, writable: false, publiclyVisible: true);
    }

    public void Dispose() => _kept.Dispose();

    private sealed record Kept(DateTime Written, byte[] Bytes);
}
