using Raktar.LocalIssuer;

namespace Raktar.Running;

/// <summary>One registry per protocol for all specs that need nothing special: a start costs more than most specs. They use names of their own.</summary>
internal static class Registries
{
    private static readonly Lazy<Task<RunningRegistry>> Clear = new(() => RunningRegistry.Start(Protocols.Http1, wired: false, NoThrottle));
    private static readonly Lazy<Task<RunningRegistry>> Tls = new(() => RunningRegistry.Start(Protocols.Http2, wired: false, NoThrottle));
    private static readonly Lazy<Task<RunningRegistry>> OpenClear = new(() => RunningRegistry.Start(Protocols.Http1, wired: false, Open));
    private static readonly Lazy<Task<RunningRegistry>> OpenTls = new(() => RunningRegistry.Start(Protocols.Http2, wired: false, Open));
    private static int _last;

    /// <summary>No limit on failed authentications: specs with bad tokens all come from one address.</summary>
    public static (string, string) NoThrottle => ("Raktar__RateLimits__FailedAuthenticationsPerMinute", "0");

    private static (string, string) Open => ("Raktar__Public", "true");

    /// <summary>Private, as it is without settings.</summary>
    public static Task<RunningRegistry> Shared(string protocol = Protocols.Http1) => protocol == Protocols.Http2 || Edition.IsAws ? Tls.Value : Clear.Value;

    /// <summary>Open to readers.</summary>
    public static Task<RunningRegistry> Public(string protocol) => protocol == Protocols.Http2 ? OpenTls.Value : OpenClear.Value;

    /// <summary>Settings of a registry at this address that the identity provider knows: its <c>devs</c> publish, as the team <c>platform</c>.</summary>
    public static async Task<(string Name, string Value)[]> WithProvider(string url)
    {
        var provider = await IdentityProvider.Start();
        var (id, secret) = await provider.Register($"{url}/login/callback");
        return
        [
            ("Raktar__Oidc__Authority", provider.Url),
            ("Raktar__Oidc__ClientId", id),
            ("Raktar__Oidc__ClientSecret", secret),
            ("Raktar__Oidc__Roles", "devs=publisher"),
            ("Raktar__Oidc__Teams", "devs=platform"),
        ];
    }

    /// <summary>A crate name that no other spec uses.</summary>
    public static string Name(string word) => $"{word}-{Interlocked.Increment(ref _last)}";
}
