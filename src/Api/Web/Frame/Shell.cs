using Microsoft.AspNetCore.Components;
using Raktar.Api.Access;
using Raktar.Api.Settings;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Web.Frame;

/// <summary>What every page knows besides its own content: the registry, who looks, at which address, and when.</summary>
internal sealed record Shell(
    string Title, RaktarOptions Options, Caller? Viewer, SignedIn? Session, bool IsOpen, string Path, string? Query, DateTimeOffset Now)
{
    /// <summary>What a form of this page sends along, so that its request is known to come from it; empty without a session.</summary>
    public string FormKey => Session?.FormKey ?? string.Empty;

    /// <summary>Whether the viewer may manage the registry.</summary>
    public bool IsAdmin => Viewer is { IsAdmin: true };

    /// <summary>What people call the registry, and cargo's configuration too.</summary>
    public string RegistryName => Options.Policy.RegistryName ?? "raktar";

    /// <summary>The shell of a page that answers <paramref name="context"/>.</summary>
    public static Shell Of(HttpContext context, string title) => new(
        title,
        context.RequestServices.GetRequiredService<RaktarOptions>(),
        context.KnownCaller(),
        context.Items.TryGetValue(typeof(SignedIn), out var session) ? (SignedIn?)session : null,
        context.RequestServices.GetRequiredService<RaktarOptions>().Public || context.RequestServices.GetRequiredService<ReadingNetworks>().Include(context),
        context.Request.Path.Value ?? "/",
        context.Request.QueryString.Value,
        context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());

    /// <summary>The address of a page or form: <paramref name="path"/> begins with a slash. Under a proxy's path, that comes first.</summary>
    public string Url(string path) => Base + path;

    /// <summary>Whether the viewer may read anything at all: else the page shows nothing of the registry.</summary>
    public bool MayRead => Viewer is not null || IsOpen;

    /// <summary>Whether the viewer's role and token are good for this.</summary>
    public bool Can(TokenScope scope) => Viewer is { } viewer && viewer.Scopes.Contains(scope);

    private string Base => field ??= new Uri(Options.PublicUrl).AbsolutePath.TrimEnd('/');
}

/// <summary>What every component can see: the shell.</summary>
public abstract class PagePart : ComponentBase
{
    /// <summary>The page's shell.</summary>
    [CascadingParameter]
    internal Shell Shell { get; set; } = null!;
}
