using Raktar.Application.Audit;
using Raktar.Application.Ports;
using Raktar.LocalAws;
using Raktar.Storage.Aws;

namespace Raktar.Storage.Specs;

[Collection(OnLocalServers.Name)]
[Trait("Needs", "local-servers")]
public sealed class AwsEventStore : EventStoreContract, IAsyncLifetime
{
    private AwsTables _aws = null!;

    protected override IEventStore Store => _aws.Storage.Events;

    protected override IEventFeed Feed => _aws.Storage.Feed;

    public async Task InitializeAsync() => _aws = await AwsTables.Create();

    public async Task DisposeAsync() => await _aws.DisposeAsync();
}

[Collection(OnLocalServers.Name)]
[Trait("Needs", "local-servers")]
public sealed class AwsDocumentStore : DocumentStoreContract, IAsyncLifetime
{
    private AwsTables _aws = null!;

    protected override IDocumentStore Store => _aws.Storage.Documents;

    public async Task InitializeAsync() => _aws = await AwsTables.Create();

    public async Task DisposeAsync() => await _aws.DisposeAsync();
}

[Collection(OnLocalServers.Name)]
[Trait("Needs", "local-servers")]
public sealed class AwsBlobStore : BlobStoreContract, IAsyncLifetime
{
    private AwsTables _aws = null!;

    protected override IBlobStore Store => _aws.Storage.Blobs;

    [Fact]
    public async Task A_link_gives_the_bytes_to_whoever_has_it()
    {
        await Keep(Key, Bytes);
        var link = Store.Link(Key)!;
        Assert.Contains("%2B", link.AbsoluteUri, StringComparison.Ordinal);
        using var client = new HttpClient();
        Assert.Equal(Bytes, await client.GetByteArrayAsync(link));
    }

    [Fact]
    public async Task A_link_to_nothing_is_not_found()
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(Store.Link(Key));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
    }

    public async Task InitializeAsync() => _aws = await AwsTables.Create();

    public async Task DisposeAsync() => await _aws.DisposeAsync();
}

[Collection(OnLocalServers.Name)]
[Trait("Needs", "local-servers")]
public sealed class AwsAsideStore : AsideStoreContract, IAsyncLifetime
{
    private AwsTables _aws = null!;

    protected override IAsideStore Store => _aws.Storage.Aside;

    [Fact]
    public async Task What_was_put_by_a_call_whose_answer_was_lost_is_ours()
    {
        using var injected = _aws.Proxy.Inject(Fault.CutAfter, times: 1, when: call => call.Operation == "PutItem");
        Assert.True(await Store.PutIfAbsent("jti", "a", "ours"u8.ToArray(), null, CancellationToken.None));
        Assert.Equal(1, injected.Hits);
        Assert.False(await Store.PutIfAbsent("jti", "a", "ours"u8.ToArray(), null, CancellationToken.None));
    }

    public async Task InitializeAsync() => _aws = await AwsTables.Create(Clock);

    public async Task DisposeAsync() => await _aws.DisposeAsync();
}

[Collection(OnLocalServers.Name)]
[Trait("Needs", "local-servers")]
public sealed class AwsAuditStore : AuditStoreContract, IAsyncLifetime
{
    private AwsTables _aws = null!;

    protected override IAuditStore Store => _aws.Storage.Audit;

    protected override IAsideStore Aside => _aws.Storage.Aside;

    protected override int Runs => 6;

    public async Task InitializeAsync() => _aws = await AwsTables.Create();

    public async Task DisposeAsync() => await _aws.DisposeAsync();
}
