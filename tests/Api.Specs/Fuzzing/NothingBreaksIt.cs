using System.Diagnostics;
using System.Globalization;
using Raktar.Testing;
using Xunit.Abstractions;

namespace Raktar.Api.Specs.Fuzzing;

/// <summary>
/// Inputs that nobody thought of. In a run of the tests each target gets so many, from fixed seeds, and all that ever broke it (Fuzzing/Corpus). With
/// <c>RAKTAR_FUZZ_MINUTES</c> set it goes on that long for each target, from a seed of the day; what breaks something is kept in artifacts/fuzz, and belongs into the corpus.
/// </summary>
[Trait("Needs", "seconds")]
public sealed class NothingBreaksIt(NothingBreaksIt.Registry registry, ITestOutputHelper output) : IClassFixture<NothingBreaksIt.Registry>
{
    /// <summary>Far more than the worst that the limits allow takes on a busy machine.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private const long MostBytes = 512L * 1024 * 1024;

    [Theory]
    [InlineData("metadata", 4_000)]
    [InlineData("manifest", 1_500)]
    [InlineData("archive", 1_500)]
    [InlineData("crate-file", 1_500)]
    [InlineData("readme", 500)]
    [InlineData("publish", 800)]
    [InlineData("question", 1_000)]
    public async Task Whatever_is_sent(string name, int inputs)
    {
        var target = Readers.All.Concat(Doors.Of(registry.Server)).Single(target => target.Name == name);
        var kept = Path.Combine(AppContext.BaseDirectory, "Fuzzing", "Corpus", name);
        var corpus = target.Seeds.ToList();
        foreach (var file in (Directory.Exists(kept) ? Directory.GetFiles(kept) : []).Order(StringComparer.Ordinal))
        {
            corpus.Add(await File.ReadAllBytesAsync(file));
            await Try(target, corpus[^1]);
        }

        var minutes = double.Parse(Environment.GetEnvironmentVariable("RAKTAR_FUZZ_MINUTES") ?? "0", CultureInfo.InvariantCulture);
        var seed = minutes > 0 ? Environment.TickCount : 20261127;
        var mutator = new Mutator(seed, corpus, target.Tokens);
        var started = Stopwatch.GetTimestamp();
        var tried = 0L;
        for (; minutes > 0 ? Stopwatch.GetElapsedTime(started).TotalMinutes < minutes : tried < inputs; tried++)
        {
            await Try(target, mutator.Next());
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {tried} inputs from seed {seed} in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s"));
    }

    private static async Task Try(Target target, byte[] input)
    {
        var (started, allocated) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes());
        try
        {
            await target.Try(input);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{target.Name}: {e.Message}; the input is {Keep(target, input)}", e);
        }

        var (elapsed, bytes) = (Stopwatch.GetElapsedTime(started), GC.GetTotalAllocatedBytes() - allocated);
        if (elapsed >= Longest || bytes >= MostBytes)
        {
            Assert.Fail($"{target.Name}: took {elapsed} and allocated {bytes} bytes; the input is {Keep(target, input)}");
        }
    }

    private static string Keep(Target target, byte[] input)
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "artifacts", "fuzz", target.Name));
        var file = Path.Combine(folder.FullName, RawCrate.Checksum(input)[..16]);
        File.WriteAllBytes(file, input);
        return Path.GetFullPath(file);
    }

    /// <summary>A registry that is asked the questions; it has one crate.</summary>
    public sealed class Registry : IAsyncLifetime
    {
        public Server Server { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Server = await Server.Start("--Raktar:RateLimits:FailedAuthenticationsPerMinute=0");
            (await RawCrate.Of("taken", "1.0.0").Publish(Server.Admin)).EnsureSuccessStatusCode();
        }

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
