using MediatR;
using Microsoft.Extensions.Caching.Memory;
using Raktar.Api.Hosting;
using Raktar.Application;
using Raktar.Application.Crates;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Web;

/// <summary>READMEs as pages show them, kept in memory: one takes some milliseconds to make.</summary>
internal sealed class ReadmePages(IMediator sender, RaktarOptions options) : IDisposable
{
    private const long CacheBytes = 16 * 1024 * 1024;

    private readonly MemoryCache _made = new(new MemoryCacheOptions { SizeLimit = CacheBytes });

    /// <summary>The README of the version at hand; null when it has none. Links are made for a registry whose pages begin with <paramref name="root"/>.</summary>
    public async Task<ReadmeHtml?> Of(CrateLook look, Identity? viewer, string root, CancellationToken cancellationToken)
    {
        if (look.Version.Package.Readme is not { } readme)
        {
            return null;
        }

        var (crate, version, at) = (look.Crate.Name, look.Version.Version, look.AsOf?.At);
        // Its links have the version, and the time, in them.
        var key = (readme.Checksum, look.Version.Checksum, look.AsOf?.Text);
        if (_made.TryGetValue(key, out ReadmeHtml? known))
        {
            return known;
        }

        var text = await sender.Send(new GetReadme(crate, version, viewer, at), cancellationToken);
        if (text.Refusal is not null || text.Value.Length == 0)
        {
            return null;
        }

        var read = Readme.Read(readme.Path, text.Value);
        CrateFiles? files = null;
        if (read.HasRelativeLinks)
        {
            var listed = await sender.Send(new GetCrateFiles(crate, version, viewer, at), cancellationToken);
            files = listed.Refusal is null ? listed.Value : null;
        }

        var made = read.ToHtml(options.Web.ReadmeImages, link =>
            Readme.Resolve(readme.Path, link) is { } path && files?.Has(path) == true && look.FilePath(path) is { } page ? root + page : null);
        _made.Set(key, made, new MemoryCacheEntryOptions { Size = 500 + (2L * made.Html.Length) });
        return made;
    }

    /// <inheritdoc/>
    public void Dispose() => _made.Dispose();
}
