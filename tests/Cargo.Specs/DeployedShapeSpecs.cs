using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.Running;
using Raktar.LocalAws;
using Raktar.LocalIssuer;

namespace Raktar.Cargo.Specs;

/// <summary>What only the AWS edition has: events on their way, policies, a gateway with limits, containers beside it.</summary>
public sealed class DeployedShapeSpecs
{
    // Until the administrator's token is good, asking with it counts as failed authentications, of this one address.
    private static readonly Lazy<Task<RunningRegistry>> Whole = new(() => RunningRegistry.Start(Protocols.Http1, wired: false, Registries.NoThrottle));

    [AwsFact]
    public async Task Duplicated_reordered_late_and_lost_deliveries_end_in_the_same_documents()
    {
        var raktar = await Shared();
        var bus = raktar.Shape.Bus;

        // Nothing arrives while all this is acknowledged; then everything does, twice, in another order.
        bus.Duplicates = 1;
        bus.Hold();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Publish(raktar, $"late-{i % 3}", $"1.{i / 3}.0")));
        using (var yanked = await raktar.Client.DeleteAsync("api/v1/crates/late-0/1.2.0/yank"))
        {
            Assert.Equal(HttpStatusCode.OK, yanked.StatusCode);
        }

        using (var nothing = await raktar.Client.GetAsync(RunningRegistry.IndexPath("late-0")))
        {
            Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
        }

        await bus.Idle();
        bus.Release(seed: 20261123);
        await bus.Idle();
        Assert.Equal(4, (await raktar.Lines("late-0")).Count);
        Assert.True((await raktar.Line("late-0", "1.2.0")).GetProperty("yanked").GetBoolean());
        (await raktar.Command("rebuild")).Succeeded().Said("; 0 were not as they are now");

        // What is lost is not seen, until the next event of the crate or a replay.
        bus.Drops = delivery => delivery.Function.Shape.Role == "index";
        await Task.WhenAll(Publish(raktar, "late-0", "2.0.0"), Publish(raktar, "late-1", "2.0.0"));
        await bus.Idle();
        bus.Drops = _ => false;
        Assert.Equal(2, bus.Dropped.Count);
        Assert.Equal(4, (await raktar.Lines("late-0")).Count);
        await Publish(raktar, "late-0", "2.1.0");
        await bus.Idle();
        Assert.Equal(6, (await raktar.Lines("late-0")).Count);
        Assert.Equal(4, (await raktar.Lines("late-1")).Count);
        bus.Deliver(bus.Dropped);
        await bus.Idle();
        Assert.Equal(5, (await raktar.Lines("late-1")).Count);
        Assert.Empty(bus.DeadLetters);
        (await raktar.Command("rebuild")).Succeeded().Said("; 0 were not as they are now");
        (await raktar.Command("verify")).Succeeded();
    }

    [AwsFact]
    public async Task A_projection_that_goes_on_failing_leaves_a_dead_letter_and_the_registry_goes_on()
    {
        var raktar = await Shared();
        var (bus, index) = (raktar.Shape.Bus, raktar.Shape["index"]);
        using (index.Aws.Inject(Fault.InternalError))
        {
            await Publish(raktar, "unseen", "1.0.0");
            await bus.Idle();
        }

        var letter = Assert.Single(bus.DeadLetters);
        Assert.Equal((index, index.Shape.DeadLetters), (letter.Delivery.Function, letter.Queue));
        Assert.NotNull(letter.Queue);
        Assert.Equal(3, bus.Failures.Count);
        using (var found = await raktar.Client.GetAsync("api/v1/crates/unseen"))
        {
            Assert.Equal(HttpStatusCode.OK, found.StatusCode);
        }

        bus.Deliver([letter.Delivery]);
        await bus.Idle();
        Assert.Single(await raktar.Lines("unseen"));
    }

    [AwsFact]
    public async Task A_revoked_token_stops_working_although_no_projection_hears_of_it()
    {
        var raktar = await Shared();
        using var former = Protocols.Client(raktar.Protocol, raktar.Url, await raktar.Account("former", "publisher"));
        await raktar.Settled();
        var me = JsonSerializer.Deserialize<JsonElement>(await former.GetStringAsync("api/v1/me"));
        raktar.Shape.Bus.Drops = delivery => delivery.Function.Shape.Role == "account";
        using var revoked = await raktar.Client.DeleteAsync($"api/v1/accounts/former/tokens/{me.GetProperty("token_id")}");
        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        var last = HttpStatusCode.OK;
        await Eventually.Holds(
            async () =>
            {
                using var answer = await former.GetAsync("config.json");
                return (last = answer.StatusCode) == HttpStatusCode.Unauthorized;
            },
            TimeSpan.FromSeconds(60),
            () => $"the token goes on working: {last}");
    }

    [AwsFact]
    public async Task What_is_taken_away_is_not_called_done_before_it_is_in_force()
    {
        var raktar = await Shared();
        var bus = raktar.Shape.Bus;
        await Publish(raktar, "inward", "1.0.0");
        await bus.Idle();
        bus.Drops = delivery => delivery.Function.Shape.Role == "crate-state";
        foreach (var _ in (string[])["at first", "again, when there is nothing to record"])
        {
            using var waiting = await raktar.Client.PutAsJsonAsync("api/v1/crates/inward/visibility", new { restricted = true });
            Assert.Equal(HttpStatusCode.ServiceUnavailable, waiting.StatusCode);
            Assert.NotNull(waiting.Headers.RetryAfter);
            Assert.Contains("recorded, but not in force yet", await waiting.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // What takes nothing from anybody is done when it is recorded, and nothing is wrong but that.
        await Publish(raktar, "inward", "1.1.0");
        await bus.Idle();
        bus.Drops = _ => false;
        bus.Deliver(bus.Dropped);
        await bus.Idle();
        using var done = await raktar.Client.PutAsJsonAsync("api/v1/crates/inward/visibility", new { restricted = true });
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
    }

    [AwsFact]
    public async Task A_commit_that_was_deleted_is_told_at_once()
    {
        await using var raktar = await RunningRegistry.Start();
        await Publish(raktar, "watched", "1.0.0");
        await raktar.Shape.Bus.Idle();
        Assert.Empty(raktar.Shape.Messages);
        await raktar.Shape.Deployment.DeleteCommit("crate/watched", 1);
        await Eventually.Holds(() => Task.FromResult(raktar.Shape.Messages.Count > 0), TimeSpan.FromSeconds(30), () => "nobody was told");
        var message = Assert.Single(raktar.Shape.Messages);
        Assert.Equal(("REMOVE", "crate/watched", "1"), ((string?)message["what"], (string?)message["stream"], (string?)message["first"]));
    }

    [AwsFact]
    public async Task Each_function_may_do_what_it_does_and_nothing_else()
    {
        await using var raktar = await RunningRegistry.Start(Registries.WithProvider);
        using var browser = new Browser();
        await SignInSpecs.SignIn(browser, $"{raktar.Url}/login", "exercising");
        (await browser.Post($"{raktar.Url}/logout", raktar.Url)).Dispose();
        var author = await CargoWorld.For("stable", raktar);
        var library = author.Library("exercised");
        await File.WriteAllTextAsync(Path.Combine(library, "README.md"), "# Exercised\n");
        (await author.Publishing(library)).Succeeded();
        var app = author.Application("app", """exercised = { version = "1", registry = "raktar" }""", "exercised::word()");
        (await author.Run(app, "run")).Succeeded();
        (await author.Cargo("yank", "--registry", "raktar", "exercised@1.0.0")).Succeeded();
        (await author.Cargo("search", "--registry", "raktar", "exercised")).Succeeded().Said("exercised");
        (await author.Cargo("owner", "--registry", "raktar", "--list", "exercised")).Succeeded();
        string[] audit = ["api/v1/audit", "api/v1/audit?crate=exercised", "api/v1/audit?actor=admin", "api/v1/audit?kind=version-yanked"];
        foreach (var path in (string[])["health/ready", "api/v1/crates/exercised", "api/v1/me", "crates/exercised", "crates/exercised/1.0.0/files", "crates/exercised/history", "admin", "admin/teams", .. audit])
        {
            using var answer = await raktar.Client.GetAsync(path);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}\n{raktar.Shape.Output()}");
        }

        // Checkpoints: one that finds nothing before it, one that does, a proof; and one that looks for a file that somebody deleted.
        raktar.Shape.Bus.FireSchedules();
        await raktar.Shape.Bus.Idle();
        await Publish(raktar, "checkpointed", "1.0.0");
        using (var made = await raktar.Client.PostAsync("api/v1/audit/checkpoints", null))
        {
            Assert.True(made.IsSuccessStatusCode, $"{made.StatusCode}\n{raktar.Shape.Output()}");
        }

        await raktar.Shape.Bus.Idle();
        await raktar.Client.GetStringAsync("api/v1/audit/proof/checkpointed/1.0.0");
        await raktar.Shape.Deployment.EmptyBucket("StorageCheckpoints");
        await Publish(raktar, "checkpointed", "1.1.0");
        raktar.Shape.Bus.FireSchedules();
        await raktar.Shape.Bus.Idle();
        Assert.Empty(raktar.Shape.Bus.Failures);

        const int LargeVersions = 42;
        // Documents that outgrow an item: versions with features whose names nothing compresses.
        for (var version = 1; version <= LargeVersions; version++)
        {
            await Publish(raktar, "large", $"1.0.{version}", Features(version));
        }

        await raktar.Shape.Bus.Idle();
        Assert.Equal(LargeVersions, (await raktar.Lines("large")).Count);
        Assert.Contains(raktar.Shape["index"].Aws.Calls, call => call.Action == "s3:DeleteObject");

        Assert.All(raktar.Shape.Functions, function => Assert.All(
            function.Aws.Calls, call => Assert.True(function.Policy.Allows(call), $"{call} is not allowed, or was not answered")));
        var unused = raktar.Shape.UnusedGrants.Where(unused => !IsSpillOfSmallDocuments(unused.Function, unused.Grant)).ToList();
        Assert.True(unused.Count == 0, string.Join('\n', unused.Select(grant => $"{grant.Function.Shape.Role} never needs {grant.Grant}")));

        // To outgrow an item these would need ten thousand versions or tokens; the code that spills is the same for all kinds.
        static bool IsSpillOfSmallDocuments(Function function, Grant grant) =>
            function.Shape.Role is "crate-state" or "catalogue" or "account"
            && grant.Resource.EndsWith($"/documents/{function.Shape.Role}/*", StringComparison.Ordinal);
    }

    [AwsFact]
    public async Task A_checkpoint_is_made_when_its_schedule_fires_and_when_somebody_asks()
    {
        await using var raktar = await RunningRegistry.Start();
        var bus = raktar.Shape.Bus;
        await Publish(raktar, "checkpointed", "1.0.0");
        await bus.Idle();
        bus.FireSchedules();
        await bus.Idle();
        Assert.Equal([1], await Checkpoints());

        // Nothing moved, so nothing is made.
        bus.FireSchedules();
        await bus.Idle();
        Assert.Equal([1], await Checkpoints());

        // Who has no key asks who has it.
        await Publish(raktar, "checkpointed", "1.1.0");
        using (var asked = await raktar.Client.PostAsync("api/v1/audit/checkpoints", null))
        {
            Assert.True(asked.StatusCode is HttpStatusCode.Created or HttpStatusCode.Accepted, $"{asked.StatusCode}\n{raktar.Shape.Output()}");
        }

        await bus.Idle();
        Assert.Equal([2, 1], await Checkpoints());
        Assert.DoesNotContain(raktar.Shape.Api.Aws.Calls, call => call.Service == "kms");

        var folder = Scratch.Folder("proof");
        var (proof, key, kept) = (Path.Combine(folder, "proof.json"), Path.Combine(folder, "key.pem"), Path.Combine(folder, "kept"));
        await File.WriteAllTextAsync(proof, await raktar.Client.GetStringAsync("api/v1/audit/proof/checkpointed/1.1.0"));
        await File.WriteAllTextAsync(key, await raktar.Client.GetStringAsync("api/v1/audit/key"));
        await File.WriteAllTextAsync(kept, await raktar.Client.GetStringAsync("api/v1/audit/checkpoints/2"));
        (await raktar.Command("verify", "--proof", proof, "--key", key)).Succeeded().Said("proven: checkpointed 1.1.0 was published");
        (await raktar.Command("verify", "--key", key, "--checkpoint", kept)).Succeeded();

        // The log cannot be changed through the registry; here it is, as by somebody with all rights.
        await raktar.Shape.Deployment.DeleteCommit("crate/checkpointed", 3);
        (await raktar.Command("verify", "--key", key)).Failed("crate/checkpointed", "it ends at version 2");
        await Publish(raktar, "another", "1.0.0");
        await bus.Idle();
        bus.FireSchedules();
        await bus.Idle();
        // The alarm for errors rings once; the repeated invocation has nothing more to do.
        Assert.Contains("checkpoint answered 500", Assert.Single(bus.Failures), StringComparison.Ordinal);
        Assert.Empty(bus.DeadLetters);
        Assert.Contains("crate/checkpointed: it ends at version 2", raktar.Shape["checkpoint"].Output, StringComparison.Ordinal);

        async Task<IEnumerable<int>> Checkpoints() => JsonSerializer.Deserialize<JsonElement>(await raktar.Client.GetStringAsync("api/v1/audit/checkpoints"))
            .GetProperty("checkpoints").EnumerateArray().Select(checkpoint => checkpoint.GetProperty("number").GetInt32()).ToList();
    }

    [AwsFact]
    public async Task A_crate_over_lambdas_limit_is_a_413_from_raktar_first_and_from_the_gateway_above()
    {
        var raktar = await Shared();
        var author = await CargoWorld.For("stable", raktar);
        (await author.Publishing(Noise(author, "fits", 3_900_000), "--no-verify")).Succeeded();
        (await author.Publishing(Noise(author, "over", 4_100_000), "--no-verify")).Failed("413", "crate file is ", "bytes (max 4000000)");
        (await author.Publishing(Noise(author, "far-over", 5_500_000), "--no-verify")).Failed("413", "Request Entity Too Large");
        Assert.Equal(3_900_000, (await raktar.Download(await raktar.Line("fits", "1.0.0"))).Length, 50_000.0);
    }

    [AwsFact]
    public async Task Events_reach_a_projection_only_through_the_bus()
    {
        var raktar = await Shared();
        using var posted = await raktar.Client.PostAsync("events", new StringContent("""{"detail":{"stream":"crate/foo"}}"""));
        Assert.Equal(HttpStatusCode.NotFound, posted.StatusCode);
        using var client = Protocols.Client(raktar.Protocol, raktar.Url);
        using var stranger = await client.PostAsync("events", new StringContent("""{"detail":{"stream":"crate/foo"}}"""));
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [AwsFact]
    public async Task Containers_on_the_same_tables_need_no_functions_and_see_each_others_publishes()
    {
        var raktar = await Shared();
        await raktar.Shape.Bus.Idle();
        raktar.Shape.Bus.Drops = _ => true;
        var (one, other) = (Container(raktar), Container(raktar));
        await using (one.Process)
        await using (other.Process)
        {
            await Task.WhenAll(Ready(one), Ready(other));
            var author = await CargoWorld.For("stable", raktar);
            author.Set("CARGO_REGISTRIES_RAKTAR_INDEX", $"sparse+{one.Url}/");
            await author.Publish("contained");
            var app = author.Application("app", """contained = { version = "1", registry = "raktar" }""", "contained::word()");
            (await author.Run(app, "run")).Succeeded().Said("contained 1.0.0");

            // Killed right after its answers: what it had not projected yet the other one does.
            using var client = Protocols.Client(Protocols.Http1, one.Url, raktar.AdminToken);
            var publishes = Enumerable.Range(0, 20).Select(i => RawCrate.Of($"contained-{i}", "1.0.0").Publish(client)).ToList();
            await Task.WhenAny(publishes);
            await one.Process.Kill();
            var acknowledged = publishes.Select((publish, i) => (publish, i)).Where(p => p.publish.IsCompletedSuccessfully && p.publish.Result.StatusCode == HttpStatusCode.OK)
                .Select(p => $"contained-{p.i}").Append("contained").ToList();
            Assert.True(acknowledged.Count > 1);
            using var reader = Protocols.Client(Protocols.Http1, other.Url, raktar.AdminToken);
            foreach (var name in acknowledged)
            {
                await Eventually.Holds(
                    async () => (await reader.GetAsync(RunningRegistry.IndexPath(name))).StatusCode == HttpStatusCode.OK,
                    TimeSpan.FromSeconds(20),
                    () => $"{name} never appeared:\n{other.Process.Output}");
            }
        }

        (await raktar.Command("verify")).Succeeded();
    }

    /// <summary>The registry of those specs that leave its log as it is, as it should be now: whatever the spec before let get lost has arrived.</summary>
    private static async Task<RunningRegistry> Shared()
    {
        var raktar = await Whole.Value;
        var bus = raktar.Shape.Bus;
        bus.Release();
        await bus.Idle();
        bus.Drops = _ => false;
        bus.Deliver(bus.Dropped);
        await bus.Idle();
        bus.Forget();
        return raktar;
    }

    private static (ServerProcess Process, string Url) Container(RunningRegistry raktar)
    {
        var url = $"http://127.0.0.1:{Ports.Free()}";
        return (new ServerProcess([AwsServer.Program, "serve", "--storage", "aws", "--urls", url, "--public-url", url], raktar.Aws.Environment()), url);
    }

    private static async Task Ready((ServerProcess Process, string Url) container)
    {
        using var client = Protocols.Client(Protocols.Http1, container.Url);
        await Eventually.Holds(
            async () =>
            {
                try
                {
                    using var ready = await client.GetAsync("health/ready");
                    return ready.StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException) when (!container.Process.HasExited)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(60),
            () => $"the container did not start:\n{container.Process.Output}");
    }

    private static async Task Publish(RunningRegistry raktar, string name, string version, Dictionary<string, string[]>? features = null)
    {
        var manifest = features is null ? string.Empty : $"[features]\n{string.Join('\n', features.Keys.Select(feature => $"{feature} = []"))}\n";
        var crate = RawCrate.Of(name, version, manifest: manifest);
        using var content = new ByteArrayContent(crate.Body(metadata => metadata["features"] = features ?? []));
        using var answer = await raktar.Client.PutAsync("api/v1/crates/new", content);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{name} {version}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static Dictionary<string, string[]> Features(int seed)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, 290).ToDictionary(
            i => $"f{i}-{new string(random.GetItems("abcdefghijklmnopqrstuvwxyz0123456789".AsSpan(), 58))}", _ => Array.Empty<string>());
    }

    private static string Noise(CargoWorld world, string name, int bytes)
    {
        var folder = world.Library(name);
        var noise = new byte[bytes];
        new Random(bytes).NextBytes(noise);
        File.WriteAllBytes(Path.Combine(folder, "noise.bin"), noise);
        return folder;
    }
}
