using System.Text.Json.Nodes;

namespace Raktar.LocalAws.Specs;

public sealed class FanningOut : IAsyncLifetime
{
    private readonly Deployed _stub = new();

    private DeployedShape Shape => _stub.Shape;

    public Task InitializeAsync() => _stub.InitializeAsync();

    public async Task DisposeAsync() => await _stub.DisposeAsync();

    [Fact]
    public async Task A_commit_reaches_the_functions_whose_rules_match_as_the_adapter_hands_it_over()
    {
        await _stub.Commit("crate/foo", 3);
        await Shape.Bus.Idle();

        var document = (await _stub.Document("index.1/foo"))!;
        Assert.Equal("3", (string?)document["version"]);
        Assert.Null(await _stub.Document("account.1/foo"));
        Assert.Equal(0, Shape["account"].ColdStarts);
        var happened = JsonNode.Parse((string)document["event"]!)!;
        Assert.Equal(
            ["0", "stream-moved", "raktar", "000000000000", "eu-central-1"],
            ((string[])["version", "detail-type", "source", "account", "region"]).Select(field => (string)happened[field]!));
        Assert.Equal(
            """{"stream":"crate/foo","first":"3","last":"3","types":["crate-claimed","version-published"],"at":"2026-11-23T02:00:00.0000000Z"}""",
            happened["detail"]!.ToJsonString());
        var headers = (string)document["headers"]!;
        Assert.Contains("Content-Type: application/json", headers, StringComparison.Ordinal);
        Assert.Contains("x-amzn-request-context: null", headers, StringComparison.Ordinal);
        Assert.Contains("x-amzn-lambda-context: {", headers, StringComparison.Ordinal);
        var calls = Shape.Functions.SelectMany(function => function.Aws.Calls).Select(call => $"{call.Caller}: {call.Operation}");
        Assert.Equal(["api: PutItem", "index: PutItem"], calls.Order());
    }

    [Fact]
    public async Task A_failing_invocation_is_repeated_and_then_a_dead_letter()
    {
        await _stub.Commit("crate/poison");
        await Shape.Bus.Idle();

        var dead = Assert.Single(Shape.Bus.DeadLetters);
        Assert.Equal("arn:aws:sqs:eu-central-1:000000000000:IndexDeadLetters", dead.Queue);
        Assert.Equal("crate/poison", (string?)dead.Delivery.Event["detail"]!["stream"]);
        Assert.Contains("503", dead.Error, StringComparison.Ordinal);
        Assert.Equal(3, Shape.Bus.Failures.Count);
    }

    [Fact]
    public async Task A_fault_that_passes_is_outlived()
    {
        using var fault = Shape["index"].Aws.Inject(Fault.Throttled, times: 2, when: call => call.Operation == "PutItem");
        await _stub.Commit("crate/foo");
        await Shape.Bus.Idle();

        Assert.NotNull(await _stub.Document("index.1/foo"));
        Assert.Equal(2, Shape.Bus.Failures.Count);
        Assert.Empty(Shape.Bus.DeadLetters);
    }

    [Fact]
    public async Task What_the_role_does_not_allow_fails()
    {
        await _stub.Commit("crate/trespass");
        await Shape.Bus.Idle();

        Assert.Single(Shape.Bus.DeadLetters);
        Assert.Null(await _stub.Document("other.1/trespass"));
        Assert.All(Shape["index"].Aws.Calls, call => Assert.False(Shape["index"].Policy.Allows(call)));
        var unused = Shape.UnusedGrants.Select(unused => $"{unused.Function.Shape.Role} {unused.Grant.Action}").ToList();
        Assert.Contains("index dynamodb:Query", unused);
        Assert.Contains("index dynamodb:PutItem", unused);
        Assert.DoesNotContain("api dynamodb:PutItem", unused);
    }

    [Fact]
    public async Task Deliveries_come_twice_late_and_in_another_order_on_demand()
    {
        Shape.Bus.Hold();
        Shape.Bus.Duplicates = 1;
        foreach (var name in (string[])["a", "b", "c", "d", "e"])
        {
            await _stub.Commit($"crate/{name}");
        }

        await Shape.Bus.Idle();
        Assert.Empty(Shape.Bus.Delivered);

        Shape.Bus.Release(seed: 1);
        await Shape.Bus.Idle();
        var order = Shape.Bus.Delivered.Select(delivery => (string)delivery.Event["detail"]!["stream"]!).ToList();
        Assert.Equal(10, order.Count);
        Assert.Equal(5, order.Distinct().Count());
        Assert.NotEqual(order.Order(), order);
    }

    [Fact]
    public async Task Lost_deliveries_can_be_replayed()
    {
        Shape.Bus.Drops = delivery => delivery.Function.Shape.Role == "account";
        await _stub.Commit("account/ann");
        await _stub.Commit("crate/foo");
        await Shape.Bus.Idle();
        Assert.NotNull(await _stub.Document("index.1/foo"));
        Assert.Null(await _stub.Document("account.1/ann"));

        Shape.Bus.Deliver(Shape.Bus.Dropped);
        await Shape.Bus.Idle();
        Assert.NotNull(await _stub.Document("account.1/ann"));
    }

    [Fact]
    public async Task After_a_crash_the_next_invocation_is_a_cold_start()
    {
        await _stub.Commit("crate/foo");
        await Shape.Bus.Idle();
        await Shape["index"].Kill();
        await _stub.Commit("crate/foo", 2);
        await Shape.Bus.Idle();

        Assert.Equal(2, Shape["index"].ColdStarts);
        var document = (await _stub.Document("index.1/foo"))!;
        Assert.Equal(("2", "1"), ((string?)document["version"], (string?)document["count"]));
        Assert.Contains("the stub has started", Shape["index"].Output, StringComparison.Ordinal);
    }
}
