using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Raktar.Api.CommandLine;
using Raktar.Application.Proofs;
using Raktar.Testing;

namespace Raktar.Api.Specs;

[Collection(TheConsole.Name)]
[Trait("Needs", "seconds")]
public sealed class Proving : IAsyncLifetime
{
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("raktar-proofs-");
    private Server _server = null!;

    public async Task InitializeAsync()
    {
        _server = await Server.Start("--Raktar:Checkpoints:Every=0");
        foreach (var version in (string[])["0.1.0", "1.0.0", "1.0.0-rc.1", "2.0.0+build.5"])
        {
            (await RawCrate.Of("Proven-Crate", version).Publish(_server.Admin)).EnsureSuccessStatusCode();
        }

        (await RawCrate.Of("other", "1.0.0").Publish(_server.Admin)).EnsureSuccessStatusCode();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _files.Delete(recursive: true);
    }

    [Fact]
    public async Task A_version_is_proven_offline_to_who_has_the_key()
    {
        await MakeCheckpoint();
        var (proof, key) = (await Keep("proof.json", "api/v1/audit/proof/proven_crate/1.0.0"), await Keep("key.pem", "api/v1/audit/key"));
        var (exit, output) = await DataFolderCopy.Printed("verify", "--proof", proof, "--key", key);
        Assert.True(exit == 0, output);
        Assert.Contains("proven: proven_crate 1.0.0 was published", output, StringComparison.Ordinal);
        Assert.Contains($"  checksum    {RawCrate.Checksum(RawCrate.Of("Proven-Crate", "1.0.0").File)}", output, StringComparison.Ordinal);
        Assert.Matches(@"  at          \d{4}-\d\d-\d\dT", output);
        Assert.Contains("  by          admin, token 1", output, StringComparison.Ordinal);
        Assert.Matches("  commit      [0-9a-f]{64}, version 3 of crate/proven_crate", output);
        Assert.Matches("  checkpoint  1 of .*, 6 commits of 3 streams", output);
        Assert.Contains("which you trust", output, StringComparison.Ordinal);
        Assert.Contains("compared with nothing", (await DataFolderCopy.Printed("verify", "--proof", proof)).Output, StringComparison.Ordinal);

        using (var another = new Storage.Embedded.PemKeyFile(Path.Combine(_files.FullName, "another.pem")))
        {
            await another.PublicKey(CancellationToken.None);
        }

        var (refused, why) = await DataFolderCopy.Printed("verify", "--proof", proof, "--key", Path.Combine(_files.FullName, "another.pem"));
        Assert.Equal(RaktarCommand.Failed, refused);
        Assert.Contains("nothing is proven: the checkpoint is signed with another key", why, StringComparison.Ordinal);
        Assert.Equal(RaktarCommand.Failed, (await DataFolderCopy.Printed("verify", "--proof", key)).Exit);
        Assert.Equal(RaktarCommand.CannotStart, (await DataFolderCopy.Printed("verify", "--proof", "/nowhere")).Exit);
    }

    [Fact]
    public async Task A_proof_with_anything_changed_proves_nothing()
    {
        await MakeCheckpoint();
        foreach (var version in (string[])["0.1.0", "2.0.0"])
        {
            var json = await _server.Admin.GetByteArrayAsync($"api/v1/audit/proof/proven-crate/{version}");
            Assert.Null(Check(JsonNode.Parse(json)!));
            var (changes, fields) = (0, JsonNode.Parse(json)!.AsObject().Select(field => field.Key).ToList());
            Assert.Equal(9, fields.Count);
            foreach (var field in fields)
            {
                foreach (var changed in Changes(JsonNode.Parse(json)![field]!))
                {
                    var proof = JsonNode.Parse(json)!.AsObject();
                    proof[field] = changed;
                    Assert.True(Check(proof) is not null, $"{field}: {changed?.ToJsonString()}");
                    changes++;
                }

                var without = JsonNode.Parse(json)!.AsObject();
                without.Remove(field);
                Assert.NotNull(Check(without));
            }

            Assert.True(changes > 1000);
            var more = JsonNode.Parse(json)!.AsObject();
            more["version"] = "1.0.0";
            Assert.NotNull(Check(more));
        }
    }

