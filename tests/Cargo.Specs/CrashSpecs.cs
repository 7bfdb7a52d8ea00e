using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.Data.Sqlite;
using Raktar.Running;
using Xunit.Abstractions;

namespace Raktar.Cargo.Specs;

/// <summary>What was acknowledged survives.</summary>
public sealed class CrashSpecs(ITestOutputHelper output)
{
    private static readonly int Publishes = Edition.IsAws ? 200 : 1000;
    private static readonly int Kills = Edition.IsAws ? 8 : 20;
    private const int Writers = 8;
    private const int Crates = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Acknowledged_publishes_survive_kills()
    {
        await using var raktar = await RunningRegistry.Start();
        var random = new Random(20_260_801);
        var killAfter = Enumerable.Range(0, Kills).Select(kill => (kill * Publishes / Kills) + random.Next(1, Publishes / Kills)).ToList();
        var waiting = new ConcurrentQueue<RawCrate>(Enumerable.Range(0, Publishes).Select(
            number => RawCrate.Of($"crash-{number % Crates}", $"1.0.{number / Crates}", $"publish {number}")));
        var acknowledged = new ConcurrentDictionary<(string, string), RawCrate>();
        var lost = 0;
        using var deadline = new CancellationTokenSource(Patience);

        var writers = Enumerable.Range(0, Writers).Select(_ => Task.Run(Write)).ToList();
        foreach (var count in killAfter)
        {
            await Eventually.Holds(() => Task.FromResult(acknowledged.Count >= count), Patience, () => $"only {acknowledged.Count} publishes");
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 15)));
            await raktar.Kill();
            await raktar.StartAgain();
        }

        await Task.WhenAll(writers);
        Assert.Equal(Publishes, acknowledged.Count);
        Assert.True(lost > 0, "no kill hit a publish on its way: this run has shown nothing");
        output.WriteLine($"{lost} publishes were on their way when the registry was killed");

        await EverythingIsThere(raktar, acknowledged);
        (await raktar.Command("verify")).Succeeded();
        if (Edition.IsAws)
        {
            await raktar.Shape.Bus.Idle();
            (await raktar.Command("rebuild")).Succeeded().Said("; 0 were not as they are now");
            return;
        }

        await raktar.Stop();
        var before = Documents(raktar.Data);
        (await raktar.Command("rebuild")).Succeeded();
        Assert.Equal(before, Documents(raktar.Data));
        (await raktar.Command("verify")).Succeeded();

        async Task Write()
        {
            while (waiting.TryDequeue(out var crate))
            {
                // Until it is acknowledged. Bytes that were stored without an answer are answered 200 the next time: the same bytes, the same account.
                while (!await Acknowledges(crate))
                {
                    Assert.False(deadline.IsCancellationRequested, $"{crate.Name} {crate.Version} was never acknowledged");
                    await Task.Delay(TimeSpan.FromMilliseconds(25));
                }

                acknowledged[(crate.Name, crate.Version)] = crate;
            }
        }

        async Task<bool> Acknowledges(RawCrate crate)
        {
            using var client = Protocols.Client(raktar.Protocol, raktar.Url, raktar.AdminToken);
            try
            {
                using var response = await crate.Publish(client);
                var body = await response.Content.ReadAsStringAsync();
                if (Edition.IsAws && response.StatusCode == HttpStatusCode.InternalServerError && body.StartsWith("{\"message\"", StringComparison.Ordinal))
                {
                    // The gateway's word for a function that died.
                    Interlocked.Increment(ref lost);
                    return false;
                }

                Assert.True(response.StatusCode == HttpStatusCode.OK, $"{crate.Name} {crate.Version}: {(int)response.StatusCode} {body}");
                return true;
            }
            catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
            {
                return false;
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                Interlocked.Increment(ref lost);
                return false;
            }
        }
    }

    private static async Task EverythingIsThere(RunningRegistry raktar, ConcurrentDictionary<(string, string), RawCrate> acknowledged)
    {
        var listed = 0;
        foreach (var name in acknowledged.Keys.Select(key => key.Item1).Distinct(StringComparer.Ordinal))
        {
            foreach (var line in await raktar.Lines(name))
            {
                listed++;
                var crate = acknowledged[(name, line.GetProperty("vers").GetString()!)];
                Assert.Equal(RawCrate.Checksum(crate.File), line.GetProperty("cksum").GetString());
                Assert.Equal(crate.File, await raktar.Download(line));
            }
        }

        Assert.Equal(acknowledged.Count, listed);
    }

    /// <summary>All documents, as text. Not the column <c>change</c>: it says in which order they were written.</summary>
    private static string Documents(string data)
    {
        var copy = Scratch.Folder("documents");
        foreach (var file in Directory.GetFiles(data, "documents.db*"))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        using var connection = new SqliteConnection($"Data Source={Path.Combine(copy, "documents.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT kind, key, version, hex(body) FROM documents ORDER BY kind, key";
        using var row = command.ExecuteReader();
        var text = new StringBuilder();
        while (row.Read())
        {
            text.Append(row.GetString(0)).Append(' ').Append(row.GetString(1)).Append(' ').Append(row.GetInt64(2)).Append(' ').Append(row.GetString(3)).Append('\n');
        }

        Assert.True(text.Length > 0, "there are no documents");
        return text.ToString();
    }
}
