using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Storage.Embedded;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>
/// A data folder as the program of the first wave left it, with each fact that people can cause: it opens, verifies, serves and rebuilds with every later program. It was
/// written once, and is never made again. Its tokens and its key are of no use anywhere else.
/// </summary>
[Collection(TheConsole.Name)]
[Trait("Needs", "seconds")]
public sealed class KeptDataFolder : IDisposable
{
    private static readonly string[] Facts =
    [
        "account-registered", "checkpoint-made", "ci-token-issued", "ci-token-revoked", "crate-created", "identity-linked", "owner-added", "owner-removed", "role-changed",
        "team-created", "team-joined", "team-left", "token-issued", "token-revoked", "trusted-only-changed", "trusted-publisher-added", "trusted-publisher-removed",
        "version-deleted", "version-published", "version-restored", "version-unyanked", "version-yanked", "visibility-changed",
    ];

    private static readonly Dictionary<string, string> Indexes = new(StringComparer.Ordinal)
    {
        ["kept"] = "ke/pt/kept",
        ["kept_user"] = "ke/pt/kept_user",
        ["hidden"] = "hi/dd/hidden",
        ["gone"] = "go/ne/gone",
    };

    private readonly DirectoryInfo _unpacked = Directory.CreateTempSubdirectory("raktar-kept-");
    private readonly DataFolderCopy _copy;

    public KeptDataFolder()
    {
        ZipFile.ExtractToDirectory(InKept("first-wave.zip"), _unpacked.FullName);
        _copy = new(_unpacked.FullName);
    }

    public void Dispose()
    {
        _copy.Dispose();
        _unpacked.Delete(recursive: true);
    }

    [Fact]
    public async Task It_has_each_fact_and_verifies()
    {
        using (var storage = EmbeddedStorage.OpenToRead(_copy.Folder))
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            await foreach (var stream in storage.Events.Streams(CancellationToken.None))
            {
                await foreach (var recorded in storage.Events.Read(stream, 0, CancellationToken.None))
                {
                    names.UnionWith(recorded.Commit.Events.Select(EventCodec.StoredNameOf));
                }
            }

            Assert.Equal(Facts, names.Order(StringComparer.Ordinal));
        }

        var (exit, output) = await _copy.Run("verify");
        Assert.True(exit == 0, output);
    }

    [Fact]
    public async Task It_serves_what_it_served_and_goes_on()
    {
        await using (var server = await Open())
        {
            await ServesWhatItServed(server);
            using var hidden = await (await server.Account("stranger")).GetAsync(Indexes["hidden"]);
            Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
            using var deleted = await server.Admin.GetAsync("api/v1/crates/gone/0.1.0");
            Assert.Equal(HttpStatusCode.NotFound, deleted.StatusCode);
            using var file = await server.Admin.GetAsync("api/v1/crates/kept/1.0.0/download");
            Assert.True(file.StatusCode is HttpStatusCode.OK or HttpStatusCode.Found or HttpStatusCode.TemporaryRedirect, file.StatusCode.ToString());
            var audit = await server.Admin.GetStringAsync("api/v1/audit?crate=kept");
            Assert.Contains("wrong sums", audit, StringComparison.Ordinal);

            (await server.Admin.PutAsync("api/v1/crates/kept/1.1.0/unyank", null)).EnsureSuccessStatusCode();
            (await server.Admin.PutAsync("api/v1/crates/gone/0.1.0/restore", null)).Dispose();
            (await RawCrate.Of("new-today", "0.1.0").Publish(server.Admin)).EnsureSuccessStatusCode();
            (await server.Admin.PutAsJsonAsync("api/v1/accounts/cat", new { role = "publisher" })).EnsureSuccessStatusCode();
            (await server.Admin.PostAsync("api/v1/audit/checkpoints", null)).EnsureSuccessStatusCode();
        }

        var (exit, output) = await _copy.Run("verify");
        Assert.True(exit == 0, output);
    }

    [Fact]
    public async Task It_rebuilds_to_what_it_served()
    {
        var (exit, output) = await _copy.Run("rebuild");
        Assert.True(exit == 0, output);
        await using var server = await Open();
        await ServesWhatItServed(server);
    }

    private static string InKept(string file) => Path.Combine(AppContext.BaseDirectory, "Kept", file);

    private static async Task ServesWhatItServed(Server server)
    {
        foreach (var (crate, path) in Indexes)
        {
            Assert.Equal(await File.ReadAllTextAsync(InKept($"{crate}.index")), await server.Admin.GetStringAsync(path));
        }
    }

    private async Task<Server> Open()
    {
        const string Token = "the-kept-admin-token-0001";
        var server = await Server.Start($"--Raktar:DataFolder={_copy.Folder}", $"--Raktar:AdminToken={Token}");
        server.Admin.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", Token);
        return server;
    }
}