    [Fact]
    public async Task A_proof_of_one_version_with_parts_of_anothers_proves_nothing()
    {
        await MakeCheckpoint();
        var one = JsonNode.Parse(await _server.Admin.GetStringAsync("api/v1/audit/proof/proven-crate/1.0.0"))!.AsObject();
        (await RawCrate.Of("other", "1.1.0").Publish(_server.Admin)).EnsureSuccessStatusCode();
        await MakeCheckpoint();
        foreach (var path in (string[])["proven-crate/0.1.0", "other/1.0.0", "other/1.1.0"])
        {
            var other = JsonNode.Parse(await _server.Admin.GetStringAsync($"api/v1/audit/proof/{path}"))!.AsObject();
            foreach (var field in one.Select(each => each.Key).Where(field => one[field]!.ToJsonString() != other[field]!.ToJsonString()))
            {
                var mixed = one.DeepClone().AsObject();
                mixed[field] = other[field]!.DeepClone();
                Assert.True(Check(mixed) is not null, $"{path} {field}");
            }
        }
    }

    [Fact]
    public async Task What_is_newer_than_the_last_checkpoint_is_not_proven_yet()
    {
        Assert.Equal(
            (HttpStatusCode.Conflict, "version `1.0.0` is newer than any checkpoint: wait for the next one, or let an administrator `POST /api/v1/audit/checkpoints`"),
            await Error("api/v1/audit/proof/proven-crate/1.0.0"));
        Assert.Equal((HttpStatusCode.NotFound, "no checkpoint was made yet"), await Error("api/v1/audit/key"));
        await MakeCheckpoint();
        (await RawCrate.Of("Proven-Crate", "3.0.0").Publish(_server.Admin)).EnsureSuccessStatusCode();
        Assert.Null(Check(JsonNode.Parse(await _server.Admin.GetStringAsync("api/v1/audit/proof/proven-crate/1.0.0"))!));
        var (status, sentence) = await Error("api/v1/audit/proof/proven-crate/3.0.0");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.StartsWith("version `3.0.0` is newer than checkpoint 1, the last:", sentence, StringComparison.Ordinal);
        await MakeCheckpoint();
        Assert.Null(Check(JsonNode.Parse(await _server.Admin.GetStringAsync("api/v1/audit/proof/proven-crate/3.0.0"))!));
    }

    [Theory]
    [InlineData("proof/nothing/1.0.0", HttpStatusCode.NotFound, "crate `nothing` does not exist")]
    [InlineData("proof/no:name/1.0.0", HttpStatusCode.NotFound, "crate `no:name` does not exist")]
    [InlineData("proof/proven-crate/9.9.9", HttpStatusCode.NotFound, "crate `proven-crate` has no version `9.9.9`")]
    [InlineData("proof/proven-crate/one", HttpStatusCode.NotFound, "crate `proven-crate` has no version `one`")]
    [InlineData("checkpoints/77", HttpStatusCode.NotFound, "checkpoint `77` does not exist")]
    [InlineData("checkpoints/first", HttpStatusCode.NotFound, "checkpoint `first` does not exist")]
    [InlineData("checkpoints?before=first", HttpStatusCode.BadRequest, "`before` must be a checkpoint's number, not `first`")]
    public async Task What_is_not_there_is_said(string path, HttpStatusCode status, string sentence) => Assert.Equal((status, sentence), await Error($"api/v1/audit/{path}"));

    [Fact]
    public async Task A_crate_that_somebody_may_not_see_is_not_proven_to_them()
    {
        await MakeCheckpoint();
        using var stranger = await _server.Account("stranger", "reader");
        using (var open = await stranger.GetAsync("api/v1/audit/proof/other/1.0.0"))
        {
            Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        }

        (await _server.Admin.PutAsJsonAsync("api/v1/crates/other/visibility", new { restricted = true, teams = Array.Empty<string>() })).EnsureSuccessStatusCode();
        using var hidden = await stranger.GetAsync("api/v1/audit/proof/other/1.0.0");
        Assert.Equal((HttpStatusCode.NotFound, "crate `other` does not exist"), await hidden.Error());
        using var seen = await _server.Admin.GetAsync("api/v1/audit/proof/other/1.0.0");
        Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
    }

