using System.Net;
using Raktar.Testing;

namespace Raktar.Api.Specs.Mirror;

/// <summary>A registry that mirrors an upstream of the specs' making, as <c>crates-io</c>.</summary>
public sealed class Mirroring : IAsyncDisposable
{
    private Mirroring(FakeUpstream upstream, Server server, ManualClock clock) => (Upstream, Server, Clock) = (upstream, server, clock);

    internal FakeUpstream Upstream { get; }

    public Server Server { get; }

    public ManualClock Clock { get; }

    /// <summary>Starts both. Answers of the upstream may take five seconds, unless the settings say otherwise.</summary>
    public static async Task<Mirroring> Start(params string[] settings)
    {
        var (upstream, clock) = (await FakeUpstream.Start(), new ManualClock());
        return new(upstream, await Server.StartWith(clock, [.. Settings(upstream), .. settings]), clock);
    }

    internal static string[] Settings(FakeUpstream upstream) =>
        ["--Raktar:Upstreams:0:Name=crates-io", $"--Raktar:Upstreams:0:Url=sparse+{upstream.Url}/", "--Raktar:Upstreams:0:TimeoutSeconds=5"];

    public Task<HttpResponseMessage> File(string crate) => Server.Admin.GetAsync($"crates-io{FakeUpstream.IndexPath(crate)}");

    public Task<byte[]> Bytes(string crate) => Server.Admin.GetByteArrayAsync($"crates-io{FakeUpstream.IndexPath(crate)}");

    internal static string Download(RawCrate crate) => $"crates-io/dl/{crate.Name}/{crate.Version}/{RawCrate.Checksum(crate.File)}.crate";

    /// <summary>The status and, of a failure, its one sentence.</summary>
    public async Task<(HttpStatusCode Status, string Text)> Ask(string path)
    {
        using var answer = await Server.Admin.GetAsync(path);
        return (answer.StatusCode, answer.IsSuccessStatusCode ? string.Empty : (await answer.Content.ReadAsStringAsync()).TrimEnd('\n'));
    }

    /// <summary>Waits until a crate file is kept in a data folder: the last of an answer is given before it is on disk.</summary>
    internal static Task Kept(string data, RawCrate crate) => Eventually(() => Path.Combine(data, "blobs", "upstreams") is var folder
        && Directory.Exists(folder)
        && Directory.GetFiles(folder, $"*{RawCrate.Checksum(crate.File)}.crate", SearchOption.AllDirectories).Length == 1);

    internal static async Task Eventually(Func<bool> holds)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            await Task.Delay(10, deadline.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
