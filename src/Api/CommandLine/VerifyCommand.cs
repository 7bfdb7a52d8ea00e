using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Raktar.Api.Settings;
using Raktar.Application.Log;
using Raktar.Application.Proofs;
using Raktar.Application.State;
using Raktar.Projections;
using Raktar.Projections.Following;
using Raktar.Storage;
using Raktar.Storage.Aws;
using Raktar.Storage.Embedded;
using Spectre.Console;

namespace Raktar.Api.CommandLine;

/// <summary><c>raktar verify</c>.</summary>
internal static class VerifyCommand
{
    private const int MaxShown = 100;

    private static readonly int Parallel = 4 * Environment.ProcessorCount;

    private static readonly Option<string?> Proof = new("--proof")
    {
        Description = "Only check this proof, as GET /api/v1/audit/proof gives it; needs no registry",
    };

    private static readonly Option<string?> Checkpoint = new("--checkpoint")
    {
        Description = "Also check the log against this checkpoint, which was kept elsewhere: a statement, or a whole file",
    };

    private static readonly Option<string[]> Keys = new("--key")
    {
        Description = "Trust this public key (PEM) and no other; can be given more than once [default: the registry's own]",
    };

    private static readonly Option<bool> LogOnly = new("--log-only")
    {
        Description = "Do not compare the read models with the log",
    };

    public static Command Create()
    {
        var command = new Command(
            "verify",
            """
            Check the hash chain of every stream, and every blob, every checkpoint and all read models against the log.

            The registry may be running. Exits with 1 and a table of what is wrong when something is.
            """)
        {
            Proof,
            Checkpoint,
            Keys,
            LogOnly,
        };
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var keys = (parsed.GetValue(Keys) ?? []).Select(file => CheckpointStatement.KeyIn(File.ReadAllText(file))
            ?? throw new SettingsException($"{file} holds no public key in PEM")).ToList();
        if (parsed.GetValue(Proof) is { } proof)
        {
            return ShowProof(await File.ReadAllBytesAsync(proof, cancellationToken), keys);
        }

        var kept = parsed.GetValue(Checkpoint) is { } file
            ? CheckpointFile.Find(await File.ReadAllBytesAsync(file, cancellationToken)) ?? throw new SettingsException($"{file} is no checkpoint")
            : null;
        var options = RaktarCommand.Options(parsed);
        using var aws = options.Storage == StorageKind.Aws ? new AwsStorage(options.Aws, TimeProvider.System) : null;
        using var folder = aws is null ? EmbeddedStorage.OpenToRead(options.DataFolder) : null;
        IStores stores = aws is not null ? aws : folder!;
        var (events, blobs) = (stores.Events, stores.Blobs);
        var trusted = keys.Count > 0 ? keys : await OwnKey(options, aws, cancellationToken);
        var problems = new List<Finding>();
        var looked = 0;
        await AnsiConsole.Status().StartAsync("reading the checkpoints and the log", async status =>
        {
            var verifier = new LogVerifier(events, blobs, new CheckpointVerifier(events, blobs, trusted, kept), TimeProvider.System);
            await foreach (var finding in verifier.Verify(Parallel, cancellationToken))
            {
                if (++looked % 1000 == 0)
                {
                    status.Status($"{looked} commits, blobs and checkpoints checked");
                }

                if (finding.Problem is not null)
                {
                    problems.Add(finding);
                }
            }
        });
        Show(problems, $"{looked} commits, blobs and checkpoints checked");
        var models = parsed.GetValue(LogOnly) ? 0
            : aws is not null ? await ReadModels(new(events, aws.Documents, aws.Audit, IsOfThisMinute), problems, cancellationToken)
            : folder!.HasDocuments ? await ReadModels(new(events, folder.Documents, folder.Audit, new Unreached(folder).Has), problems, cancellationToken)
            : Nothing("read models were not looked at: there are none that this version of the program could read; it makes them at the next start");
        AnsiConsole.WriteLine(
            "not looked at: what is kept beside the log (sessions, refused attempts, last uses), settings and keys"
            + (parsed.GetValue(LogOnly) ? ", and the read models, as you asked" : string.Empty));
        return problems.Count + models == 0 ? 0 : RaktarCommand.Failed;
    }

