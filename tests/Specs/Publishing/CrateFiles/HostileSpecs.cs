using System.Formats.Tar;
using System.IO.Compression;
using Raktar.Application;
using Raktar.Application.Publishing.CrateFiles;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Publishing.CrateFiles;

public sealed class HostileSpecs : CrateFileSpecs
{
    private const int MiB = 1024 * 1024;

    private static TestEntry[] Entries =>
    [
        TestEntry.Directory($"{TestTar.Root}/src"),
        TestTar.File("README.md", "# Demo"),
        TestTar.File(".cargo_vcs_info.json", """{"git":{"sha1":"0123456789abcdef0123456789abcdef01234567"}}"""),
        TestEntry.LongName($"{TestTar.Root}/{new string('n', 120)}"),
        TestTar.File("nnn", "x"),
        TestEntry.Pax(("path", $"{TestTar.Root}/{new string('p', 120)}"), ("size", "600")),
        TestTar.File("ppp", new string('p', 600)),
    ];

    [Fact]
    [Trait("Needs", "seconds")]
    public async Task Decompression_stops_at_the_limit()
    {
        var bomb = ZeroFile(1024L * MiB);
        Assert.InRange(bomb.Length, 1, 2 * MiB);
        using var stream = new AsyncOnlyStream(bomb);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var outcome = await Inspect(stream, bomb.Length, With(new PublishLimits { UnpackedBytes = 100 * MiB, FileBytes = long.MaxValue }));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(new TooLarge("crate file expands beyond 104857600 bytes"), outcome.Refusal);
        Assert.InRange(stream.Handed, 1, bomb.Length / 9);
        Assert.InRange(allocated, 0, 20 * MiB);
    }

    [Fact]
    [Trait("Needs", "seconds")]
    public async Task A_file_that_cargo_would_not_unpack_is_refused_whatever_the_limit()
    {
        var bomb = ZeroFile(600L * MiB);
        var outcome = await Inspect(bomb, With(new PublishLimits { UnpackedBytes = long.MaxValue, FileBytes = long.MaxValue }));
        Assert.Equal(new TooLarge("crate file expands beyond 536870912 bytes"), outcome.Refusal);
    }

