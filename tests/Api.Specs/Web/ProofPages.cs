using System.Net;
using Raktar.Testing;

namespace Raktar.Api.Specs.Web;

/// <summary>A version's proof as a page; what the script in it computes is seen with a real browser.</summary>
public sealed class ProofPages(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task A_version_is_proven_once_a_checkpoint_has_it()
    {
        using var owner = await _server.Account("prover");
        var crate = RawCrate.Of("Proven_Here", "1.0.0");
        (await crate.Publish(owner)).EnsureSuccessStatusCode();
        using var visitor = await Visitor.Of(_server, "prover");
        using (var early = await visitor.Get("/crates/proven-here/1.0.0/proof"))
        {
            Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
            var html = await early.Html();
            Assert.Contains("There is none yet: version `1.0.0` is newer than", WebUtility.HtmlDecode(html), StringComparison.Ordinal);
            Assert.False(Pages.HasForm(html, "/admin/checkpoints"));
        }

        using var admin = await Visitor.Of(_server, "admin");
        using (var early = await admin.Get("/crates/proven-here/1.0.0/proof"))
        {
            Assert.True(Pages.HasForm(await early.Html(), "/admin/checkpoints"));
        }

        await admin.Do("/admin/checkpoints");
        var page = await visitor.Page("/crates/proven-here/1.0.0/proof");
        Assert.Contains("Proven: proven-here 1.0.0 was published.", page, StringComparison.Ordinal);
        Assert.Contains($"<dd><code>{RawCrate.Checksum(crate.File)}</code></dd>", page, StringComparison.Ordinal);
        Assert.Contains("<dd>prover, token 1</dd>", page, StringComparison.Ordinal);
        Assert.Contains("data-proof=\"/api/v1/audit/proof/proven-here/1.0.0\" data-crate=\"proven_here\" data-version=\"1.0.0\"", page, StringComparison.Ordinal);
        Assert.Contains("/proof.js\" defer></script>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/crates/no-such/1.0.0/proof", "crate `no-such` does not exist")]
    [InlineData("/crates/no-such/one/proof", "crate `no-such` has no version `one`")]
    public async Task What_is_not_there_has_no_proof(string path, string sentence)
    {
        using var admin = await Visitor.Of(_server, "admin");
        using var answer = await admin.Get(path);
        Assert.Equal((HttpStatusCode.NotFound, sentence), await answer.Problem());
    }
}
