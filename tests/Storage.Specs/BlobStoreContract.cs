using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Storage.Specs;

/// <summary>What every blob store does, whichever it is.</summary>
public abstract class BlobStoreContract
{
    protected static readonly byte[] Bytes = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31))];
    protected static readonly BlobKey Key = BlobKey.CrateFile(CrateName.Parse("Foo-Bar"), SemVersion.Parse("1.0.0+b.1"), Checksum.Of(Bytes));

    protected abstract IBlobStore Store { get; }

    [Fact]
    public async Task What_is_kept_is_read_back()
    {
        await Keep(Key, Bytes);
        Assert.Equal(Bytes, await Read(Key));
    }

    [Fact]
    public async Task What_was_never_kept_is_not_there() => Assert.Null(await Read(Key));

    [Fact]
    public async Task An_upload_that_is_given_up_leaves_nothing()
    {
        await using (var staged = await Store.Stage(CancellationToken.None))
        {
            await staged.Write(Bytes, CancellationToken.None);
        }

        Assert.Null(await Read(Key));
    }

    [Fact]
    public async Task What_is_removed_is_gone_and_can_be_kept_again()
    {
        await Store.Remove(Key, CancellationToken.None);
        await Keep(Key, Bytes);
        await Store.Remove(Key, CancellationToken.None);
        Assert.Null(await Read(Key));
        await Store.Remove(Key, CancellationToken.None);
        await Keep(Key, Bytes);
        Assert.Equal(Bytes, await Read(Key));
    }

    [Fact]
    public async Task Keeping_the_same_again_is_fine()
    {
        await Keep(Key, Bytes);
        await Keep(Key, Bytes);
        Assert.Equal(Bytes, await Read(Key));
    }

    [Fact]
    public async Task What_is_kept_is_readable_before_the_upload_is_over()
    {
        await using var staged = await Store.Stage(CancellationToken.None);
        await staged.Write(Bytes, CancellationToken.None);
        await staged.Keep(Key, CancellationToken.None);
        Assert.Equal(Bytes, await Read(Key));
    }

    [Fact]
    public async Task What_is_staged_can_be_read_as_often_as_one_likes_before_it_is_kept()
    {
        await using var staged = await Store.Stage(CancellationToken.None);
        await staged.Write(Bytes.AsMemory(0, 1000), CancellationToken.None);
        await staged.Write(Bytes.AsMemory(1000), CancellationToken.None);
        for (var i = 0; i < 2; i++)
        {
            using var read = new MemoryStream();
            await staged.Read().CopyToAsync(read);
            Assert.Equal(Bytes, read.ToArray());
        }

        Assert.Null(await Read(Key));
        await staged.Keep(Key, CancellationToken.None);
        Assert.Equal(Bytes, await Read(Key));
    }

    [Fact]
    public async Task What_is_written_can_be_read_along()
    {
        await using var staged = await Store.Stage(CancellationToken.None);
        var there = new byte[100];
        await staged.Write(Bytes.AsMemory(0, 4), CancellationToken.None);
        Assert.Equal(3, await staged.ReadAt(1, there, CancellationToken.None));
        Assert.Equal(Bytes[1..4], there[..3]);
        Assert.Equal(0, await staged.ReadAt(4, there, CancellationToken.None));
        await staged.Write(Bytes.AsMemory(4), CancellationToken.None);
        await staged.Keep(Key, CancellationToken.None);
        Assert.Equal(there.Length, await staged.ReadAt(2, there, CancellationToken.None));
        Assert.Equal(Bytes[2..102], there);
    }

    [Fact]
    public async Task Twenty_who_keep_the_same_at_once_all_succeed()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Keep(Key, Bytes)));
        Assert.Equal(Bytes, await Read(Key));
    }

    [Fact]
    public async Task What_is_read_knows_its_length()
    {
        await Keep(Key, Bytes);
        await using var blob = await Store.Open(Key, CancellationToken.None);
        Assert.Equal(Bytes.Length, blob!.Length);
    }

    [Fact]
    public async Task Checkpoints_are_listed_and_nothing_else_is()
    {
        Assert.Empty(await Store.Checkpoints(CancellationToken.None).ToListAsync());
        await Keep(Key, Bytes);
        var keys = Enumerable.Range(1, 3).Select(number => BlobKey.Checkpoint(number, Checksum.Of(Bytes))).ToList();
        foreach (var key in keys)
        {
            await Keep(key, Bytes);
        }

        Assert.Equal(keys, (await Store.Checkpoints(CancellationToken.None).ToListAsync()).OrderBy(key => key.Path, StringComparer.Ordinal));
        Assert.Equal(Bytes, await Read(keys[1]));
    }

    protected async Task Keep(BlobKey key, byte[] bytes)
    {
        await using var staged = await Store.Stage(CancellationToken.None);
        foreach (var part in bytes.Chunk(70_000))
        {
            await staged.Write(part, CancellationToken.None);
        }

        await staged.Keep(key, CancellationToken.None);
    }

    private async Task<byte[]?> Read(BlobKey key)
    {
        await using var blob = await Store.Open(key, CancellationToken.None);
        if (blob is null)
        {
            return null;
        }

        using var copy = new MemoryStream();
        await blob.CopyToAsync(copy);
        return copy.ToArray();
    }
}
