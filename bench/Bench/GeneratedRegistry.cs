using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Storage.Embedded;

namespace Raktar.Bench;

/// <summary>
/// A large registry, written straight into a log: the same for the same numbers. Few crates have many versions, most have few; a version
/// depends on up to a dozen others.
/// </summary>
internal sealed class GeneratedRegistry(int crates, int versions)
{
    /// <summary>In about every tenth description.</summary>
    public const string CommonWord = "async";
    private const string Author = "The Authors <authors@example.org>";
    // Streams written at a time: appends wait for each other's flush, and share it.
    private const int Parallelism = 512;
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Actor Publisher = new(Login.Admin, 1, Wrk.Cargo);

    private static readonly string[] Words =
    [
        "async", "parser", "http", "json", "crypto", "stream", "buffer", "cache", "graph", "vector", "matrix", "string", "token", "macro", "derive",
        "error", "config", "logger", "metric", "trace", "socket", "proxy", "queue", "actor", "state", "event", "store", "index", "search", "query",
        "table", "column", "format", "codec", "image", "audio", "video", "font", "color", "window", "input", "shell", "terminal", "process", "thread",
        "atomic", "mutex", "channel", "timer", "clock", "date", "locale", "unicode", "regex", "lexer", "syntax", "compiler", "linker", "loader", "memory",
        "arena", "alloc", "slab", "hash", "tree", "list", "heap", "set", "map", "range", "iterator", "math", "float", "bigint", "random", "sample",
        "statistics", "solver", "geometry", "physics", "render", "shader", "mesh", "scene", "camera", "sensor", "driver", "embedded", "serial", "usb",
        "bluetooth", "network", "packet", "dns", "tls", "auth", "session", "cookie", "router", "template", "markdown", "html", "css", "xml", "yaml",
        "toml", "csv", "archive", "zip", "tar", "backup", "sync", "cloud", "bucket", "lambda", "container", "cluster", "deploy", "test", "mock", "fuzz",
    ];

    /// <summary>A name that exists, by number.</summary>
    public static string Name(int i) =>
        $"{Words[i % Words.Length]}-{Words[i / Words.Length % Words.Length]}{(i < Words.Length * Words.Length ? "" : $"-{SmallRegistry.Text(i / Words.Length / Words.Length)}")}";

    /// <summary>Makes the registry in an empty folder, and answers whether it did: one that is there with the same numbers is kept.</summary>
    public async Task<bool> Make(string data)
    {
        var made = Path.Combine(data, "generated");
        var numbers = $"{SmallRegistry.Text(crates)} crates, {SmallRegistry.Text(versions)} versions, format 1";
        if (File.Exists(made) && string.Equals(await File.ReadAllTextAsync(made), numbers, StringComparison.Ordinal))
        {
            return false;
        }

        if (Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }

        var clock = Stopwatch.StartNew();
        var counts = VersionCounts();
        using (var storage = EmbeddedStorage.Own(data))
        {
            var done = 0;
            await Parallel.ForAsync(0, crates, new ParallelOptions { MaxDegreeOfParallelism = Parallelism }, async (i, stop) =>
            {
                await Write(storage, i, counts[i], stop);
                if (Interlocked.Increment(ref done) % 5000 == 0)
                {
                    Console.WriteLine($"  {SmallRegistry.Text(done)} crates, {clock.Elapsed.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s");
                }
            });
        }

        await File.WriteAllTextAsync(made, numbers);
        return true;
    }

    /// <summary>How many versions each crate has: by a power law, exactly <c>versions</c> in all.</summary>
    private int[] VersionCounts()
    {
        var random = new Random(1);
        var weights = Enumerable.Range(0, crates).Select(_ => Math.Min(Math.Pow(1 - random.NextDouble(), -0.8), 300)).ToArray();
        var scale = (versions - crates) / weights.Sum();
        var counts = weights.Select(weight => 1 + (int)(weight * scale)).ToArray();
        for (var left = versions - counts.Sum(); left > 0; left--)
        {
            counts[left % crates]++;
        }

        return counts;
    }

    private async Task Write(EmbeddedStorage storage, int crate, int count, CancellationToken stop)
    {
        var random = new Random(crate);
        var name = CrateName.Parse(Name(crate));
        var head = StreamHead.Start(StreamName.Of(name));
        var at = Start.AddMinutes(random.Next(0, 2_000_000));
        var description = $"A {Word()} {Word()} for {Word()} and {Word()}: {(random.Next(10) == 0 ? CommonWord : "plain")} {Word()} in the style of {Word()}";
        var keywords = Enumerable.Range(0, random.Next(0, 5)).Select(_ => Word()).Distinct(StringComparer.Ordinal).ToValueList();
        var dependencies = Enumerable.Range(0, random.Next(0, 13)).Select(_ => random.Next(crates)).Distinct().Order()
            .Select(i => new Dependency
            {
                Name = Name(i),
                Req = $"^1.{SmallRegistry.Text(random.Next(10))}",
                Features = random.Next(3) == 0 ? ["std", "derive"] : [],
                Optional = random.Next(6) == 0,
                Kind = random.Next(5) == 0 ? DependencyKind.Dev : DependencyKind.Normal,
            })
            .ToValueList();
        for (var i = 0; i < count; i++)
        {
            var version = SemVersion.Parse($"{SmallRegistry.Text(i < count / 3 ? 0 : 1)}.{SmallRegistry.Text(i)}.{SmallRegistry.Text(random.Next(4))}");
            var checksum = Checksum.FromHash(SHA256.HashData(Encoding.ASCII.GetBytes($"{name}-{version}")));
            var published = new VersionPublished(version, checksum, 10_000 + random.Next(200_000), Login.Admin, new Package
            {
                Dependencies = dependencies,
                Features = [new("default", ["std"]), new("full", ["std", "unstable"]), new("std", []), new("unstable", [])],
                RustVersion = "1.74",
                Edition = "2021",
                Description = description,
                Repository = $"https://git.example.org/{name}",
                License = "MIT OR Apache-2.0",
                Keywords = keywords,
                Authors = [Author],
                Library = name.Canonical,
            });
            DomainEvent[] facts = i == 0 ? [new CrateCreated(name, Login.Admin), published] : [published];
            head = await Append(storage, head, at, stop, facts);
            if (random.Next(50) == 0)
            {
                head = await Append(storage, head, at.AddHours(1), stop, new VersionYanked(version, null));
            }

            at = at.AddDays(random.Next(1, 40));
        }

        string Word() => Words[random.Next(Words.Length)];
    }

    private static async Task<StreamHead> Append(EmbeddedStorage storage, StreamHead head, DateTimeOffset at, CancellationToken stop, params DomainEvent[] facts)
    {
        var commit = NewCommit.After(head, facts.ToValueList(), new Stamp(Publisher, "generated", at));
        await storage.Events.Append(commit, stop);
        return commit.Recorded.Head;
    }
}
