using MediatR;
using Microsoft.Extensions.Caching.Memory;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Files;

/// <summary>
/// Which files a version's crate file has, for <paramref name="By"/> (null: somebody unknown), when the version was there <paramref name="At"/> some time.
/// </summary>
public sealed record GetCrateFiles(CrateName Crate, SemVersion Version, Requester? By, DateTimeOffset? At = null) : IRequest<Outcome<CrateFiles>>;

/// <summary>Files by path. Not <paramref name="IsWhole"/>: the crate file is so large that not all of it was looked at.</summary>
public sealed record CrateFiles(IReadOnlyList<FileInCrate> Files, bool IsWhole)
{
    private HashSet<string>? _paths;

    /// <summary>Whether there is a file at exactly this path.</summary>
    public bool Has(string path) => (_paths ??= Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal)).Contains(path);
}

/// <summary>A file: its path from the crate's folder, and its size in bytes.</summary>
public sealed record FileInCrate(string Path, long Size);

/// <summary>Keeps lists in memory: pages ask for the same ones again, and a crate file never changes.</summary>
internal sealed class GetCrateFilesHandler(ShownCrates crates, IBlobStore blobs) : IRequestHandler<GetCrateFiles, Outcome<CrateFiles>>, IDisposable
{
    private const long CacheBytes = 16 * 1024 * 1024;

    private readonly MemoryCache _lists = new(new MemoryCacheOptions { SizeLimit = CacheBytes });

    public async Task<Outcome<CrateFiles>> Handle(GetCrateFiles query, CancellationToken cancellationToken)
    {
        var found = await crates.Find(query.Crate, query.Version, query.By, query.At, cancellationToken);
        if (found.Refusal is { } refusal)
        {
            return refusal;
        }

        var (crate, version) = found.Value;
        if (_lists.TryGetValue(version.Checksum, out CrateFiles? known))
        {
            return known!;
        }

        await using var blob = await blobs.Open(BlobKey.CrateFile(crate.Name, version.Version, version.Checksum), cancellationToken);
        if (blob is null)
        {
            return new NoSuchVersion(crate.Name.Text, version.Version.ToString());
        }

        var (files, isWhole) = (new List<FileInCrate>(), true);
        await foreach (var file in CrateArchive.Files(blob, $"{crate.Name}-{version.Version}", cancellationToken))
        {
            isWhole = file is not null;
            if (file is { Path: var path, Entry.Length: var size })
            {
                files.Add(new(path, size));
            }
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        var list = new CrateFiles(files, isWhole);
        // Each path is there once as text and once in a set.
        _lists.Set(version.Checksum, list, new MemoryCacheEntryOptions { Size = 200 + files.Sum(file => 150 + (2L * file.Path.Length)) });
        return list;
    }

    public void Dispose() => _lists.Dispose();
}
