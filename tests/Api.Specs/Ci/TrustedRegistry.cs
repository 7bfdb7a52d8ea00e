using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.LocalIssuer;
using Raktar.Testing;

namespace Raktar.Api.Specs.Ci;

/// <summary>A registry that knows two issuers, with a clock that can be put forward.</summary>
public sealed class TrustedRegistry : IAsyncLifetime
{
    private int _crates;

    /// <summary>The registry.</summary>
    public Server Server { get; private set; } = null!;

    /// <summary>Its clock, and its issuers'.</summary>
    internal ManualClock Clock { get; } = new();

    internal CiIssuer Issuer { get; private set; } = null!;

    internal CiIssuer OtherIssuer { get; private set; } = null!;

    /// <summary>Owns every crate.</summary>
    public HttpClient Owner { get; private set; } = null!;

    /// <summary>What identity tokens must be for.</summary>
    public string Audience => Server.Url["http://".Length..];

    public async Task InitializeAsync()
    {
        (Issuer, OtherIssuer) = (await CiIssuer.Start(Clock), await CiIssuer.Start(Clock));
        OtherIssuer.Rotate();
        Server = await Server.StartWith(
            Clock,
            $"--Raktar:TrustedPublishing:Issuers:0:Url={Issuer.Url}",
            $"--Raktar:TrustedPublishing:Issuers:1:Url={OtherIssuer.Url}",
            "--Raktar:RateLimits:FailedAuthenticationsPerMinute=0");
        Owner = await Server.Account("owner");
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await Issuer.DisposeAsync();
        await OtherIssuer.DisposeAsync();
    }

    /// <summary>A crate that trusts releases of <c>octo/foo</c>, or of another repository.</summary>
    internal async Task<string> Crate(string repository = "octo/foo")
    {
        var name = $"crate-{Interlocked.Increment(ref _crates)}";
        using var published = await RawCrate.Of(name, "0.1.0").Publish(Owner);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        await Trust(name, repository);
        return name;
    }

    /// <summary>Makes a crate trust releases of a repository; answers the number of that trusted publisher.</summary>
    internal async Task<int> Trust(string crate, string repository)
    {
        using var trusted = await Owner.PostAsJsonAsync($"api/v1/crates/{crate}/trusted_publishers", new { issuer = Issuer.Url, claims = Rule(repository) });
        Assert.Equal(HttpStatusCode.Created, trusted.StatusCode);
        return (await trusted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt32();
    }

    internal static Dictionary<string, string> Rule(string repository = "octo/foo") => new(StringComparer.Ordinal)
    {
        ["repository"] = repository,
        ["repository_owner_id"] = "42",
        ["workflow_ref"] = "octo/foo/.github/workflows/release.yml@refs/tags/v*",
        ["environment"] = "release",
    };

    /// <summary>An identity token of a release of a repository, perhaps spoilt.</summary>
    internal string Jwt(string repository = "octo/foo", Action<Dictionary<string, object?>>? change = null) => Issuer.Token(Audience, claims =>
    {
        claims["repository"] = repository;
        change?.Invoke(claims);
    });

    internal Task<HttpResponseMessage> Exchange(string? jwt) => Server.Nobody.PostAsJsonAsync("api/v1/trusted_publishing/tokens", new { jwt });

    /// <summary>A token for a release of a repository.</summary>
    internal async Task<string> Token(string repository = "octo/foo")
    {
        using var response = await Exchange(Jwt(repository));
        Assert.Equal((HttpStatusCode.OK, "no-store"), (response.StatusCode, response.Headers.CacheControl?.ToString()));
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }
}

/// <summary>A clock that stands still until it is put forward.</summary>
internal sealed class ManualClock : TimeProvider
{
    private DateTimeOffset _now = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}
