using System.Text.Json;
using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>What the audit says of what cargo did.</summary>
public sealed class AuditSpecs
{
    [Fact]
    public async Task What_cargo_did_and_what_it_was_refused_is_in_the_audit()
    {
        var raktar = await Registries.Shared();
        var (name, ada, bela) = (Registries.Name("audited"), Registries.Name("ada"), Registries.Name("bela"));
        var author = await CargoWorld.For("stable", raktar, await raktar.Account(ada, "publisher"));
        var stranger = await CargoWorld.For("stable", raktar, await raktar.Account(bela, "publisher"));
        await author.Publish(name);
        (await author.Cargo("yank", "--registry", "raktar", $"{name}@1.0.0")).Succeeded();
        (await stranger.Cargo("yank", "--registry", "raktar", "--undo", $"{name}@1.0.0")).Failed("403");
        await raktar.Settled();

        raktar.Set(("Raktar__AdminToken", raktar.AdminToken), ("SSL_CERT_FILE", Certificates.Authority));
        var lines = (await Audit("--json")).Succeeded().StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        Assert.Equal(["refused", "version-yanked", "version-published", "crate-created"], lines.Select(line => line.GetProperty("kind").GetString()));
        Assert.Equal([bela, ada, ada, ada], lines.Select(line => line.GetProperty("actor").GetString()));
        Assert.All(lines, line =>
        {
            Assert.StartsWith("cargo", line.GetProperty("client").GetString(), StringComparison.Ordinal);
            Assert.Equal(1, line.GetProperty("token").GetInt32());
        });
        Assert.Equal($"you are not an owner of `{name}`", lines[0].GetProperty("sentence").GetString());
        Assert.Equal("1.0.0", lines[2].GetProperty("detail").GetProperty("version").GetString());

        (await Audit()).Said("refused 403", "version-published", "crate-created", ada);
        (await Audit("--kind", "version-yanked", "--limit", "1")).Said("version-yanked").NeverSaid("version-published");
        (await Audit("--csv", "--outcome", "done")).Said($",version-published,{name.Replace('-', '_')},").NeverSaid($",refused,{name.Replace('-', '_')},");
        (await Audit("--kind", "no-such-kind", "--csv")).Failed("there is no kind `no-such-kind`");

        async Task<Ended> Audit(params string[] more) =>
            await raktar.Command(["audit", "--crate", name, "--public-url", raktar.Url, .. more]);
    }
}
