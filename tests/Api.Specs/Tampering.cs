using System.Text.RegularExpressions;
using Raktar.Api.Background;
using Raktar.Api.CommandLine;
using Raktar.Application.Log;
using Raktar.Application.Proofs;
using Raktar.Domain;
using Raktar.Storage.Embedded;

namespace Raktar.Api.Specs;

/// <summary>Whoever has all rights on the data folder changes it; <c>raktar verify</c> finds it and names it.</summary>
[Collection(TheConsole.Name)]
[Trait("Needs", "seconds")]
public sealed partial class Tampering(CheckpointedRegistry registry) : IClassFixture<CheckpointedRegistry>, IDisposable
{
    private readonly DataFolderCopy _copy = registry.Copy();

    public void Dispose() => _copy.Dispose();

    [Fact]
    public async Task What_nobody_touched_is_as_it_was_written()
    {
        var (exit, output) = await _copy.Run("verify");
        Assert.True(exit == 0, output);
        Assert.Contains("all as they were written", output, StringComparison.Ordinal);
        Assert.Equal(0, (await _copy.Run("verify", "--checkpoint", registry.Kept)).Exit);
    }

    [Fact]
    public async Task A_commit_whose_bytes_were_changed()
    {
        _copy.Sql("UPDATE commits SET body = CAST(replace(CAST(body AS TEXT), '1.1.0', '6.6.6') AS BLOB) WHERE stream = 'crate/foo'");
        await Found("crate/foo@3", "commit crate/foo@3 is corrupt: its bytes do not match its hash");
    }

    [Fact]
    public async Task A_commit_that_was_rewritten_with_all_after_it()
    {
        await _copy.Rewrite("crate/foo", commits => commits.Select((commit, i) => i == 1 ? commit with { Correlation = "rewritten" } : commit));
        await Found("crate/foo", "its commit that ends at version 4 is not the one that checkpoint 1 signed", alone: true);
    }

    [Fact]
    public async Task A_commit_that_was_dropped_from_the_middle()
    {
        _copy.Sql("DELETE FROM commits WHERE stream = 'crate/foo' AND first_version = 3");
        await Found("crate/foo@4", "version 3 is missing before it");
        await Found("crate/foo", "its first 3 commits end at version 5; checkpoint 1 has them end at version 4");
    }

    [Fact]
    public async Task A_commit_that_was_dropped_from_the_middle_and_the_rest_chained_anew()
    {
        await _copy.Rewrite("crate/foo", commits => commits.Where((_, i) => i != 1));
        await Found("crate/foo", "its commit that ends at version 4 is not the one that checkpoint 1 signed", alone: true);
    }

    [Fact]
    public async Task The_newest_commit_that_was_dropped()
    {
        _copy.Sql("DELETE FROM commits WHERE stream = 'crate/foo' AND first_version = 5");
        await Found("crate/foo", "it ends at version 4; checkpoint 2 has it up to version 5", alone: true);
    }

    [Fact]
    public async Task A_whole_stream_that_was_dropped()
    {
        _copy.Sql("DELETE FROM commits WHERE stream = 'crate/baz'");
        await Found("crate/baz", "the stream is gone; checkpoint 2 has it up to version 2", alone: true);
    }

    [Fact]
    public async Task Two_commits_that_changed_places()
    {
        await _copy.Rewrite("crate/foo", commits => [commits[0], commits[2] with { At = commits[1].At }, commits[1], commits[3]]);
        await Found("crate/foo", "its commit that ends at version 4 is not the one that checkpoint 1 signed", alone: true);
    }

    [Fact]
    public async Task A_checkpoint_that_was_forged_with_another_key()
    {
        await Make(Path.Combine(_copy.Folder, "another-key.pem"));
        await Found("checkpoint 3", "it is signed with another key", alone: true);
    }

    [Fact]
    public async Task A_signature_that_was_changed()
    {
        await _copy.Rewrite("registry/checkpoints", commits => commits.Select((commit, i) => i == 1
            ? commit with { Events = [Made(commit) with { At = Made(commit).At.AddDays(-1) }] }
            : commit));
        await Found("checkpoint 2", "its signature is not its key's");
    }

