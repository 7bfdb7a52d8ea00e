using System.Net;
using Raktar.Testing;

namespace Raktar.Api.Specs.Web;

/// <summary>Yanking, deleting and restoring in the pages.</summary>
public sealed class YankingAndDeleting(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task An_owner_yanks_with_a_reason_and_takes_it_back()
    {
        using var owner = await Publish("yanked-here", "owner-1");
        using var visitor = await Visitor.Of(_server, "owner-1");
        var page = await visitor.Page("/crates/yanked-here/1.0.0/yank");
        Assert.Contains("<h1>Yank yanked-here 1.0.0</h1>", page, StringComparison.Ordinal);
        using (var done = await visitor.Send("/crates/yanked-here/1.0.0/yank", ("do", "yank"), ("reason", "two\r\nlines"), ("confirm", "yanked-here")))
        {
            Assert.Equal("/crates/yanked-here/history", done.RequestMessage!.RequestUri!.AbsolutePath);
        }

        Assert.Equal((true, "two\nlines"), await Yanked("yanked-here"));
        Assert.Contains("<h1>Unyank yanked-here 1.0.0</h1>", await visitor.Page("/crates/Yanked_Here/1.0.0/yank"), StringComparison.Ordinal);
        (await visitor.Send("/crates/yanked-here/1.0.0/yank", ("do", "unyank"), ("confirm", "yanked-here"))).Dispose();
        Assert.Equal((false, null), await Yanked("yanked-here"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("confirm_me")]
    [InlineData("Confirm-Me")]
    [InlineData("confirm-me-not")]
    public async Task Another_name_than_the_crates_changes_nothing(string typed)
    {
        using var owner = await Publish("confirm-me", "owner-2");
        using var visitor = await Visitor.Of(_server, "admin");
        var before = await Last();
        foreach (var (path, what) in ((string, string)[])[("yank", "yank"), ("yank", "unyank"), ("delete", "")])
        {
            using var answer = await visitor.Send($"/crates/confirm-me/1.0.0/{path}", ("do", what), ("reason", "spec"), ("confirm", typed));
            Assert.Equal((HttpStatusCode.BadRequest, "to confirm, type the crate's name, `confirm-me`"), await answer.Problem());
        }

        Assert.Equal(before, await Last());
    }

    [Fact]
    public async Task A_wrong_request_changes_nothing()
    {
        using var owner = await Publish("stays-as-it-is", "owner-3");
        using var visitor = await Visitor.Of(_server, "admin");
        var before = await Last();
        using var neither = await visitor.Send("/crates/stays-as-it-is/1.0.0/yank", ("confirm", "stays-as-it-is"));
        Assert.Equal((HttpStatusCode.BadRequest, "field `do` must be `yank` or `unyank`"), await neither.Problem());
        using var unreasoned = await visitor.Send("/crates/stays-as-it-is/1.0.0/delete", ("confirm", "stays-as-it-is"), ("reason", " "));
        Assert.Equal((HttpStatusCode.BadRequest, "a deletion needs a reason, which has at most 500 characters and no control characters"), await unreasoned.Problem());
        foreach (var path in (string[])["yank", "delete", "restore"])
        {
            using var unkeyed = await visitor.SendWith(null, $"/crates/stays-as-it-is/1.0.0/{path}", ("do", "yank"), ("reason", "spec"), ("confirm", "stays-as-it-is"));
            Assert.Equal((HttpStatusCode.Forbidden, "the request does not come from a page of this registry"), await unkeyed.Problem());
        }

        Assert.Equal(before, await Last());
        foreach (var (path, sentence) in ((string, string)[])[
            ("/crates/stays-as-it-is/9.9.9/yank", "crate `stays-as-it-is` has no version `9.9.9`"),
            ("/crates/stays-as-it-is/nonsense/delete", "crate `stays-as-it-is` has no version `nonsense`"),
            ("/crates/no-such-crate/1.0.0/yank", "crate `no-such-crate` does not exist")])
        {
            using var missing = await visitor.Get(path);
            Assert.Equal((HttpStatusCode.NotFound, sentence), await missing.Problem());
        }
    }

    [Fact]
    public async Task Who_owns_nothing_of_it_may_not_even_look()
    {
        using var owner = await Publish("not-yours", "owner-4");
        (await _server.Account("stranger")).Dispose();
        using var visitor = await Visitor.Of(_server, "stranger");
        using var refused = await visitor.Get("/crates/not-yours/1.0.0/yank");
        Assert.Equal((HttpStatusCode.Forbidden, "you are not an owner of `not-yours`"), await refused.Problem());
    }

    [Fact]
    public async Task An_administrator_deletes_for_a_reason_and_restores()
    {
        using var owner = await Publish("deleted-here", "owner-5");
        using var visitor = await Visitor.Of(_server, "admin");
        var path = "/crates/deleted-here/1.0.0";
        Assert.Contains("<h1>Delete deleted-here 1.0.0</h1>", await visitor.Page($"{path}/delete"), StringComparison.Ordinal);
        (await visitor.Send($"{path}/delete", ("reason", "a secret"), ("confirm", "deleted-here"))).Dispose();
        using var gone = await _server.Admin.GetAsync("api/v1/crates/deleted-here/1.0.0");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Contains("\"reason\":\"a secret\"", await Last(), StringComparison.Ordinal);

        // Also where nothing else of the crate is left.
        Assert.True(Pages.HasForm(await visitor.Page($"{path}/delete"), $"{path}/restore"));
        (await visitor.Send($"{path}/restore")).Dispose();
        using var back = await _server.Admin.GetAsync("api/v1/crates/deleted-here/1.0.0");
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
    }

    private async Task<HttpClient> Publish(string name, string login)
    {
        var owner = await _server.Account(login);
        (await RawCrate.Of(name, "1.0.0").Publish(owner)).EnsureSuccessStatusCode();
        return owner;
    }

    private async Task<(bool Yanked, string? Reason)> Yanked(string crate)
    {
        var version = (await _server.Admin.Json($"api/v1/crates/{crate}/1.0.0")).GetProperty("version");
        return (version.GetProperty("yanked").GetBoolean(), version.GetProperty("yank_message").GetString());
    }

    /// <summary>The last fact that the audit has.</summary>
    private async Task<string> Last() => (await _server.Admin.Json("api/v1/audit?limit=1&outcome=done&kind=version-yanked,version-unyanked,version-deleted,version-restored"))
        .GetProperty("entries").ToString();
}