    [Fact]
    public async Task Checkpoints_are_listed_the_newest_first_and_chained()
    {
        for (var i = 0; i < 3; i++)
        {
            await MakeCheckpoint();
        }

        var list = (await _server.Admin.Json("api/v1/audit/checkpoints")).GetProperty("checkpoints").EnumerateArray().ToList();
        Assert.Equal([3, 2, 1], list.Select(each => each.GetProperty("number").GetInt32()));
        var before = (await _server.Admin.Json("api/v1/audit/checkpoints?before=3")).GetProperty("checkpoints").EnumerateArray();
        Assert.Equal([2, 1], before.Select(each => each.GetProperty("number").GetInt32()));
        var first = CheckpointStatement.Find(await _server.Admin.GetStringAsync("api/v1/audit/checkpoints/1"))!;
        Assert.True(first.IsSigned());
        Assert.Equal(first.Hash.Hex, list[1].GetProperty("previous").GetString());
        Assert.Equal(first.PublicKeyPem, await _server.Admin.GetStringAsync("api/v1/audit/key"));
        Assert.Equal(first.Fingerprint, list[0].GetProperty("key").GetString());
    }

    [Fact]
    public async Task The_key_is_in_a_file_that_only_its_owner_can_read()
    {
        await MakeCheckpoint();
        var file = Path.Combine(_server.Data, "signing-key.pem");
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task A_key_that_cannot_be_used_is_a_503_and_nothing_is_made()
    {
        await File.WriteAllTextAsync(Path.Combine(_server.Data, "signing-key.pem"), "no key");
        using var refused = await _server.Admin.PostAsync("api/v1/audit/checkpoints", null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Empty((await _server.Admin.Json("api/v1/audit/checkpoints")).GetProperty("checkpoints").EnumerateArray());
    }

    [Fact]
    public async Task Checkpoints_are_made_by_themselves()
    {
        await using var server = await Server.Start("--Raktar:Checkpoints:Every=00:00:01");
        var deadline = TimeProvider.System.GetTimestamp();
        while ((await server.Admin.Json("api/v1/audit/checkpoints")).GetProperty("checkpoints").GetArrayLength() == 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromMinutes(1), "no checkpoint was made");
            await Task.Delay(100);
        }
    }

    private static string? Check(JsonNode proof)
    {
        var read = VersionProof.Read(Encoding.UTF8.GetBytes(proof.ToJsonString()));
        return read.Refusal?.Sentence ?? read.Value.Check([]).Refusal?.Sentence;
    }

    /// <summary>Every value that differs in one place.</summary>
    private static IEnumerable<JsonNode?> Changes(JsonNode value)
    {
        switch (value)
        {
            case JsonArray list:
                yield return new JsonArray([.. list.Select(each => each!.DeepClone()), "00"]);
                for (var i = 0; i < list.Count; i++)
                {
                    var shorter = list.DeepClone().AsArray();
                    shorter.RemoveAt(i);
                    yield return shorter;
                    foreach (var changed in Changes(list[i]!))
                    {
                        var other = list.DeepClone().AsArray();
                        other[i] = changed;
                        yield return other;
                    }
                }

                break;
            case JsonValue when value.GetValueKind() == JsonValueKind.Number:
                yield return (long)value + 1;
                yield return (long)value - 1;
                yield return (long)value + (1L << 32);
                break;
            default:
                var text = (string)value!;
                for (var i = 0; i < text.Length; i++)
                {
                    yield return $"{text[..i]}{(char)(text[i] ^ 1)}{text[(i + 1)..]}";
                }

                yield return text + "\n";
                yield return text + " ";
                yield return string.Empty;
                yield return null;
                break;
        }
    }

    private async Task<string> Keep(string name, string path)
    {
        var file = Path.Combine(_files.FullName, name);
        await File.WriteAllBytesAsync(file, await _server.Admin.GetByteArrayAsync(path));
        return file;
    }

    private async Task MakeCheckpoint()
    {
        using var made = await _server.Admin.PostAsync("api/v1/audit/checkpoints", null);
        Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
    }

    private async Task<(HttpStatusCode Status, string Detail)> Error(string path)
    {
        using var response = await _server.Admin.GetAsync(path);
        return await response.Error();
    }
}
