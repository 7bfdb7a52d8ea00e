using System.Runtime.Versioning;
using Raktar.Testing;

namespace Raktar.Api.Specs.Operating;

/// <summary>What a start leaves behind is for the operator only: files, and what goes into a log.</summary>
[UnsupportedOSPlatform("windows")]
[Trait("Needs", "processes")]
public sealed class StartingPrivately : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = Owner | UnixFileMode.UserExecute;
    private const UnixFileMode GroupFolder = OwnerFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
    private const UnixFileMode OpenFolder = GroupFolder | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("raktar-");

    private string Data => Path.Combine(_folder.FullName, "data");

    [Fact]
    public async Task A_new_data_folder_and_all_in_it_are_the_owners()
    {
        using var program = await Publish();
        Assert.Equal(OwnerFolder, File.GetUnixFileMode(Data));
        var all = Directory.GetFileSystemEntries(Data, "*", SearchOption.AllDirectories);
        Assert.All(all, path => Assert.Equal((path, Directory.Exists(path) ? OwnerFolder : Owner), (path, File.GetUnixFileMode(path))));
        foreach (var name in (string[])["events.db", "events.db-wal", "documents.db", "documents.db-wal", "aside.db", "admin-token", "lock"])
        {
            Assert.Contains(Path.Combine(Data, name), all);
        }

        Assert.Contains(all, path => path.EndsWith(".crate", StringComparison.Ordinal));
        Assert.DoesNotContain("data folder", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_folder_of_before_is_closed_and_the_operator_told()
    {
        (await Publish()).Dispose();
        File.SetUnixFileMode(Data, OpenFolder);
        using var program = await Serve();
        Assert.Equal(OwnerFolder, File.GetUnixFileMode(Data));
        Assert.Contains(
            $"Everybody on this machine could read the data folder {Data}; now only its owner can.", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_that_somebody_let_in_stays()
    {
        Directory.CreateDirectory(Data);
        File.SetUnixFileMode(Data, GroupFolder);
        using var program = await Publish();
        Assert.Equal(GroupFolder, File.GetUnixFileMode(Data));
        Assert.Equal(Owner | UnixFileMode.GroupRead, File.GetUnixFileMode(Path.Combine(Data, "events.db")));
        Assert.Equal(Owner | UnixFileMode.GroupRead, File.GetUnixFileMode(Path.Combine(Data, "events.db-wal")));
        // Keys are nobody else's in any case.
        Assert.Equal(Owner, File.GetUnixFileMode(Path.Combine(Data, "admin-token")));
        Assert.DoesNotContain("data folder", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_other_things_in_it_keeps_its_rights()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "notes.txt"), "somebody's");
        File.SetUnixFileMode(Data, OpenFolder);
        using var program = await Serve();
        Assert.Equal(OpenFolder, File.GetUnixFileMode(Data));
        Assert.Equal(Owner, File.GetUnixFileMode(Path.Combine(Data, "events.db")));
        Assert.Contains("other things are in it", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_token_does_not_go_where_there_is_no_terminal()
    {
        using var program = await Serve();
        var file = Path.Combine(Data, "admin-token");
        Assert.Contains($"The admin token is in {file}", program.Output, StringComparison.Ordinal);
        Assert.Contains("[registries.raktar]", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain((await File.ReadAllTextAsync(file)).Trim(), program.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Raktar:AdminToken=a-secret-of-the-operator", "--Raktar:AdminToken", "Raktar__AdminToken")]
    [InlineData("--raktar:oidc:clientsecret=a-secret-of-the-operator", "--Raktar:Oidc:ClientSecret", "Raktar__Oidc__ClientSecret")]
    public async Task A_secret_among_the_arguments_is_remarked_and_not_repeated(string argument, string name, string variable)
    {
        // Port 0 without a public URL ends the start.
        var (code, output) = await ChildProgram.Run(_folder.FullName, Nothing, argument, "--urls", "http://127.0.0.1:0");
        Assert.Equal(2, code);
        Assert.Contains(
            $"raktar: everybody on this machine can see {name} (ps); as the variable {variable} nobody else does", output, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret-of-the-operator", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_calls_the_program_by_its_name()
    {
        var (code, output) = await ChildProgram.Run(_folder.FullName, Nothing, "--help");
        Assert.Equal(0, code);
        Assert.Contains("  raktar [command] [options]", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Raktar.Api", output, StringComparison.Ordinal);
        Assert.Equal(0, (await ChildProgram.Run(_folder.FullName, Nothing, "--version")).ExitCode);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static IReadOnlyDictionary<string, string> Nothing { get; } = new Dictionary<string, string>();

    private async Task<ChildProgram> Serve(string? url = null)
    {
        var program = ChildProgram.Start(_folder.FullName, Nothing, "--urls", url ?? Server.FreeUrl());
        await program.Serves();
        return program;
    }

    /// <summary>A registry that holds a version, and with it a blob and files of SQLite beside its databases.</summary>
    private async Task<ChildProgram> Publish()
    {
        var url = Server.FreeUrl();
        var program = await Serve(url);
        using var client = new HttpClient { BaseAddress = new Uri(url + "/") };
        var token = await File.ReadAllTextAsync(Path.Combine(Data, "admin-token"));
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", token.Trim());
        (await RawCrate.Of("private", "1.0.0").Publish(client)).EnsureSuccessStatusCode();
        return program;
    }
}