    [Fact]
    public async Task The_last_checkpoint_that_was_removed_from_the_log()
    {
        _copy.Sql("DELETE FROM commits WHERE stream = 'registry/checkpoints' AND first_version = 2");
        await Found(Place(_copy.Checkpoints[1]), "the log has no checkpoint 2", alone: true);
    }

    [Fact]
    public async Task The_first_checkpoint_that_was_removed_from_the_log()
    {
        await _copy.Rewrite("registry/checkpoints", commits => commits.Skip(1));
        await Found("checkpoint 2", "checkpoint 1 is missing before it", alone: true);
    }

    [Fact]
    public async Task All_checkpoints_that_were_removed_from_the_log()
    {
        _copy.Sql("DELETE FROM commits WHERE stream = 'registry/checkpoints'");
        await Found(Place(_copy.Checkpoints[0]), "the log has no checkpoint 1");
        await Found(Place(_copy.Checkpoints[1]), "the log has no checkpoint 2");
    }

    [Fact]
    public async Task A_file_of_a_checkpoint_that_was_removed()
    {
        var file = _copy.Checkpoints[0];
        File.Delete(file);
        await Found(Place(file), "the blob is missing", alone: true);
    }

    [Fact]
    public async Task A_file_of_a_checkpoint_that_was_replaced()
    {
        var files = _copy.Checkpoints;
        File.Copy(files[0], files[1], overwrite: true);
        await Found(Place(files[1]), "the blob's bytes hash to ", alone: true);
    }

    [Fact]
    public async Task A_file_that_says_something_else_than_its_checkpoint()
    {
        // The log names the first checkpoint's file as the second's.
        await _copy.Rewrite("registry/checkpoints", commits => commits.Select((commit, i) => i == 1
            ? commit with { Events = [Made(commit) with { File = Made(commits[0]).File }] }
            : commit));
        File.Copy(_copy.Checkpoints[0], _copy.Checkpoints[0].Replace("00000001-", "00000002-", StringComparison.Ordinal));
        await Found("checkpoints/00000002-", "its statement is not that of checkpoint 2 in the log");
    }

    [Fact]
    public async Task A_history_that_was_rewritten_and_signed_anew_by_who_has_the_key_is_found_with_what_somebody_kept()
    {
        _copy.Sql("DELETE FROM commits WHERE stream IN ('registry/checkpoints', 'crate/baz')");
        Array.ForEach(_copy.Checkpoints, File.Delete);
        // Else the read models give it away, which still have what is gone.
        await Found("crate of crate/baz", "the log has no such stream");
        Assert.Equal(0, (await _copy.Run("rebuild")).Exit);
        var key = Path.Combine(_copy.Folder, "signing-key.pem");
        await Make(key);
        Assert.Equal(0, (await _copy.Run("verify")).Exit);
        await Found("the kept checkpoint 2", "the log does not have it", alone: true, "--checkpoint", registry.Kept);
        await Make(key);
        await Found("the kept checkpoint 2", "the log's checkpoint of that number says something else", alone: true, "--checkpoint", registry.Kept);

        // With the whole file it is said what was changed.
        var whole = Directory.GetFiles(Path.Combine(registry.Data, "blobs", "checkpoints"), "00000002-*").Single();
        await Found("crate/baz", "the stream is gone; checkpoint 2 has it up to version 2", alone: false, "--checkpoint", whole);
    }

    [Fact]
    public async Task A_pinned_key_is_the_only_one_that_is_trusted()
    {
        var pinned = Path.Combine(_copy.Folder, "pinned.pem");
        await File.WriteAllTextAsync(pinned, CheckpointFile.Find(await File.ReadAllBytesAsync(registry.Kept))!.Statement.PublicKeyPem);
        Assert.Equal(0, (await _copy.Run("verify", "--key", pinned)).Exit);

        var another = Path.Combine(_copy.Folder, "another.pem");
        using (var key = new PemKeyFile(another))
        {
            await key.PublicKey(CancellationToken.None);
        }

        await Found("checkpoint 1", "it is signed with another key", alone: false, "--key", another);
        Assert.Equal(0, (await _copy.Run("verify", "--key", another, "--key", pinned)).Exit);
        Assert.Equal(RaktarCommand.CannotStart, (await _copy.Run("verify", "--key", registry.Kept)).Exit);
        Assert.Equal(RaktarCommand.CannotStart, (await _copy.Run("verify", "--checkpoint", pinned)).Exit);
    }

