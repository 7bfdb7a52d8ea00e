using System.Globalization;
using System.Net.Http.Json;
using Raktar.Api.Web.Frame;
using Raktar.Testing;

namespace Raktar.Api.Specs.Permissions;

/// <summary>One route of the table: who may use it, and a request that works for whoever may.</summary>
public sealed record Row(string Method, string Pattern, Rule Rule, Func<Target, HttpContent?>? Body = null)
{
    /// <summary>What the row is about where a route has several.</summary>
    public string Variant { get; init; } = string.Empty;

    /// <summary>The path to ask for; null: the pattern with the target filled in.</summary>
    public Func<Target, string>? Path { get; init; }

    /// <summary>Who is let in where the crate is restricted; null: the row is not about one crate, or cannot be restricted.</summary>
    public Rule? Restricted { get; init; }

    /// <summary>Whether a request changes the crate, so that each needs one of its own.</summary>
    public bool SpendsCrate { get; init; }

    /// <summary>Whether a request ends the caller's token.</summary>
    public bool SpendsToken { get; init; }

    public string Route => $"{Method} {Pattern}";

    public override string ToString() => Variant.Length == 0 ? Route : $"{Route} ({Variant})";

    public string PathFor(Target target) => (Path?.Invoke(target) ?? Pattern
        .Replace("{name}", target.Crate, StringComparison.Ordinal)
        .Replace("{crate}", target.Crate, StringComparison.Ordinal)
        .Replace("{version}", "1.0.0", StringComparison.Ordinal)
        .Replace("{login}", target.Login, StringComparison.Ordinal)
        .Replace("{team}", "platform", StringComparison.Ordinal)
        .Replace("{documentName}", "openapi", StringComparison.Ordinal)
        .Replace("{id}", target.Token, StringComparison.Ordinal)
        .Replace("{file}", $"{target.Checksum}.crate", StringComparison.Ordinal)).TrimStart('/');

