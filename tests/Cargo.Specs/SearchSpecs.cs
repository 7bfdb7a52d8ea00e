using System.Net;
using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>cargo search.</summary>
public sealed class SearchSpecs
{
    private static readonly Lazy<Task<RunningRegistry>> Clear = new(() => WithBolts(Protocols.Http1));
    private static readonly Lazy<Task<RunningRegistry>> Tls = new(() => WithBolts(Protocols.Http2));

    [Theory, EveryCargoAndProtocol]
    public async Task Search_takes_spaces_and_dashes_and_tells_how_many_more_there_are(string cargo, string protocol)
    {
        var raktar = await (protocol == Protocols.Http2 ? Tls : Clear).Value;
        var user = await CargoWorld.For(cargo, raktar);

        (await Search("six lobes")).Said("torx-screw = \"0.1.0\"", "# A screw with six lobes").NeverSaid("bolt");
        (await Search("torx-screw")).Said("torx-screw = \"0.1.0\"").NeverSaid("bolt");
        Assert.Empty((await Search("no-such-thing-anywhere")).StandardOutput.Trim());

        var found = await Search("bolt");
        Assert.StartsWith("bolt = \"2.3.4\"", found.StandardOutput, StringComparison.Ordinal);
        found.Said("and 95 crates more");
        var hundred = await Search("bolt", "--limit", "100");
        hundred.Said("and 5 crates more");
        Assert.Equal(100, hundred.StandardOutput.Split('\n').Count(line => line.StartsWith("bolt", StringComparison.Ordinal)));

        async Task<Ended> Search(params string[] words) => (await user.Cargo(["search", "--registry", "raktar", .. words])).Succeeded();
    }

    private static async Task<RunningRegistry> WithBolts(string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        await Parallel.ForEachAsync(Enumerable.Range(1, 104), async (number, _) =>
        {
            using var response = await RawCrate.Of($"bolt-m{number}", "1.0.0", description: "Fastens things").Publish(raktar.Client);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        });
        using var torx = await RawCrate.Of("torx-screw", "0.1.0", description: "A screw with\nsix lobes").Publish(raktar.Client);
        using var bolt = await RawCrate.Of("bolt", "2.3.4", description: "The plain one").Publish(raktar.Client);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (torx.StatusCode, bolt.StatusCode));
        return raktar;
    }
}
