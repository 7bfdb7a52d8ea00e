using MediatR;
using Microsoft.Extensions.Caching.Memory;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Api.Web.Crates.Parts;
using Raktar.Api.Web.Readmes;
using Raktar.Application.Crates.Files;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Web.Crates;

/// <summary>
/// READMEs as pages show them, kept in memory. What is kept depends on the README and the version alone: the time that a page is asked for, of which there are as many
/// as somebody likes, is put into the links when the page is written.
/// </summary>
internal sealed class ReadmePages(IMediator sender, RaktarOptions options) : IDisposable
{
    private const long CacheBytes = 16 * 1024 * 1024;

    /// <summary>Longer paths of READMEs are refused; old logs may have them.</summary>
    private const int MaxPathLength = 1024;

    /// <summary>Stands in links where the time comes: no README has it, see <see cref="Readme.Read"/>.</summary>
    private const char Time = '\0';

    private readonly MemoryCache _made = new(new MemoryCacheOptions { SizeLimit = CacheBytes });

    // Several READMEs may share a gate: what one takes is bounded.
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <summary>The README of the version at hand; null when it has none. Links are made for a registry whose pages begin with <paramref name="root"/>.</summary>
    public async Task<ReadmeHtml?> Of(CrateLook look, Requester? viewer, string root, CancellationToken cancellationToken)
    {
        if (look.Version.Package.Readme is not { } readme)
        {
            return null;
        }

        var key = (readme.Checksum, look.Version.Checksum);
        if (!_made.TryGetValue(key, out ReadmeHtml? made))
        {
            // Whoever comes while one is made waits for it; if its maker leaves, the next makes it.
            var gate = _gates[(uint)key.GetHashCode() % _gates.Length];
            await gate.WaitAsync(cancellationToken);
            try
            {
                made = _made.TryGetValue(key, out ReadmeHtml? known) ? known : await Make(look, viewer, root, cancellationToken);
                if (made is not null)
                {
                    _made.Set(key, made, new MemoryCacheEntryOptions { Size = 500 + (2L * made.Html.Length) });
                }
            }
            finally
            {
                gate.Release();
            }
        }

        return made is null ? null : made with { Html = made.Html.Replace(Time.ToString(), look.AsOf?.Query, StringComparison.Ordinal) };
    }

    private async Task<ReadmeHtml?> Make(CrateLook look, Requester? viewer, string root, CancellationToken cancellationToken)
    {
        var (crate, version, readme, at) = (look.Crate.Name, look.Version.Version, look.Version.Package.Readme!, look.AsOf?.At);
        var text = await sender.Send(new GetReadme(crate, version, viewer, at), cancellationToken);
        if (text.Refusal is not null || text.Value.Length == 0)
        {
            return null;
        }

        var read = Readme.Read(readme.Path, text.Value, cancellationToken);
        CrateFiles? files = null;
        if (read.HasRelativeLinks && readme.Path.Length <= MaxPathLength)
        {
            var listed = await sender.Send(new GetCrateFiles(crate, version, viewer, at), cancellationToken);
            files = listed.Refusal is null ? listed.Value : null;
        }

        var folder = files is null ? [] : Readme.FolderOf(readme.Path);
        var timeless = look with { AsOf = null };
        return read.ToHtml(options.Web.ReadmeImages, FileUrl, cancellationToken);

        string? FileUrl(string link) => files is not null && Readme.Resolve(folder, link) is { } path && files.Has(path) && timeless.FilePath(path) is { } page
            ? root + page + Time
            : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _made.Dispose();
        foreach (var gate in _gates)
        {
            gate.Dispose();
        }
    }
}
