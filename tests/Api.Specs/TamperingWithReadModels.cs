using System.Text.RegularExpressions;
using Raktar.Api.CommandLine;

namespace Raktar.Api.Specs;

/// <summary>Whoever edits the read models gives and takes rights; <c>raktar verify</c> finds it, and <c>raktar rebuild</c> mends it.</summary>
[Collection(TheConsole.Name)]
[Trait("Needs", "seconds")]
public sealed partial class TamperingWithReadModels(CheckpointedRegistry registry) : IClassFixture<CheckpointedRegistry>, IDisposable
{
    private readonly DataFolderCopy _copy = registry.Copy();

    public static TheoryData<string, string, string> Edits => new()
    {
        { Replace("admin", "mallo", "crate-state", "foo"), "crate-state of crate/foo", "it is not what the log says" },
        { Replace("1.1.0", "6.6.6", "crate", "foo"), "crate of crate/foo", "it is not what the log says" },
        { Replace("1.3.0", "6.6.6", "catalogue", "foo"), "catalogue of crate/foo", "it is not what the log says" },
        { Replace("admin", "owner", "account", "admin"), "account of account/admin", "it is not what the log says" },
        { "UPDATE documents SET body = x'7b7d' WHERE kind = 'index' AND key = 'bar'", "index of crate/bar", "it is not what the log says" },
        { "DELETE FROM documents WHERE kind = 'crate-state' AND key = 'foo'", "crate-state of crate/foo", "it lacks what the log has from version 1 on" },
        { "UPDATE documents SET version = 99 WHERE kind = 'account'", "account of account/admin", "it is at version 99, at which the log ends no commit" },
        { "UPDATE documents SET change = 0 WHERE kind = 'account'", "account of account/admin", "whoever follows such documents does not hear of it as they should" },
        {
            "INSERT INTO documents (kind, key, version, change, body) SELECT kind, 'mallory', version, 999, body FROM documents WHERE kind = 'account'",
            "account of account/mallory", "the log has no such stream"
        },
        { "DELETE FROM audit WHERE kind = 'crate-created' AND stream = 'crate/foo'", "audit of crate/foo", "the row of version 1 is missing or not what the log says" },
        {
            "UPDATE audit SET body = CAST(replace(CAST(body AS TEXT), 'admin', 'somebody') AS BLOB), actor = 'somebody' WHERE kind = 'version-published' AND stream = 'crate/baz'",
            "audit of crate/baz", "the row of version 2 is missing or not what the log says"
        },
        { "UPDATE audit SET actor = 'nobody' WHERE stream = 'crate/baz'", "audit of crate/baz", "the row of version 1 is not found by what it says" },
        { "UPDATE audit SET stream = 'crate/qux' WHERE stream = 'crate/baz'", "audit of crate/qux", "the log has no such stream" },
        {
            "DELETE FROM audit WHERE id = (SELECT id FROM audit WHERE stream = 'crate/foo' ORDER BY place DESC)",
            "audit of crate/foo", "it lacks what the log has from version 5 on"
        },
    };

    public void Dispose() => _copy.Dispose();

    [Fact]
    public async Task What_nobody_touched_is_what_the_log_says_and_it_is_told_what_was_not_looked_at()
    {
        var (exit, output) = await _copy.Run("verify");
        Assert.True(exit == 0, output);
        Assert.Contains("read models compared with the log", output, StringComparison.Ordinal);
        Assert.Contains("not looked at: what is kept beside the log", output, StringComparison.Ordinal);
        Assert.DoesNotContain("rebuild", output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Edits))]
    public async Task An_edit_is_found_named_and_mended(string sql, string where, string what)
    {
        _copy.SqlOnReadModels(sql);
        var (exit, output) = await _copy.Run("verify");
        Assert.True(exit == RaktarCommand.Failed, output);
        Assert.Contains(Rows(output), row => row == (where, what));
        Assert.Contains("run raktar rebuild", output, StringComparison.Ordinal);
        Assert.Equal(0, (await _copy.Run("verify", "--log-only")).Exit);

        Assert.Equal(0, (await _copy.Run("rebuild")).Exit);
        (exit, output) = await _copy.Run("verify");
        Assert.True(exit == 0, output);
    }

    [Fact]
    public async Task Of_a_stream_whose_log_is_damaged_nothing_can_be_said_but_of_the_others()
    {
        _copy.Sql("UPDATE commits SET body = CAST(replace(CAST(body AS TEXT), '1.1.0', '6.6.6') AS BLOB) WHERE stream = 'crate/foo'");
        _copy.SqlOnReadModels(Replace("admin", "mallo", "crate-state", "bar"));
        var (exit, output) = await _copy.Run("verify");
        Assert.True(exit == RaktarCommand.Failed, output);
        Assert.Contains(Rows(output), row => row.Where == "crate-state of crate/bar");
        Assert.DoesNotContain(Rows(output), row => row.Where.EndsWith("of crate/foo", StringComparison.Ordinal));
        Assert.Contains("were not looked at", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_read_models_is_said_to_have_none()
    {
        Array.ForEach(Directory.GetFiles(_copy.Folder, "documents.db*"), File.Delete);
        var (exit, output) = await _copy.Run("verify");
        Assert.True(exit == 0, output);
        Assert.Contains("read models were not looked at", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_copy.Folder, "documents.db*"));
    }

    private static string Replace(string old, string @new, string kind, string key) =>
        $"UPDATE documents SET body = CAST(replace(CAST(body AS TEXT), '{old}', '{@new}') AS BLOB) WHERE kind = '{kind}' AND key = '{key}'";

    private static List<(string Where, string What)> Rows(string output) =>
        [.. Row().Matches(output).Select(row => (row.Groups["where"].Value.Trim(), row.Groups["what"].Value.Trim()))];

    [GeneratedRegex("^[|│](?<where>[^|│]+)[|│](?<what>[^|│]+)[|│]\\s*$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Row();
}
