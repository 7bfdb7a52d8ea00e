using System.Net;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.S3;

namespace Raktar.LocalAws.Specs;

public sealed class InjectingFaults : IAsyncLifetime
{
    private AwsProxy _proxy = null!;
    private AmazonDynamoDBClient _dynamo = null!;
    private AmazonS3Client _s3 = null!;
    private string _table = null!;

    public async Task InitializeAsync()
    {
        _proxy = await AwsProxy.Start("someone");
        (_dynamo, _s3) = (Clients.DynamoDb(_proxy.Url), Clients.S3(_proxy.Url));
        _table = await Clients.EventsTable();
    }

    public async Task DisposeAsync()
    {
        _dynamo.Dispose();
        _s3.Dispose();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task Throttling_hits_as_many_calls_as_asked_and_only_those_that_match()
    {
        var fault = _proxy.Inject(Fault.ThroughputExceeded, times: 2, when: call => call.Operation == "PutItem");
        Assert.False(await IsThere());
        await Assert.ThrowsAsync<ProvisionedThroughputExceededException>(Put);
        await Assert.ThrowsAsync<ProvisionedThroughputExceededException>(Put);
        await Put();
        Assert.True(await IsThere());
        Assert.Equal(2, fault.Hits);
        Assert.Equal(2, _proxy.Calls.Count(call => call.Fault == Fault.ThroughputExceeded));
    }

    [Fact]
    public async Task Errors_have_the_shapes_that_the_sdk_knows()
    {
        await Fails(Fault.Throttled, "ThrottlingException", HttpStatusCode.BadRequest);
        await Fails(Fault.InternalError, "InternalServerError", HttpStatusCode.InternalServerError);
        using (_proxy.Inject(Fault.Throttled))
        {
            var e = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => _s3.GetObjectAsync("b", "k"));
            Assert.Equal(("SlowDown", HttpStatusCode.ServiceUnavailable), (e.ErrorCode, e.StatusCode));
        }

        using (_proxy.Inject(Fault.InternalError))
        {
            var e = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => _s3.GetObjectAsync("b", "k"));
            Assert.Equal(("InternalError", HttpStatusCode.InternalServerError), (e.ErrorCode, e.StatusCode));
        }

        async Task Fails(Fault fault, string code, HttpStatusCode status)
        {
            using var injected = _proxy.Inject(fault);
            var e = await Assert.ThrowsAnyAsync<AmazonServiceException>(Put);
            Assert.Equal((code, status), (e.ErrorCode, e.StatusCode));
        }
    }

    [Theory]
    [InlineData(Fault.CutBefore, false)]
    [InlineData(Fault.CutAfter, true)]
    [InlineData(Fault.CutAnswer, true)]
    [InlineData(Fault.InternalErrorAfter, true)]
    [InlineData(Fault.Silence, true)]
    public async Task A_write_that_was_never_answered_may_have_arrived(Fault fault, bool arrives)
    {
        // Not just once: the SDK repeats a call whose connection was cut, even when told not to retry.
        using (_proxy.Inject(fault, when: call => call.Operation == "PutItem"))
        {
            await Assert.ThrowsAnyAsync<Exception>(Put);
        }

        Assert.Equal(arrives, await IsThere());
    }

    [Fact]
    public async Task An_outage_lasts_until_it_is_over()
    {
        using (_proxy.Inject(Fault.CutBefore))
        {
            await Assert.ThrowsAnyAsync<Exception>(Put);
            await Assert.ThrowsAnyAsync<Exception>(Put);
        }

        await Put();
    }

    private Task Put() => _dynamo.PutItemAsync(_table, new() { ["stream"] = Clients.S("crate/foo"), ["first"] = Clients.N(1) });

    private async Task<bool> IsThere() =>
        (await _dynamo.GetItemAsync(_table, new() { ["stream"] = Clients.S("crate/foo"), ["first"] = Clients.N(1) })).IsItemSet;
}
