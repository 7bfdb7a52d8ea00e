using System.Text;
using Raktar.Application.Log;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Publishing;

/// <summary>What a manifest may put into the log is counted as a whole, whichever of its fields it is in.</summary>
public class CountingAll
{
    /// <summary>Ways to say much: what grows, and by how many bytes of manifest.</summary>
    public static TheoryData<string> Ways { get; } = ["features", "items", "bins", "dependencies", "features of dependencies", "targets", "registries"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void However_it_is_said_a_version_is_refused_before_it_is_larger_than_a_commit_may_be(string way)
    {
        var isRefused = false;
        foreach (var many in new[] { 1, 10, 100, 400, 1000, 3000, 9000 })
        {
            var read = Sample.Read("", Tables(way, many), new() { Policy = new() { AllowedRegistries = ["https://other.example/"] } });
            var refusal = read.Refusal ?? Commit(read.Value.Package).RefuseSize();
            Assert.True(refusal is not null || Commit(read.Value.Package).Body.Length <= NewCommit.MaxBytes);
            Assert.False(isRefused && refusal is null, "more of it is not refused, less was");
            isRefused |= refusal is not null;
        }

        Assert.True(isRefused, $"nothing limits {way}");
    }

    private static NewCommit Commit(Package package) => NewCommit.After(
        StreamHead.Start(StreamName.Parse("crate/sample")),
        [new VersionPublished(SemVersion.Parse("1.0.0"), Checksum.Zero, 1, Login.Parse("ann"), package)],
        new Stamp(new Actor(Login.Parse("ann"), 1, "cargo"), "request", DateTimeOffset.UnixEpoch));

    private static string Tables(string way, int many)
    {
        var text = new StringBuilder();
        Add(way switch
        {
            "features" => i => i == 0 ? "[features]\nf0 = []\n" : $"feature-with-a-long-name-that-takes-up-room-{i} = []\n",
            "items" => i => i == 0 ? "[features]\na = [\"f0\"]\nf0 = []\n" : $"f{i} = [{string.Join(',', Enumerable.Range(0, Math.Min(i, 40)).Select(j => $"\"f{j}\""))}]\n",
            "bins" => i => $"[[bin]]\nname = \"program-with-a-long-name-that-takes-up-some-room-{i}\"\n",
            "dependencies" => i => i == 0 ? "[dependencies]\nd0 = \"1\"\n" : $"d{i} = \"1\"\n",
            "features of dependencies" => i => i == 0 ? "[dependencies.d]\nversion = \"1\"\nfeatures = [" : $"\"feature-with-a-long-name-that-takes-up-some-room-{i}\",",
            "targets" => i => $"[target.'cfg(all({new string('a', 900)}{i}))'.dependencies]\nd = \"1\"\n",
            _ => i => $"[dependencies.d{i}]\nversion = \"1\"\nregistry-index = \"https://other.example{new string('/', 900)}\"\n",
        });
        return way == "features of dependencies" ? text.Append("]\n").ToString() : text.ToString();

        void Add(Func<int, string> line)
        {
            for (var i = 0; i < many; i++)
            {
                text.Append(line(i));
            }
        }
    }
}
