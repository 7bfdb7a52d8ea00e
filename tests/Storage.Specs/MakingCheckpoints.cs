using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.S3;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.Proofs;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Domain.Registry;
using Raktar.LocalAws;
using Raktar.Storage.Embedded;

namespace Raktar.Storage.Specs;

/// <summary>Checkpoints on either storage, and what verification says of a log that was changed after them.</summary>
public abstract class MakingCheckpoints
{
    private static readonly Caller Maker = Caller.Registry("checkpoint");
    private static readonly Stamp Stamp = new(new Actor(Login.Parse("ann"), 1, null), "request", DateTimeOffset.UnixEpoch);

    protected abstract IEventStore Events { get; }

    protected abstract IBlobStore Blobs { get; }

    protected abstract ISigningKey Key { get; }

    [Fact]
    public async Task One_is_made_when_something_moved_or_somebody_asked()
    {
        Assert.Equal(0, (await Make(always: true))!.Checkpoint.Streams);
        Assert.Null(await Make());
        await Append("crate/foo", 3);
        var made = (await Make())!.Checkpoint;
        Assert.Equal((2, 1, 3L), (made.Number, made.Streams, made.Commits));
        Assert.Null(await Make());

        var history = await CheckpointHistory.Read(Events, CancellationToken.None);
        await Events.Append(NewCommit.After(history.Head, [new CheckpointRequested()], Stamp), CancellationToken.None);
        Assert.Equal(3, (await Make())!.Checkpoint.Number);
        Assert.Null(await Make());
        Assert.Equal(made.Root, (await Make(always: true))!.Checkpoint.Root);
        Assert.Empty(await Problems());
    }

    [Fact]
    public async Task Some_who_make_one_at_once_make_one_after_another()
    {
        await Append("crate/foo", 2);
        var made = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Make(always: true)));
        Assert.Equal([1, 2, 3], made.Select(each => each!.Checkpoint.Number).Order());
        Assert.Empty(await Problems());
    }

    [Fact]
    public async Task What_is_changed_afterwards_is_named()
    {
        await Append("crate/foo", 3);
        await Append("crate/bar", 1);
        await Append("crate/baz", 2);
        var made = (await Make())!.Checkpoint;
        await Append("crate/new", 1);
        Assert.Empty(await Problems());

        await DeleteCommit("crate/foo", 3);
        await DeleteCommit("crate/bar", 1);
        Assert.Equal(
            [
                "crate/bar: the stream is gone; checkpoint 1 has it up to version 1",
                "crate/foo: it ends at version 2; checkpoint 1 has it up to version 3",
            ],
            await Problems());

        var place = BlobKey.Checkpoint(made.Number, made.File);
        await ReplaceBlob(place, [1, 2, 3]);
        Assert.Equal([$"{place.Path}: the blob's bytes hash to {Checksum.Of([1, 2, 3])}"], await Problems());
        await ReplaceBlob(place, null);
        Assert.Equal([$"{place.Path}: the blob is missing"], await Problems());
        await DeleteCommit("registry/checkpoints", 1);
        Assert.Empty(await Problems());
    }

    protected abstract Task DeleteCommit(string stream, int first);

    protected abstract Task ReplaceBlob(BlobKey key, byte[]? bytes);

    private Task<MadeCheckpoint?> Make(bool always = false) => new CheckpointMaker(Events, Blobs, Key, TimeProvider.System).Make(Maker, always, CancellationToken.None);

    private async Task Append(string stream, int count)
    {
        var head = StreamHead.Start(StreamName.Parse(stream));
        for (var i = 0; i < count; i++)
        {
            var commit = NewCommit.After(head, [new OwnerAdded(Owner.Parse($"owner-{i}"))], Stamp);
            await Events.Append(commit, CancellationToken.None);
            head = commit.Recorded.Head;
        }
    }

    private async Task<List<string>> Problems() =>
    [
        .. (await new LogVerifier(Events, Blobs, new CheckpointVerifier(Events, Blobs, []), TimeProvider.System).Verify(4, CancellationToken.None).ToListAsync())
            .Where(finding => finding.Problem is not null)
            .Select(finding => $"{finding.Subject}: {finding.Problem}")
            .Order(StringComparer.Ordinal),
    ];
}

public sealed class EmbeddedCheckpoints : MakingCheckpoints, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EmbeddedStorage _storage;
    private readonly PemKeyFile _key;

    public EmbeddedCheckpoints() => (_storage, _key) = (EmbeddedStorage.Own(_folder.Path), new(Path.Combine(_folder.Path, "key.pem")));

    protected override IEventStore Events => _storage.Events;

    protected override IBlobStore Blobs => _storage.Blobs;

    protected override ISigningKey Key => _key;

    public void Dispose()
    {
        _storage.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }

    protected override Task DeleteCommit(string stream, int first)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder.Path, "events.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "DROP TRIGGER IF EXISTS commits_are_never_deleted; DELETE FROM commits WHERE stream = $stream AND first_version = $first";
        command.Parameters.AddWithValue("$stream", stream);
        command.Parameters.AddWithValue("$first", first);
        Assert.Equal(1, command.ExecuteNonQuery());
        return Task.CompletedTask;
    }

    protected override async Task ReplaceBlob(BlobKey key, byte[]? bytes)
    {
        var file = Path.Combine(_folder.Path, "blobs", key.Path);
        File.Delete(file);
        if (bytes is not null)
        {
            await File.WriteAllBytesAsync(file, bytes);
        }
    }
}

[Collection(OnLocalServers.Name)]
[Trait("Needs", "local-servers")]
public sealed class AwsCheckpoints : MakingCheckpoints, IAsyncLifetime
{
    private AwsTables _aws = null!;

    protected override IEventStore Events => _aws.Storage.Events;

    protected override IBlobStore Blobs => _aws.Storage.Blobs;

    protected override ISigningKey Key => _aws.Storage.SigningKey!;

    public async Task InitializeAsync() => _aws = await AwsTables.Create();

    public async Task DisposeAsync() => await _aws.DisposeAsync();

    protected override async Task DeleteCommit(string stream, int first)
    {
        using var dynamo = new AmazonDynamoDBClient(
            new BasicAWSCredentials(LocalServers.AccessKey, LocalServers.SecretKey), new AmazonDynamoDBConfig { ServiceURL = _aws.Proxy.Url });
        await dynamo.DeleteItemAsync(_aws.Options.EventsTable, new() { ["stream"] = new(stream), ["first"] = new AttributeValue { N = $"{first}" } });
    }

    protected override async Task ReplaceBlob(BlobKey key, byte[]? bytes)
    {
        using var s3 = new AmazonS3Client(
            new BasicAWSCredentials(LocalServers.AccessKey, LocalServers.SecretKey), new AmazonS3Config { ServiceURL = _aws.Proxy.Url, ForcePathStyle = true });
        if (bytes is null)
        {
            await s3.DeleteObjectAsync(_aws.Options.CheckpointsBucket, key.Path);
        }
        else
        {
            await s3.PutObjectAsync(new() { BucketName = _aws.Options.CheckpointsBucket, Key = key.Path, InputStream = new MemoryStream(bytes), UseChunkEncoding = false });
        }
    }
}
