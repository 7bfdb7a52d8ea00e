using System.IO.Compression;
using System.IO.Hashing;
using Raktar.Domain;

namespace Raktar.Specs.Publishing.CrateFiles;

public sealed class GzipSpecs : CrateFileSpecs
{
    private static readonly byte[] Tar = TestTar.Crate(TestTar.File("src/lib.rs", "//! Demo.\n"));

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Fastest)]
    [InlineData(CompressionLevel.Optimal)]
    [InlineData(CompressionLevel.SmallestSize)]
    public async Task Every_compression_level_is_accepted(CompressionLevel level) =>
        Assert.Null((await Inspect(TestGzip.Pack(Tar, level))).Refusal);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task A_file_may_arrive_in_pieces_of_any_size(int chunk) =>
        Assert.Null((await Inspect(TestGzip.Pack(Large()), chunk: chunk)).Refusal);

    [Theory]
    [InlineData(1)]
    [InlineData(512)]
    [InlineData(65535)]
    public async Task Stored_blocks_are_accepted(int size) =>
        Assert.Null((await Inspect(TestGzip.Member(TestGzip.Store(Tar, size), Tar))).Refusal);

    [Fact]
    public async Task An_empty_final_block_is_accepted()
    {
        byte[] stored = [.. TestGzip.Store(Tar, final: false), 1, 0, 0, 0xff, 0xff];
        byte[] compressed = [.. TestGzip.Store(Tar, final: false), 3, 0];
        Assert.Null((await Inspect(TestGzip.Member(stored, Tar))).Refusal);
        Assert.Null((await Inspect(TestGzip.Member(compressed, Tar))).Refusal);
    }

    [Fact]
    public async Task Many_blocks_of_several_kinds_are_accepted()
    {
        var deflated = new MemoryStream();
        await using (var stream = new DeflateStream(deflated, CompressionLevel.Optimal, leaveOpen: true))
        {
            foreach (var part in Tar.Chunk(100))
            {
                await stream.WriteAsync(part);
                await stream.FlushAsync();
            }
        }

        Assert.Null((await Inspect(TestGzip.Member(deflated.ToArray(), Tar))).Refusal);
    }

    [Fact]
    public async Task Optional_header_fields_are_accepted()
    {
        byte[] header = [0x1f, 0x8b, 8, 1 | 2 | 4 | 8 | 16, 1, 2, 3, 4, 2, 3, 3, 0, 9, 9, 9, .. "demo-1.0.0.crate\0"u8, .. "a comment\0"u8];
        var crc = Crc32.HashToUInt32(header);
        byte[] rest = [.. TestGzip.Deflate(Tar), .. TestGzip.Trailer(Tar)];
        Assert.Null((await Inspect([.. header, (byte)crc, (byte)(crc >> 8), .. rest])).Refusal);
        await RefusedGzip("its header checksum is wrong", [.. header, (byte)~crc, (byte)(crc >> 8), .. rest]);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(2)]
    public async Task A_header_that_does_not_end_is_refused(byte flag)
    {
        var file = Enumerable.Repeat((byte)0xff, flag == 2 ? 11 : 9000).ToArray();
        new byte[] { 0x1f, 0x8b, 8, flag }.CopyTo(file, 0);
        await RefusedGzip("its header does not end (max 4096 bytes)", file);
    }

    [Theory]
    [InlineData(0x20)]
    [InlineData(0x80)]
    public async Task Reserved_header_flags_are_refused(byte flag)
    {
        var file = TestGzip.Pack(Tar);
        file[3] = flag;
        await RefusedGzip("its compression method or flags are unknown", file);
    }

    [Fact]
    public async Task Another_compression_method_is_refused()
    {
        var file = TestGzip.Pack(Tar);
        file[2] = 7;
        await RefusedGzip("its compression method or flags are unknown", file);
    }

    [Fact]
    public async Task What_is_no_gzip_at_all_is_refused()
    {
        await RefusedGzip("it does not start with a gzip header", Tar);
        await RefusedGzip("it does not start with a gzip header", []);
        await RefusedGzip("it ends early", [.. TestGzip.Header, 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    [Fact]
    public async Task A_second_member_is_refused()
    {
        await RefusedGzip("bytes follow behind its end", [.. TestGzip.Pack(Tar), .. TestGzip.Pack(Tar)]);
        await RefusedGzip("bytes follow behind its end", [.. TestGzip.Pack(Tar), .. TestGzip.Pack([])]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(100_000)]
    public async Task Bytes_behind_the_trailer_are_refused(int count)
    {
        await RefusedGzip("bytes follow behind its end", [.. TestGzip.Pack(Tar), .. new byte[count]]);
        await RefusedGzip("bytes follow behind its end", [.. TestGzip.Member(TestGzip.Store(Tar), Tar), .. new byte[count]]);
    }

    [Fact]
    public async Task A_byte_between_data_and_trailer_is_refused() =>
        await RefusedGzip("bytes follow behind its end", TestGzip.Member([.. TestGzip.Deflate(Tar), 0], Tar));

    [Fact]
    public async Task Every_missing_end_of_the_data_is_refused()
    {
        var deflated = TestGzip.Deflate(Tar);
        for (var length = 1; length < deflated.Length; length++)
        {
            Assert.IsType<InvalidInput>((await Inspect(TestGzip.Member(deflated[..length], Tar))).Refusal);
        }

        await RefusedGzip("its compressed data ends early", TestGzip.Member(TestGzip.Store(Tar, final: false), Tar));
    }

    [Fact]
    public async Task A_wrong_checksum_or_size_is_refused()
    {
        var file = TestGzip.Pack(Tar);
        file[^8] ^= 1;
        await RefusedGzip("its checksum is wrong", file);
        file[^8] ^= 1;
        file[^1] ^= 1;
        await RefusedGzip("its size is wrong", file);
    }

    [Fact]
    public async Task Corrupt_data_is_refused()
    {
        var file = TestGzip.Pack(Tar);
        file[10] |= 6; // block type 3, which is reserved
        await RefusedGzip("its compressed data is corrupt", file);
    }

    [Fact]
    public async Task A_stream_that_ends_early_is_refused_with_both_sizes()
    {
        foreach (var file in new[] { TestGzip.Pack(Tar), TestGzip.Pack(Large()) })
        {
            for (var got = 0; got < file.Length; got += got < 20 || got > file.Length - 20 ? 1 : 97)
            {
                Assert.Equal(
                    new InvalidInput($"crate file truncated: expected {file.Length} bytes, got {got}"),
                    (await Inspect(file[..got], length: file.Length)).Refusal);
            }
        }
    }

    [Fact]
    public async Task What_follows_the_announced_length_is_not_read()
    {
        var file = TestGzip.Pack(Tar);
        Assert.Null((await Inspect([.. file, 1, 2, 3], length: file.Length)).Refusal);
    }

    // Incompressible, so that the compressed data is larger than all buffers.
    private static byte[] Large()
    {
        var noise = new byte[100_000];
        new Random(1).NextBytes(noise);
        return TestTar.Crate(new TestEntry($"{TestTar.Root}/noise.bin", noise));
    }
}
