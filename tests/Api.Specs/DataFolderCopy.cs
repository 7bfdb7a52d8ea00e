using Microsoft.Data.Sqlite;
using Raktar.Api.CommandLine;
using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Storage.Embedded;
using Raktar.Testing;
using Spectre.Console;

namespace Raktar.Api.Specs;

/// <summary>Specs that read what commands print run alone: there is one console.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TheConsole
{
    public const string Name = "the console";
}

/// <summary>A stopped registry with some crates and two checkpoints, of which each spec spoils a copy.</summary>
public sealed class CheckpointedRegistry : IAsyncLifetime
{
    public string Data { get; } = Directory.CreateTempSubdirectory("raktar-checkpointed-").FullName;

    /// <summary>What somebody kept of the second checkpoint.</summary>
    public string Kept => Path.Combine(Data, "kept");

    public async Task InitializeAsync()
    {
        await using var server = await Server.Start("--Raktar:Checkpoints:Every=0");
        foreach (var version in (string[])["1.0.0", "1.1.0", "1.2.0"])
        {
            (await RawCrate.Of("foo", version).Publish(server.Admin)).EnsureSuccessStatusCode();
        }

        (await RawCrate.Of("bar", "1.0.0").Publish(server.Admin)).EnsureSuccessStatusCode();
        (await server.Admin.PostAsync("api/v1/audit/checkpoints", null)).EnsureSuccessStatusCode();
        (await RawCrate.Of("foo", "1.3.0").Publish(server.Admin)).EnsureSuccessStatusCode();
        (await RawCrate.Of("baz", "1.0.0").Publish(server.Admin)).EnsureSuccessStatusCode();
        (await server.Admin.PostAsync("api/v1/audit/checkpoints", null)).EnsureSuccessStatusCode();
        await File.WriteAllTextAsync(Kept, await server.Admin.GetStringAsync("api/v1/audit/checkpoints/2"));
        (await RawCrate.Of("bar", "2.0.0").Publish(server.Admin)).EnsureSuccessStatusCode();

        foreach (var file in Directory.GetFiles(server.Data, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith("lock", StringComparison.Ordinal)))
        {
            var target = Path.Combine(Data, Path.GetRelativePath(server.Data, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public Task DisposeAsync()
    {
        Directory.Delete(Data, recursive: true);
        return Task.CompletedTask;
    }

    internal DataFolderCopy Copy() => new(Data);
}

/// <summary>A copy of a data folder, and what somebody with all rights could do to it.</summary>
internal sealed class DataFolderCopy : IDisposable
{
    public DataFolderCopy(string original)
    {
        foreach (var file in Directory.GetFiles(original, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, Path.GetRelativePath(original, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("raktar-copy-").FullName;

    /// <summary>The checkpoints' files, in their order.</summary>
    public string[] Checkpoints => [.. Directory.GetFiles(Path.Combine(Folder, "blobs", "checkpoints")).Order(StringComparer.Ordinal)];

    /// <summary>Runs a command on it; answers its exit code and what it printed, in long lines.</summary>
    public async Task<(int Exit, string Output)> Run(params string[] arguments) => await Printed([.. arguments, "--data", Folder]);

    /// <summary>Runs a command.</summary>
    public static async Task<(int Exit, string Output)> Printed(params string[] arguments)
    {
        using var output = new StringWriter();
        var (before, ansi) = (Console.Out, AnsiConsole.Console);
        try
        {
            Console.SetOut(output);
            AnsiConsole.Console = AnsiConsole.Create(new() { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
            AnsiConsole.Profile.Width = 400;
            return (await RaktarCommand.Run(arguments), output.ToString());
        }
        finally
        {
            Console.SetOut(before);
            AnsiConsole.Console = ansi;
        }
    }

    /// <summary>Runs SQL on the log, without its triggers.</summary>
    public void Sql(string sql, params (string Name, object Value)[] values) => Sql(
        "events.db",
        $"""
        DROP TRIGGER IF EXISTS commits_are_never_changed; DROP TRIGGER IF EXISTS commits_are_never_deleted; DROP TRIGGER IF EXISTS commits_are_never_replaced;
        {sql}
        """,
        values);

    /// <summary>Runs SQL on the read models.</summary>
    public void SqlOnReadModels(string sql) => Assert.NotEqual(0, Sql("documents.db", sql));

    private int Sql(string file, string sql, params (string Name, object Value)[] values)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, file)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteNonQuery();
    }

    /// <summary>Puts other commits into the place of a stream's, numbered and chained anew: nothing in the stream itself shows it.</summary>
    public async Task Rewrite(string stream, Func<List<Commit>, IEnumerable<Commit>> change)
    {
        List<RecordedCommit> before;
        using (var storage = EmbeddedStorage.OpenToRead(Folder))
        {
            before = await storage.Events.Read(StreamName.Parse(stream), 0, CancellationToken.None).ToListAsync();
        }

        Sql("DELETE FROM commits WHERE stream = $stream", ("$stream", stream));
        var head = StreamHead.Start(StreamName.Parse(stream));
        foreach (var commit in change([.. before.Select(recorded => recorded.Commit)]).ToList())
        {
            var chained = commit with { FirstVersion = head.Version + 1, PreviousHash = head.Hash };
            var body = EventCodec.Encode(chained);
            Sql(
                "INSERT INTO commits (stream, first_version, last_version, hash, body) VALUES ($stream, $first, $last, $hash, $body)",
                ("$stream", stream),
                ("$first", chained.FirstVersion),
                ("$last", chained.LastVersion),
                ("$hash", Checksum.Of(body).Hex),
                ("$body", body));
            head = new RecordedCommit(chained, Checksum.Of(body)).Head;
        }
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