    /// <summary>Every route has a row here.</summary>
    public static IReadOnlyList<Row> All { get; } =
    [
        new("GET", "/config.json", Rule.Read),
        new("GET", "/{dir:length(1)}/{name}", Rule.Read) { Path = _ => "1/p" },
        new("GET", "/{dir1:length(1,2)}/{dir2:length(1,2)}/{name}", Rule.Read)
        {
            Path = target => $"{target.Crate[..2]}/{target.Crate[2..4]}/{target.Crate}",
            Restricted = Rule.ReadRestricted,
        },
        OfCrate("/dl/{crate}/{version}/{file}"),
        OfCrate("/dl/{crate}/{version}/{file}") with { Variant = "by version", Path = target => $"dl/{target.Crate}/1.0.0/download" },
        new("PUT", "/api/v1/crates/new", Rule.PublishNew, target => Publish(RawCrate.Of($"{target.Crate}-new", "1.0.0"))) { Variant = "a new crate", SpendsCrate = true },
        new("PUT", "/api/v1/crates/new", Rule.PublishUpdate, target => Publish(RawCrate.Of(target.Crate, "1.1.0"))) { Variant = "a version", SpendsCrate = true, Restricted = Rule.PublishUpdate },
        new("DELETE", "/api/v1/crates/{name}/{version}/yank", Rule.Yank) { SpendsCrate = true },
        new("PUT", "/api/v1/crates/{name}/{version}/unyank", Rule.Yank) { SpendsCrate = true },
        new("PUT", "/api/v1/crates/{name}/deprecation", Rule.Yank, _ => JsonContent.Create(new { reason = "spec" })) { SpendsCrate = true },
        new("DELETE", "/api/v1/crates/{name}/deprecation", Rule.Yank) { SpendsCrate = true },
        new("DELETE", "/api/v1/crates/{name}/{version}", Rule.Admin, _ => JsonContent.Create(new { reason = "spec" })) { SpendsCrate = true },
        new("PUT", "/api/v1/crates/{name}/{version}/restore", Rule.Admin),
        new("GET", "/at/{timestamp}/config.json", Rule.Read) { Path = _ => $"at/{Now}/config.json" },
        new("GET", "/at/{timestamp}/{dir:length(1)}/{name}", Rule.Read) { Path = _ => $"at/{Now}/1/p" },
        new("GET", "/at/{timestamp}/{dir1:length(1,2)}/{dir2:length(1,2)}/{name}", Rule.Read)
        {
            Path = target => $"at/{Now}/{target.Crate[..2]}/{target.Crate[2..4]}/{target.Crate}",
            Restricted = Rule.ReadRestricted,
        },
        new("GET", "/at/{timestamp}/dl/{crate}/{version}/{file}", Rule.Read)
        {
            Path = target => $"at/{Now}/dl/{target.Crate}/1.0.0/{target.Checksum}.crate",
            Restricted = Rule.ReadRestricted,
        },
        new("GET", "/at/{timestamp}/dl/{crate}/{version}/{file}", Rule.Read)
        {
            Variant = "by version",
            Path = target => $"at/{Now}/dl/{target.Crate}/1.0.0/download",
            Restricted = Rule.ReadRestricted,
        },
        new("GET", "/crates-io/config.json", Rule.Read),
        new("GET", "/crates-io/{dir:length(1)}/{name}", Rule.Read) { Path = _ => "crates-io/1/p" },
        new("GET", "/crates-io/{dir1:length(1,2)}/{dir2:length(1,2)}/{name}", Rule.Read) { Path = _ => "crates-io/mi/rr/mirrored" },
        new("GET", "/crates-io/dl/{crate}/{version}/{file}", Rule.Read) { Path = _ => "crates-io/dl/mirrored/1.0.0/download" },
        OfCrate("/api/v1/crates/{name}/owners"),
        OfCrate("/api/v1/crates/{name}/owner_user"),
        OfCrate("/api/v1/crates/{name}/owner_team"),
        new("PUT", "/api/v1/crates/{name}/owners", Rule.Manage, _ => JsonContent.Create(new { users = (string[])["reader"] })) { SpendsCrate = true },
        new("DELETE", "/api/v1/crates/{name}/owners", Rule.Manage, _ => JsonContent.Create(new { users = (string[])["team:platform"] })) { SpendsCrate = true },
        new("PUT", "/api/v1/crates/{name}/visibility", Rule.Manage, _ => JsonContent.Create(new { restricted = true })) { SpendsCrate = true },
        new("GET", "/api/v1/crates/", Rule.Read),
        OfCrate("/api/v1/crates/{name}"),
        OfCrate("/api/v1/crates/{name}/versions"),
        OfCrate("/api/v1/crates/{name}/reverse_dependencies"),
        OfCrate("/api/v1/crates/{name}/{version}"),
        OfCrate("/api/v1/crates/{name}/{version}/dependencies"),
        OfCrate("/api/v1/crates/{name}/{version}/download"),
        OfCrate("/api/v1/crates/{name}/downloads"),
        OfCrate("/api/v1/crates/{name}/{version}/downloads"),
        OfCrate("/api/v1/crates/{name}/{version}/authors"),
        OfCrate("/api/v1/crates/{name}/{version}/readme"),
        new("GET", "/api/v1/summary", Rule.Read),
        new("GET", "/api/v1/keywords", Rule.Read),
        new("GET", "/api/v1/keywords/{keyword}", Rule.Read) { Path = _ => "api/v1/keywords/spec" },
        new("GET", "/api/v1/categories", Rule.Read),
        new("GET", "/api/v1/categories/{category}", Rule.Read) { Path = _ => "api/v1/categories/spec" },
        new("GET", "/api/v1/users/{login}", Rule.Read) { Path = _ => "api/v1/users/owner" },
        new("GET", "/api/v1/audit", Rule.Admin) { Variant = "all of it" },
        new("GET", "/api/v1/audit", Rule.AuditOfCrate)
        {
            Variant = "of a crate",
            Path = target => $"api/v1/audit?crate={target.Crate}",
            Restricted = Rule.AuditOfRestricted,
        },
        new("GET", "/api/v1/me", Rule.Known),
        new("GET", "/api/v1/me/tokens", Rule.Known),
        new("PUT", "/api/v1/me/tokens", Rule.KnownPerson, _ => JsonContent.Create(new { api_token = new { name = "mine" } })),
        new("GET", "/api/v1/me/tokens/{id}", Rule.KnownAccount),
        new("DELETE", "/api/v1/me/tokens/{id}", Rule.KnownAccount) { SpendsToken = true },
        new("DELETE", "/api/v1/tokens/current", Rule.Known) { SpendsToken = true },
        new("POST", "/api/v1/tokens/leaked", Rule.Open, _ => JsonContent.Create(new { token = "rk_no-such-token" })),
        new("GET", "/api/v1/accounts", Rule.Admin),
        new("PUT", "/api/v1/accounts/{login}/", Rule.Admin, _ => JsonContent.Create(new { role = "reader" })),
        new("GET", "/api/v1/accounts/{login}/", Rule.Admin),
        new("PUT", "/api/v1/accounts/{login}/disabled", Rule.Admin, _ => JsonContent.Create(new { disabled = false })),
        new("DELETE", "/api/v1/accounts/{login}/sessions", Rule.Admin),
        new("DELETE", "/api/v1/accounts/{login}/identity", Rule.Admin),
        new("POST", "/api/v1/accounts/{login}/tokens", Rule.Admin, _ => JsonContent.Create(new { name = "ci" })),
        new("GET", "/api/v1/accounts/{login}/tokens", Rule.Admin),
        new("DELETE", "/api/v1/accounts/{login}/tokens/{id}", Rule.Admin) { Path = target => $"api/v1/accounts/{target.Login}/tokens/1" },
        new("PUT", "/api/v1/teams/{team}/", Rule.Admin),
        new("GET", "/api/v1/teams/{team}/", Rule.Admin),
        new("PUT", "/api/v1/teams/{team}/members/{login}", Rule.Admin),
        new("DELETE", "/api/v1/teams/{team}/members/{login}", Rule.Admin),
        new("GET", "/api/v1/set-aside/", Rule.Admin),
        new("POST", "/api/v1/set-aside/", Rule.Admin),
        new("POST", "/api/v1/audit/checkpoints", Rule.Admin),
        new("GET", "/api/v1/audit/checkpoints", Rule.Admin),
        new("GET", "/api/v1/audit/checkpoints/{number}", Rule.Read) { Path = _ => "api/v1/audit/checkpoints/1" },
        new("GET", "/api/v1/audit/key", Rule.Read),
        OfCrate("/api/v1/audit/proof/{crate}/{version}"),
        new("POST", "/api/v1/trusted_publishing/tokens", Rule.Open, target => JsonContent.Create(new { jwt = target.IdentityToken })),
        new("DELETE", "/api/v1/trusted_publishing/tokens", Rule.GiveBack),
        new("GET", "/api/v1/crates/{name}/trusted_publishers", Rule.Manage),
        new("POST", "/api/v1/crates/{name}/trusted_publishers", Rule.Manage, target => JsonContent.Create(new { issuer = target.Issuer, claims = new { sub = "x" } })) { SpendsCrate = true },
        new("DELETE", "/api/v1/crates/{name}/trusted_publishers/{id}", Rule.Manage) { Path = target => $"api/v1/crates/{target.Crate}/trusted_publishers/1", SpendsCrate = true },
        new("PUT", "/api/v1/crates/{name}/trusted_only", Rule.Manage, _ => JsonContent.Create(new { trusted_only = false })) { SpendsCrate = true },
        OfCrate("/crates/{name}"),
        OfCrate("/crates/{name}/versions"),
        OfCrate("/crates/{name}/dependents"),
        OfCrate("/crates/{name}/history"),
        OfCrate("/crates/{name}/{version}"),
        OfCrate("/crates/{name}/{version}/dependencies"),
        OfCrate("/crates/{name}/{version}/features"),
        OfCrate("/crates/{name}/{version}/files"),
        OfCrate("/crates/{name}/{version}/files/{**path}") with { Path = target => $"crates/{target.Crate}/1.0.0/files/src/lib.rs" },
        new("GET", "/health", Rule.Open),
        new("GET", "/health/ready", Rule.Open),
        new("GET", "/", Rule.Read),
        new("GET", "/search", Rule.Read),
        new("GET", "/assets/{hash}/{name}", Rule.Open) { Path = _ => WebAssets.Path("raktar.css") },
        new("GET", "/me", Rule.Known),
        new("GET", "/me/crates", Rule.Read),
        new("POST", "/me/tokens", Rule.KnownPerson, _ => Form(("name", "mine"), ("days", "1"), ("scopes", "read"))),
        new("POST", "/me/tokens/{id}/revoke", Rule.KnownAccount, _ => Form()) { SpendsToken = true },
        new("GET", "/audit", Rule.Admin) { Variant = "all of it" },
        new("GET", "/audit", Rule.AuditOfCrate) { Variant = "of a crate", Path = target => $"audit?crate={target.Crate}", Restricted = Rule.AuditOfRestricted },
        new("GET", "/admin", Rule.Admin),
        new("POST", "/admin/checkpoints", Rule.Admin, _ => Form()),
        new("POST", "/admin/set-aside", Rule.Admin, _ => Form()),
        new("GET", "/admin/accounts", Rule.Admin),
        new("POST", "/admin/accounts", Rule.Admin, _ => Form(("login", "made-by-a-form"), ("role", "reader"))),
        new("GET", "/admin/accounts/{login}", Rule.Admin),
        new("POST", "/admin/accounts/{login}/role", Rule.Admin, _ => Form(("role", "reader"))),
        new("GET", "/admin/accounts/{login}/disabled", Rule.Admin),
        new("POST", "/admin/accounts/{login}/disabled", Rule.Admin, _ => Form(("do", "enable"))),
        new("POST", "/admin/accounts/{login}/sessions/end", Rule.Admin, _ => Form()),
        new("POST", "/admin/accounts/{login}/identity/unlink", Rule.Admin, _ => Form()),
        new("POST", "/admin/accounts/{login}/teams", Rule.Admin, _ => Form(("team", "platform"), ("join", "no"))),
        new("POST", "/admin/accounts/{login}/tokens", Rule.Admin, _ => Form(("name", "theirs"), ("days", "1"), ("scopes", "read"))),
        new("POST", "/admin/accounts/{login}/tokens/{id}/revoke", Rule.Admin, _ => Form()) { Path = target => $"admin/accounts/{target.Login}/tokens/1/revoke" },
        new("GET", "/admin/teams", Rule.Admin),
        new("POST", "/admin/teams", Rule.Admin, _ => Form(("team", "made-by-a-form"))),
        new("GET", "/admin/teams/{team}", Rule.Admin),
        new("POST", "/admin/teams/{team}/members", Rule.Admin, target => Form(("login", target.Login), ("join", "no"))),
        new("GET", "/crates/{name}/{version}/yank", Rule.Yank) { Restricted = Rule.YankRestricted },
        new("POST", "/crates/{name}/{version}/yank", Rule.Yank, target => Form(("do", "yank"), ("confirm", target.Crate))) { SpendsCrate = true, Restricted = Rule.YankRestricted },
        new("POST", "/crates/{name}/deprecation", Rule.Yank, _ => Form(("do", "deprecate"))) { SpendsCrate = true, Restricted = Rule.YankRestricted },
        new("GET", "/crates/{name}/{version}/delete", Rule.Admin),
        new("POST", "/crates/{name}/{version}/delete", Rule.Admin, target => Form(("reason", "spec"), ("confirm", target.Crate))) { SpendsCrate = true },
        new("POST", "/crates/{name}/{version}/restore", Rule.Admin, _ => Form()),
        OfCrate("/crates/{name}/{version}/proof"),
        new("GET", "/login", Rule.Open),
        new("GET", "/login/token", Rule.Open),
        new("POST", "/login", Rule.PagesForm, _ => Form(("token", "rk_no-such-token"))),
        new("GET", "/login/callback", Rule.NotThere) { Variant = "without an identity provider" },
        new("POST", "/login/link", Rule.KnownNotThere, _ => Form()) { Variant = "without an identity provider" },
        new("POST", "/logout", Rule.Open),
        new("GET", "/api/{documentName}.json", Rule.Read),
    ];

    /// <summary>As a timestamp: every crate was there by now.</summary>
    private static string Now => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    private static Row OfCrate(string pattern) => new("GET", pattern, Rule.Read) { Restricted = Rule.ReadRestricted };

    private static ByteArrayContent Publish(RawCrate crate) => new(crate.Body());
}

/// <summary>What a request is about: a crate, the checksum of its version 1.0.0, somebody else's account, the caller's own token, and an
/// identity token of a run that the crate trusts, with its issuer.</summary>
public sealed record Target(string Crate, string Checksum, string Login, string Token, string Issuer, string IdentityToken);
