using Raktar.Api.CommandLine;
using Raktar.Testing;

namespace Raktar.Api.Specs;

public sealed class CommandLine
{
    [Theory]
    [InlineData("--Raktar:Limts:CrateBytes=1")]
    [InlineData("--Raktar:PublicUrl=nonsense")]
    [InlineData("servee")]
    [InlineData("--ulrs=http://127.0.0.1:1")]
    [InlineData("verify", "--data", "/nowhere/at/all")]
    [InlineData("rebuild", "--data", "/nowhere/at/all")]
    [InlineData("sweep", "--data", "/nowhere/at/all")]
    [InlineData("diff", "--from", "2026-11-20", "--data", "/nowhere/at/all")]
    [InlineData("diff", "--from", "yesterday")]
    [InlineData("diff", "--from", "2026-11-20", "--to", "9000-01-01")]
    [InlineData("diff", "--from", "2026-11-20", "--crate", "1up")]
    [InlineData("token", "new")]
    [InlineData("token", "new", "ann", "--data", "/nowhere/at/all")]
    [InlineData("account", "disable", "ann", "--data", "/nowhere/at/all")]
    public async Task A_mistake_is_exit_code_2(params string[] args) => Assert.Equal(RaktarCommand.CannotStart, await RaktarCommand.Run(args));

    [Theory]
    [InlineData("--help")]
    [InlineData("config")]
    [InlineData("token", "new", "--offline")]
    public async Task What_needs_no_registry_works_without_one(params string[] args) => Assert.Equal(0, await RaktarCommand.Run(args));

    [Fact]
    public async Task A_running_registry_is_verified_and_not_rebuilt()
    {
        await using var server = await Server.Start();
        (await RawCrate.Of("checked", "1.0.0").Publish(server.Admin)).EnsureSuccessStatusCode();
        Assert.Equal(0, await RaktarCommand.Run(["verify", "--data", server.Data]));
        Assert.Equal(0, await RaktarCommand.Run(["diff", "--from", "2026-11-20", "--data", server.Data]));
        Assert.Equal(RaktarCommand.CannotStart, await RaktarCommand.Run(["sweep", "--data", server.Data]));
        Assert.Equal(RaktarCommand.CannotStart, await RaktarCommand.Run(["rebuild", "--data", server.Data]));
        Assert.Equal(RaktarCommand.CannotStart, await RaktarCommand.Run(["--urls", "http://127.0.0.1:1", "--data", server.Data]));
        Assert.Equal(0, await RaktarCommand.Run(["token", "new", "ann", "--role", "reader", "--data", server.Data, "--public-url", server.Url]));

        var blob = Assert.Single(Directory.GetFiles(Path.Combine(server.Data, "blobs", "crates"), "*.crate", SearchOption.AllDirectories));
        await File.WriteAllTextAsync(blob, "changed");
        Assert.Equal(RaktarCommand.Failed, await RaktarCommand.Run(["verify", "--data", server.Data]));
    }
}
