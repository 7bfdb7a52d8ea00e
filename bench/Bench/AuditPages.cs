using System.Diagnostics;
using System.Globalization;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Application;
using Raktar.Application.Audit;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.LocalAws;
using Raktar.Storage;
using Raktar.Storage.Aws;

namespace Raktar.Bench;

/// <summary>
/// Pages of the audit of a large registry, on both storages: the use case with its store, and the page as JSON, without HTTP around it. The rows are put
/// straight into the store.
/// </summary>
internal sealed class AuditPages(Settings settings, Report report, string work)
{
    private const int Limit = 100;
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Caller Admin = new(Login.Admin, Role.Admin, 1);
    private static readonly Login Robot = Login.Parse("ci-robot");
    private static readonly Login Ann = Login.Parse("ann-7");

    // Of a hundred rows.
    private static readonly (string Kind, int Share)[] Kinds =
        [("version-published", 78), ("version-yanked", 8), ("owner-added", 5), ("token-issued", 5), ("crate-created", 3), ("role-changed", 1)];

    /// <summary>Measures the embedded edition.</summary>
    public async Task Embedded()
    {
        var data = Path.Combine(work, "embedded");
        if (Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }

        await Measure("embedded", services => services.AddEmbeddedStorage(data));
    }

    /// <summary>Measures DynamoDB Local, in the place of DynamoDB.</summary>
    public async Task Aws()
    {
        var servers = await LocalServers.Start();
        var options = new AwsStorageOptions { AuditTable = "bench-audit", AsideTable = "bench-aside", DynamoDbUrl = servers.DynamoDbUrl, S3Url = servers.S3Url };
        Environment.SetEnvironmentVariable("AWS_REGION", LocalServers.Region);
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", LocalServers.AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", LocalServers.SecretKey);
        await LocalTables.Create(servers, "Audit", options.AuditTable);
        await LocalTables.Create(servers, "Aside", options.AsideTable);
        await Measure("DynamoDB Local", services => services.AddAwsStorage(options));
    }

    private async Task Measure(string storage, Func<IServiceCollection, IServiceCollection> addStorage)
    {
        var services = addStorage(new ServiceCollection().AddSingleton(TimeProvider.System).AddSingleton(new RefusedLimits { RefusedPerMinute = int.MaxValue }))
            .AddApplication().AddSingleton<IProjectionSignal, Silent>().AddSingleton<IRateLimits, Silent>();
        await using var provider = services.BuildServiceProvider();
        var clock = Stopwatch.StartNew();
        await Fill(provider.GetRequiredService<IAuditStore>(), provider.GetRequiredService<RefusedAttempts>());
        var seconds = clock.Elapsed.TotalSeconds;
        report.Add(new($"audit, {storage}: rows written", $"{Report.Text(settings.AuditRows / seconds, "0")} /s, {Report.Text(settings.AuditRows, "0")} in {Report.Text(seconds, "0")} s"));

        var sender = provider.GetRequiredService<IMediator>();
        (string Name, AuditFilter Filter)[] filters =
        [
            ("everything", new()),
            ("everything in the log", new() { Outcome = AuditOutcome.Done }),
            ("a month", new() { Since = Start.AddDays(400), Until = Start.AddDays(430) }),
            ("a crate", new() { Crate = CrateName.Parse("crate-17") }),
            ("a busy crate", new() { Crate = CrateName.Parse("crate-0") }),
            ("a person", new() { Actor = Ann }),
            ("a robot, half of all", new() { Actor = Robot }),
            ("a frequent kind", new() { Kinds = ["version-published"] }),
            ("a rare kind", new() { Kinds = ["role-changed"] }),
            ("four kinds", new() { Kinds = ["role-changed", "crate-created", "owner-added", "token-issued"] }),
            ("the robot and a rare kind", new() { Actor = Robot, Kinds = ["role-changed"] }),
            ("the robot and a token it never used", new() { Actor = Robot, Token = 99 }),
            ("a busy crate and a kind it never had", new() { Crate = CrateName.Parse("crate-0"), Kinds = ["team-created"] }),
            ("refused attempts", new() { Outcome = AuditOutcome.Refused }),
            ("refused attempts of somebody who made none", new() { Outcome = AuditOutcome.Refused, Actor = Ann }),
        ];
        var random = new Random(1);
        foreach (var (name, filter) in filters)
        {
            var times = new List<double>();
            for (var i = 0; i < settings.AuditQueries + 20; i++)
            {
                var before = i % 4 == 0 ? (AuditPlace?)null : AuditPlace.StartOf(Start.AddMinutes(random.Next(1_500_000)));
                var start = Stopwatch.GetTimestamp();
                var page = (await sender.Send(new GetAudit(Admin, filter, before, Limit))).Value;
                var bytes = page.Rows.Sum(row => row.ToBytes().Length);
                // The first ones compile the code.
                if (i >= 20 && bytes >= 0)
                {
                    times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }

            report.Add(new(
                $"audit, {storage}, a page of {name}",
                $"p50 {Report.Text(times.Median(), "0.0")} ms, p99 {Report.Text(times.Percentile(99), "0.0")} ms",
                Goal: "p99 < 50 ms",
                Reached: times.Percentile(99) < 50));
        }
    }

    /// <summary>As many rows as a registry of many years, the same each time: one crate has a tenth of them, most have a dozen; a robot did half.</summary>
    private async Task Fill(IAuditStore store, RefusedAttempts attempts)
    {
        var crates = Math.Max(1, settings.AuditRows / 25);
        var done = 0;
        await Parallel.ForAsync(0, crates, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (crate, stop) =>
        {
            var random = new Random(crate);
            var stream = StreamName.Parse($"crate/crate_{Text(crate)}");
            var count = crate == 0 ? settings.AuditRows / 10 : (settings.AuditRows - (settings.AuditRows / 10)) / Math.Max(1, crates - 1);
            var times = Enumerable.Range(0, count).Select(_ => random.Next(1_500_000 * 60)).Order().ToList();
            foreach (var chunk in times.Select((second, i) => Row(random, stream, i + 1, Start.AddSeconds(second))).Chunk(1000))
            {
                await store.Put(stream, chunk, stop);
            }

            if (Interlocked.Add(ref done, count) / 50_000 != (done - count) / 50_000)
            {
                Console.WriteLine($"  {Text(done)} rows");
            }
        });
        for (var i = 0; i < settings.AuditRows / 100; i++)
        {
            var stream = RefusedAttempts.NewStream();
            var row = Row(new Random(i), stream, 1, TimeProvider.System.GetUtcNow().AddSeconds(-i));
            row = row with { Kind = AuditRow.RefusedKind, Refused = true, Actor = Robot, Status = 403, Sentence = "you are not an owner of `crate-1`" };
            await attempts.Keep(row, "127.0.0.1", default);
        }
    }

    private static AuditRow Row(Random random, StreamName stream, long version, DateTimeOffset at)
    {
        var (pick, kind) = (random.Next(100), 0);
        while ((pick -= Kinds[kind].Share) >= 0)
        {
            kind++;
        }

        var actor = random.Next(2) == 0 ? Robot : Login.Parse($"ann-{Text(random.Next(200))}");
        return new()
        {
            At = at,
            Kind = Kinds[kind].Kind,
            Crate = stream.Key,
            Actor = actor,
            Token = random.Next(1, 5),
            Client = Wrk.Cargo,
            Correlation = $"0HN{Text(random.Next(1_000_000, 9_999_999))}:00000001",
            Stream = stream,
            Version = version,
            First = version,
            Commit = Domain.Checksum.Of(BitConverter.GetBytes(random.NextInt64())),
            Detail = $$"""{"version":"1.{{Text(version)}}.0","checksum":"{{Domain.Checksum.Of(BitConverter.GetBytes(version)).Hex}}","size":{{Text(random.Next(100_000))}}}""",
        };
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Nothing is appended here.</summary>
    private sealed class Silent : IProjectionSignal, IRateLimits
    {
        public Task<bool> Appended(StreamHead head, bool takesAway) => Task.FromResult(true);

        public Refusal? Spend(Rate rate, Caller by) => null;
    }
}