    [Fact]
    public async Task A_file_that_a_checkpoint_left_which_came_too_late_is_nothing_wrong()
    {
        // As after a race or a crash: signed and kept, but the log gave the number to another.
        _copy.Sql("DELETE FROM commits WHERE stream = 'registry/checkpoints' AND first_version = 2");
        await Make(Path.Combine(_copy.Folder, "signing-key.pem"));
        Assert.Equal(3, _copy.Checkpoints.Length);
        Assert.Equal(0, (await _copy.Run("rebuild")).Exit);
        var (exit, output) = await _copy.Run("verify");
        Assert.True(exit == 0, output);

        // And what it says counts.
        _copy.Sql("DELETE FROM commits WHERE stream = 'crate/baz'");
        await Found("crate/baz", "the stream is gone; checkpoint 2 has it up to version 2", alone: true);
    }

    [Fact]
    public async Task The_next_checkpoint_says_what_contradicts_the_last_one_and_hides_nothing()
    {
        _copy.Sql("DELETE FROM commits WHERE stream = 'crate/baz'");
        var made = await Make(Path.Combine(_copy.Folder, "signing-key.pem"));
        Assert.Equal("crate/baz: the stream is gone; checkpoint 2 has it up to version 2", made!.Contradiction);
        await Found("crate/baz", "the stream is gone; checkpoint 2 has it up to version 2", alone: true);
    }

    [Fact]
    public async Task Checkpoints_survive_a_rebuild()
    {
        var (exit, output) = await _copy.Run("rebuild");
        Assert.True(exit == 0, output);
        Assert.Equal(0, (await _copy.Run("verify", "--checkpoint", registry.Kept)).Exit);
        await using var server = await Server.Start($"--Raktar:DataFolder={_copy.Folder}");
        using var admin = server.Client((await File.ReadAllTextAsync(Path.Combine(_copy.Folder, "admin-token"))).Trim());
        var list = await admin.Json("api/v1/audit/checkpoints");
        Assert.Equal([2, 1], list.GetProperty("checkpoints").EnumerateArray().Select(checkpoint => checkpoint.GetProperty("number").GetInt32()));
        Assert.Equal(await File.ReadAllTextAsync(registry.Kept), await admin.GetStringAsync("api/v1/audit/checkpoints/2"));
        Assert.True(VersionProof.Read(await admin.GetByteArrayAsync("api/v1/audit/proof/baz/1.0.0")).Value.Check([]).Refusal is null);
    }

    private static Domain.Registry.CheckpointMade Made(Commit commit) => commit.Events.OfType<Domain.Registry.CheckpointMade>().Single();

    private static string Place(string file) => $"checkpoints/{Path.GetFileName(file)}";

    private async Task<MadeCheckpoint?> Make(string key)
    {
        using var storage = EmbeddedStorage.Own(_copy.Folder);
        using var pem = new PemKeyFile(key);
        return await new CheckpointMaker(storage.Events, storage.Blobs, pem, TimeProvider.System).Make(CheckpointService.Raktar, always: true, CancellationToken.None);
    }

    private async Task Found(string where, string what, bool alone = false, params string[] arguments)
    {
        var (exit, output) = await _copy.Run(["verify", .. arguments]);
        Assert.True(exit == RaktarCommand.Failed, output);
        var rows = Row().Matches(output).Select(row => (Where: row.Groups["where"].Value.Trim(), What: row.Groups["what"].Value.Trim())).Skip(1).ToList();
        Assert.Contains(rows, row => row.Where.StartsWith(where, StringComparison.Ordinal) && row.What.StartsWith(what, StringComparison.Ordinal));
        Assert.True(!alone || rows.Count == 1, output);
    }

    [GeneratedRegex("^[|│](?<where>[^|│]+)[|│](?<what>[^|│]+)[|│]\\s*$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Row();
}