    [Fact]
    public async Task The_unpacked_size_may_reach_its_limit()
    {
        var tar = TestTar.Crate(TestTar.File("a", new string('a', 5000)));
        Assert.Null((await Inspect(TestGzip.Pack(tar), With(new PublishLimits { UnpackedBytes = tar.Length }))).Refusal);
        Assert.Equal(
            new TooLarge($"crate file expands beyond {tar.Length - 1} bytes"),
            (await Inspect(TestGzip.Pack(tar), With(new PublishLimits { UnpackedBytes = tar.Length - 1 }))).Refusal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_claimed_size_allocates_nothing(int kind)
    {
        // The headers promise up to 8 EiB, nothing follows.
        byte[] huge = [0x80, 0, 0, 0, 0x7f, 255, 255, 255, 255, 255, 255, 255];
        TestEntry entry = kind switch
        {
            1 => TestTar.File("a") with { Size = huge },
            2 => TestTar.File("README.md") with { Size = "00000777777"u8.ToArray() },
            3 => TestTar.File("Cargo.toml") with { Size = huge },
            _ => TestEntry.LongName("a") with { Size = huge },
        };
        var file = TestGzip.Pack(TestTar.Unended(entry));
        await Inspect(file, readme: "README.md");

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotNull((await Inspect(file, readme: "README.md")).Refusal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public async Task Failures_of_the_callers_stream_pass_through()
    {
        var file = TestGzip.Pack(TestTar.Crate());
        foreach (var failure in new Exception[] { new IOException("gone"), new InvalidDataException("the caller's own"), new TimeoutException() })
        {
            foreach (var after in new[] { 0, 5, file.Length / 2, file.Length - 1 })
            {
                using var stream = new FailingStream(file, after, failure);
                Assert.Same(failure, await Record.ExceptionAsync(() => Inspect(stream, file.Length)));
            }
        }
    }

    [Fact]
    public async Task Cancellation_passes_through()
    {
        using var stream = new AsyncOnlyStream(TestGzip.Pack(TestTar.Crate()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CrateFileInspector.Inspect(
            stream, 100, CrateName.Parse("demo"), SemVersion.Parse("1.0.0"), null, Default, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_mutated_file_always_has_an_outcome()
    {
        var random = new Random(1);
        var file = TestGzip.Pack(TestTar.Crate(Entries));
        await Fuzz(random, () =>
        {
            var mutant = Mutate(file, random);
            return random.Next(2) == 0 ? mutant : mutant[..Math.Min(mutant.Length, file.Length)];
        });
    }

    [Fact]
    public async Task A_mutated_archive_in_a_sound_file_always_has_an_outcome()
    {
        var random = new Random(2);
        var tar = TestTar.Crate(Entries);
        await Fuzz(random, () => TestGzip.Pack(Mutate(tar, random), CompressionLevel.Fastest));
    }

    [Fact]
    public async Task Mutated_headers_with_a_sound_checksum_always_have_an_outcome()
    {
        var random = new Random(3);
        await Fuzz(random, () =>
        {
            var entries = Entries;
            var victim = random.Next(entries.Length);
            entries[victim] = entries[victim] with { Change = header => MutateField(header, random) };
            return TestGzip.Pack(TestTar.Crate(entries), CompressionLevel.Fastest);
        });
    }

    /// <summary>Whatever arrives, there is an outcome in little memory, and what is accepted holds the files that another reader sees.</summary>
    private static async Task Fuzz(Random random, Func<byte[]> mutate)
    {
        // What is made once for the process is no upload's.
        var ordinary = TestGzip.Pack(TestTar.Crate(Entries));
        await Inspect(ordinary, readme: "README.md", length: ordinary.Length);
        var refused = 0;
        for (var i = 0; i < 2000; i++)
        {
            var mutant = mutate();
            var length = mutant.Length + (random.Next(10) == 0 ? 1 : 0);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var outcome = await Inspect(mutant, readme: "README.md", length: length);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MiB);
            if (outcome.Refusal is { } refusal)
            {
                refused++;
                Assert.InRange(refusal.Sentence.Length, 10, 200);
            }
            else
            {
                Assert.Equal(string.Join('|', FilesOf(mutant)), string.Join('|', outcome.Value.Files.Order(StringComparer.Ordinal)));
            }
        }

        Assert.InRange(refused, 500, 1999);
    }

    private static IEnumerable<string> FilesOf(byte[] file)
    {
        using var tar = new TarReader(new GZipStream(new MemoryStream(file), CompressionMode.Decompress));
        var names = new List<string>();
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is not TarEntryType.Directory)
            {
                names.Add(entry.Name[(TestTar.Root.Length + 1)..]);
            }
        }

        return names.Order(StringComparer.Ordinal);
    }

    private static void MutateField(byte[] header, Random random)
    {
        (int At, int Length)[] fields = [(0, 100), (100, 8), (124, 12), (156, 1), (157, 100), (257, 8), (345, 155)];
        var (at, length) = fields[random.Next(fields.Length)];
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            header[at + random.Next(Math.Min(length, 30))] = (byte)(random.Next(3) == 0 ? random.Next(256) : "\0 /.0157xLa"[random.Next(11)]);
        }
    }

    private static Task<Outcome<InspectedCrateFile>> Inspect(Stream stream, long length, PublishRules? rules = null) =>
        CrateFileInspector.Inspect(stream, length, CrateName.Parse("demo"), SemVersion.Parse("1.0.0"), null, rules ?? Default, CancellationToken.None);

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var n = random.Next(1, 4); n > 0 && bytes.Count > 0; n--)
        {
            var at = random.Next(bytes.Count);
            var count = random.Next(1, Math.Min(bytes.Count - at, 1024) + 1);
            switch (random.Next(6))
            {
                case 0 or 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 3:
                    bytes.RemoveRange(at, count);
                    break;
                case 4:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, count));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>A crate file whose one entry is all zeros.</summary>
    private static byte[] ZeroFile(long size)
    {
        var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
        {
            var octal = System.Text.Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0'));
            gzip.Write(TestTar.Unended(TestTar.Manifest, TestTar.File("zeros") with { Size = octal }));
            for (long written = 0; written < size + 1024; written += MiB)
            {
                gzip.Write(new byte[MiB]);
            }
        }

        return file.ToArray();
    }

    private sealed class FailingStream(byte[] bytes, int after, Exception failure) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(buffer.Length, after - (int)Position);
            return count <= 0 ? ValueTask.FromException<int>(failure) : base.ReadAsync(buffer[..count], cancellationToken);
        }
    }
}
