using System.Globalization;
using System.Net;
using System.Text;

namespace Raktar.Api.Specs.Tools;

/// <summary>Without `sparse+` in its configuration cargo takes the registry for a git repository.</summary>
public sealed class AskedByGit(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Theory]
    [InlineData("info/refs?service=git-upload-pack")]
    [InlineData("info/refs?service=git-receive-pack")]
    [InlineData("index/info/refs?service=git-upload-pack")]
    [InlineData("company/crates/index.git/info/refs?service=git-upload-pack")]
    public async Task Git_is_told_the_right_line_in_its_own_words_and_never_to_ask_for_a_password(string path)
    {
        using var answer = await _server.Nobody.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(answer.Headers.WwwAuthenticate);
        Assert.Equal("application/x-git-upload-pack-advertisement", answer.Content.Headers.ContentType!.ToString());
        var line = await answer.Content.ReadAsStringAsync();
        Assert.Equal(Encoding.UTF8.GetByteCount(line), int.Parse(line.AsSpan(0, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        Assert.StartsWith("ERR this is a sparse registry, not a git repository", line[4..], StringComparison.Ordinal);
        Assert.Contains($"index = \"sparse+{_server.Url}/\"", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("info/refs")]
    [InlineData("info/refs?service=other")]
    [InlineData("info/refs/more?service=git-upload-pack")]
    public async Task Nothing_else_is_taken_for_git(string path)
    {
        using var answer = await _server.Nobody.GetAsync(path);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }
}
