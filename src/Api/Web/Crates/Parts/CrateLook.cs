using Raktar.Api.Http;
using Raktar.Api.Web.Frame;
using Raktar.Application.Crates.Views;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Api.Web.Crates.Parts;

/// <summary>
/// What all pages of a crate show: the crate, one version of it, and the time if it is not the present. <paramref name="IsPinned"/>: that version was asked for,
/// else it is the one to offer.
/// </summary>
public sealed record CrateLook(CrateDetails Crate, VersionDetails Version, bool IsPinned, AsOf? AsOf)
{
    /// <summary>
    /// Whether the crate that its owners advise to use instead is there for the viewer, so that the page leads to it. If not, its name is told as what they
    /// typed, which says nothing of whether there is one.
    /// </summary>
    public bool IsSuccessorShown { get; init; }

    /// <summary>The versions, the highest first.</summary>
    public IEnumerable<VersionDetails> Ordered => Crate.Versions.OrderByDescending(v => v.Version);

    /// <summary>A page of the crate, at the same time: <paramref name="page"/> is empty or begins with a slash.</summary>
    public string Path(string page = "") => $"/crates/{Crate.Name}{page}{AsOf?.Query}";

    /// <summary>A page of a version of it, at the same time.</summary>
    public string Path(SemVersion version, string page = "") => Path($"/{Uri.EscapeDataString(version.ToString())}{page}");

    /// <summary>A page of the version at hand, at the same time.</summary>
    public string VersionPath(string page = "") => Path(Version.Version, page);

    /// <summary>Whether the viewer may yank versions of it; nobody changes the past.</summary>
    internal bool MayYank(Shell shell) => AsOf is null && shell.Viewer is { } viewer && shell.Can(TokenScope.Yank)
        && (shell.IsAdmin || Crate.IsOwnedBy(viewer.Requester)) && viewer.Crates.Any(pattern => pattern.Covers(Crate.Name));

    /// <summary>Whether the viewer may advise against it: as for yanking.</summary>
    internal bool MayDeprecate(Shell shell) => MayYank(shell);

    /// <summary>Whether the viewer may see the crate's audit.</summary>
    internal bool MayAudit(Shell shell) => AsOf is null && shell.Viewer is { } viewer && (shell.IsAdmin || Crate.IsOwnedBy(viewer.Requester));

    /// <summary>Whether the viewer may delete versions.</summary>
    internal bool MayDelete(Shell shell) => AsOf is null && shell.IsAdmin;

    /// <summary>The view of a file of the version at hand; null for a path that no address can have, as an encoded percent sign is refused.</summary>
    public string? FilePath(string path) => path.Contains('%', StringComparison.Ordinal) || path.Contains('\ufffd', StringComparison.Ordinal)
        ? null
        : VersionPath($"/files/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");
}
