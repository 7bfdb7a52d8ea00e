using System.IO.Compression;
using FsCheck;
using FsCheck.Fluent;
using Raktar.Application.Log;

namespace Raktar.Specs.Projections;

public sealed class GzipPiecesSpecs
{
    [Fact]
    public void Pieces_of_any_bytes_are_one_gzip_stream_of_all_of_them() => Check.One(
        Config.QuickThrowOnFailure, Prop.ForAll(Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf().ArrayOf().ToArbitrary(), AreOneStream));

    [Fact]
    public void A_checksum_joins_over_any_length()
    {
        var bytes = Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * i / 7)).ToArray();
        foreach (var cut in (int[])[0, 1, 2, 255, 256, 65_537, 2_999_999, 3_000_000])
        {
            Assert.Equal(
                GzipPieces.Crc(bytes),
                GzipPieces.Join(GzipPieces.Crc(bytes.AsSpan(..cut)), GzipPieces.Crc(bytes.AsSpan(cut..)), bytes.Length - cut));
        }
    }

    [Fact]
    public void A_piece_that_is_cut_off_is_no_piece() =>
        Assert.Throws<InvalidDataException>(() => GzipPieces.Inflate(GzipPieces.Deflate("lines and lines and lines"u8).AsMemory(..^9), 25));

    private static bool AreOneStream(byte[][] all)
    {
        var crc = all.Aggregate(0u, (joined, text) => GzipPieces.Join(joined, GzipPieces.Crc(text), text.Length));
        var pieces = all.Select(text => text.Length == 0 ? [] : GzipPieces.Deflate(text)).ToList();
        byte[] stream = [.. GzipPieces.Header.Span, .. pieces.SelectMany(piece => piece), .. GzipPieces.Trailer(crc, all.Sum(text => text.Length))];
        using var gzip = new GZipStream(new MemoryStream(stream), CompressionMode.Decompress);
        using var read = new MemoryStream();
        gzip.CopyTo(read);
        return read.ToArray().AsSpan().SequenceEqual(all.SelectMany(text => text).ToArray())
            && all.Zip(pieces).All(pair => pair.First.AsSpan().SequenceEqual(GzipPieces.Inflate(pair.Second, pair.First.Length)));
    }
}