    /// <summary>Compares the read models with the log, as far as that is as it was written; answers how many problems there are.</summary>
    private static async Task<int> ReadModels(ReadModelVerifier verifier, List<Finding> inLog, CancellationToken cancellationToken)
    {
        using var owned = verifier;
        // Of what is wrong in the log: a stream, one of its commits, or a checkpoint.
        var damaged = inLog.Select(finding => finding.Subject.StartsWith("checkpoint", StringComparison.Ordinal)
            ? StreamName.Checkpoints.ToString()
            : finding.Subject.Split('@')[0]).ToHashSet(StringComparer.Ordinal);
        var clock = Stopwatch.StartNew();
        var (looked, problems) = await Progress.Of("streams", progress => verifier.Verify(Parallel, damaged, progress, cancellationToken));
        Show(problems, string.Create(CultureInfo.InvariantCulture, $"{looked} read models compared with the log in {clock.Elapsed.TotalSeconds:0.0} s"));
        if (problems.Count > 0)
        {
            AnsiConsole.WriteLine("run raktar rebuild, which makes the read models anew from the log; then ask who could write to them");
        }

        if (inLog.Count > 0)
        {
            AnsiConsole.WriteLine("read models of streams that are not as they were written were not looked at");
        }

        return problems.Count;
    }

    private static int Nothing(string sentence)
    {
        AnsiConsole.WriteLine(sentence);
        return 0;
    }

    private static void Show(IReadOnlyCollection<Finding> problems, string looked)
    {
        if (problems.Count == 0)
        {
            AnsiConsole.WriteLine($"{looked}: all as they were written");
            return;
        }

        var table = new Table().AddColumns("where", "what is wrong");
        foreach (var (subject, problem) in problems.OrderBy(each => each.Subject, StringComparer.Ordinal).Take(MaxShown))
        {
            table.AddRow(Terminal.Cell(subject), Terminal.Cell(problem));
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"{looked}: {problems.Count} are wrong");
    }

    /// <summary>The functions of the projections may be at work on it still.</summary>
    private static Task<bool> IsOfThisMinute(RecordedCommit recorded, CancellationToken cancellationToken) =>
        Task.FromResult(recorded.Commit.At > TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1));

    /// <summary>What the projections of a data folder have not come to yet, by what they keep: what was appended last, or all since a crash.</summary>
    private sealed class Unreached(EmbeddedStorage folder)
    {
        public async Task<bool> Has(RecordedCommit recorded, CancellationToken cancellationToken)
        {
            var reached = (await folder.Documents.Get(LogFollower.Checkpoint, cancellationToken))?.Version ?? 0;
            return await folder.Feed.After(reached, cancellationToken).AnyAsync(moved => moved.Stream == recorded.Commit.Stream, cancellationToken);
        }
    }

    /// <summary>The registry's own key, where it is within reach.</summary>
    private static async Task<List<string>> OwnKey(RaktarOptions options, AwsStorage? aws, CancellationToken cancellationToken) =>
        aws?.SigningKey is { } key ? [CheckpointStatement.KeyText(await key.PublicKey(cancellationToken))]
        : options.SigningKeyFile is { } file && File.Exists(file) && CheckpointStatement.KeyIn(await File.ReadAllTextAsync(file, cancellationToken)) is { } own ? [own]
        : [];

    private static int ShowProof(byte[] json, List<string> keys)
    {
        var read = VersionProof.Read(json);
        var outcome = read.Refusal is { } refusal ? refusal : read.Value.Check(keys);
        if (outcome.Refusal is { } wrong)
        {
            Console.Out.WriteLine($"nothing is proven: {Terminal.Line(wrong.Sentence)}");
            return RaktarCommand.Failed;
        }

        var (recorded, checkpoint) = outcome.Value;
        var (commit, actor) = (recorded.Commit, recorded.Commit.Actor);
        foreach (var published in outcome.Value.Published)
        {
            Console.Out.WriteLine(Terminal.Line($"proven: {commit.Stream.Key} {published.Version} was published"));
            Console.Out.WriteLine($"  checksum    {published.Checksum}");
        }

        Console.Out.WriteLine($"  at          {commit.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}");
        var by = $"{actor.Account}{(actor.Token is { } token ? $", token {token}" : string.Empty)}{(actor.Ci is { } ci ? $", {ci}" : string.Empty)}";
        Console.Out.WriteLine($"  by          {Terminal.Line(by)}");
        Console.Out.WriteLine(Terminal.Line($"  commit      {recorded.Hash}, version {commit.FirstVersion} of {commit.Stream}"));
        Console.Out.WriteLine($"  checkpoint  {checkpoint.Number} of {checkpoint.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}, {checkpoint.Commits} commits of {checkpoint.Streams} streams");
        Console.Out.WriteLine($"  key         {checkpoint.Fingerprint}, {(keys.Count > 0 ? "which you trust" : "which was compared with nothing: say whom you trust with --key")}");
        return 0;
    }
}
