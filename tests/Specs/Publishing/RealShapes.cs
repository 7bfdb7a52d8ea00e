using System.Collections.Concurrent;
using Raktar.Application.Log;
using Raktar.Application.Publishing.CrateFiles;
using Raktar.Application.Publishing.Manifest;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Specs.Publishing.CrateFiles;
using Raktar.Testing;

namespace Raktar.Specs.Publishing;

/// <summary>
/// Crate files of the shape of those that people use (tests/Testing/RealShape.cs) go through all that judges a publish, with default settings. Through the
/// public door they go in tests/Api.Specs/RealCrates.cs.
/// </summary>
public class RealShapes
{
    private static readonly PublishRules Rules = new();

    [Fact]
    [Trait("Needs", "seconds")]
    public async Task Every_real_crate_is_taken_with_default_settings()
    {
        var refused = new ConcurrentBag<string>();
        var (read, largest) = (0, 0);
        await Parallel.ForEachAsync(RealShape.All(), new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (shape, _) =>
        {
            Interlocked.Increment(ref read);
            var outcome = await Publish(shape);
            if (outcome.Refusal is { } refusal)
            {
                refused.Add($"{shape.Name} {shape.Version}: {refusal.Sentence}");
            }
            else
            {
                InterlockedMax(ref largest, outcome.Value);
            }
        });

        Assert.True(refused.IsEmpty, string.Join('\n', refused.Order(StringComparer.Ordinal)));
        Assert.Equal(RealShape.Count, read);

        // What docs/publishing.md says: the limit is more than twice the largest.
        Assert.InRange(largest, 100_000, NewCommit.MaxBytes / 2);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; value > seen && Interlocked.CompareExchange(ref most, value, seen) != seen; seen = most)
        {
        }
    }

    /// <summary>The bytes of the commit, or why the crate was refused.</summary>
    private static async Task<Application.Outcome<int>> Publish(RealShape shape)
    {
        var metadata = PublishMetadata.Read(shape.Metadata(), Rules);
        if (metadata.Refusal is { } badMetadata)
        {
            return badMetadata;
        }

        if (CrateNameRules.Refuse(metadata.Value.Name, Rules.Policy) is { } reserved)
        {
            return reserved;
        }

        var file = TestGzip.Pack(Archive(shape));
        using var stream = new MemoryStream(file);
        var inspected = await CrateFileInspector.Inspect(
            stream, file.Length, metadata.Value.Name, metadata.Value.Version, "README.md", Rules, CancellationToken.None);
        if (inspected.Refusal is { } badFile)
        {
            return badFile;
        }

        var manifest = CargoManifest.Read(inspected.Value.Manifest, metadata.Value, Sample.IndexUrl, Rules);
        if (manifest.Refusal is { } badManifest)
        {
            return badManifest;
        }

        var published = new VersionPublished(metadata.Value.Version, Checksum.Of(file), file.Length, Login.Parse("ann"), manifest.Value.Package);
        var stamp = new Stamp(new Actor(Login.Parse("ann"), 1, "cargo/1.95.0"), "request", DateTimeOffset.UnixEpoch);
        var commit = NewCommit.After(StreamHead.Start(StreamName.Of(metadata.Value.Name)), [published], stamp);
        return shape.Bytes > Rules.Limits.CrateBytes ? new TooLarge("the crate file")
            : commit.RefuseSize() is { } tooLarge ? tooLarge
            : commit.Body.Length;
    }

    private static byte[] Archive(RealShape shape)
    {
        var root = $"{shape.Name}-{shape.Version}";
        var files = Enumerable.Range(1, shape.Files - 1).Select(i => new TestEntry($"{root}/src/{i}.rs"));
        return TestTar.Archive([new TestEntry($"{root}/Cargo.toml", shape.Manifest()), .. files]);
    }
}
