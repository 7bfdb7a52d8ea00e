using System.Globalization;
using System.Net;
using System.Text.Json;
using Raktar.Running;
using Raktar.LocalAws;

namespace Raktar.Cargo.Specs;

/// <summary>The registry as it was, through cargo's source replacement, configured as docs/time-machine.md says.</summary>
public sealed class TimeMachineSpecs
{
    [Theory, EveryCargoAndProtocol]
    public async Task What_was_published_and_yanked_over_time_resolves_as_it_did_then(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var name = Registries.Name("fossil");
        var author = await CargoWorld.For(cargo, raktar);
        var before = Now();
        await author.Publish(name, "1.0.0");
        var afterFirst = Now();
        await author.Publish(name, "1.1.0");
        var afterSecond = Now();
        (await author.Cargo("yank", "--registry", "raktar", $"{name}@1.1.0")).Succeeded();
        var afterYank = Now();

        // Who looks at the past publishes today.
        var traveller = await At(afterYank, cargo, raktar);
        await traveller.Publish(name, "1.2.0");
        (await traveller.Run(traveller.Library(name, "1.3.0"), "publish", "--registry", "raktar-then", "--allow-dirty")).Failed("does not support API commands");
        var afterThird = Now();

        var app = author.Application("app", $"""{name} = {"{"} version = "1", registry = "raktar" {"}"}""", prints: $"{name.Replace('-', '_')}::word()");
        foreach (var (time, version) in new[] { (afterThird, "1.2.0"), (afterYank, "1.0.0"), (afterFirst, "1.0.0"), (afterSecond, "1.1.0") })
        {
            File.Delete(Path.Combine(app, "Cargo.lock"));
            (await (await At(time, cargo, raktar)).Run(app, "update")).Succeeded();
            Assert.Equal(version, CargoWorld.Locked(app, name));
        }

        var lockFile = await File.ReadAllTextAsync(Path.Combine(app, "Cargo.lock"));
        Assert.Contains($"source = \"{raktar.Index}\"", lockFile, StringComparison.Ordinal);
        Assert.DoesNotContain("/at/", lockFile, StringComparison.Ordinal);

        // Built in the past, where 1.1.0 was not yanked, and from the same lock file today.
        (await (await At(afterSecond, cargo, raktar)).Run(app, "run", "--locked")).Succeeded().Said($"{name} 1.1.0", $"Downloaded {name} v1.1.0");
        (await (await CargoWorld.For(cargo, raktar)).Run(app, "run", "--locked")).Succeeded().Said($"{name} 1.1.0", $"Downloaded {name} v1.1.0");

        // There, later versions are not known, and before the first there was no crate.
        (await (await At(afterFirst, cargo, raktar)).Run(app, "fetch", "--locked")).Failed(name);
        (await (await At(before, cargo, raktar)).Run(app, "fetch")).Failed(name);
        (await (await At(afterThird, cargo, raktar, token: null)).Run(app, "fetch")).Failed("no token found");
    }

    [Theory, EveryCargo]
    public async Task A_deleted_version_is_gone_from_the_past_too_until_it_is_restored(string cargo)
    {
        var raktar = await Registries.Shared();
        var name = Registries.Name("secret");
        var author = await CargoWorld.For(cargo, raktar);
        var start = Now();
        await author.Publish(name, "1.0.0");
        await author.Publish(name, "1.1.0");
        var line = await raktar.Line(name, "1.1.0");
        var download = $"dl/{name}/1.1.0/{line.GetProperty("cksum")}.crate";
        var app = author.Application("app", $"""{name} = {"{"} version = "1", registry = "raktar" {"}"}""");
        (await author.Run(app, "update")).Succeeded();
        var lockFile = await File.ReadAllTextAsync(Path.Combine(app, "Cargo.lock"));
        var then = Now();

        using (var deleted = await raktar.Client.DeleteAsync($"api/v1/crates/{name}/1.1.0?message=a+secret+was+in+it"))
        {
            Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        }

        await IsAnswered(raktar, download, HttpStatusCode.NotFound);
        await IsAnswered(raktar, $"at/{then}/{download}", HttpStatusCode.NotFound);
        (await (await CargoWorld.For(cargo, raktar)).Run(app, "fetch", "--locked")).Failed(name);
        var past = await At(then, cargo, raktar);
        (await past.Run(app, "update")).Succeeded();
        Assert.Equal("1.0.0", CargoWorld.Locked(app, name));
        (await author.Publishing(author.Library(name, "1.1.0"))).Failed($"crate version `{name}@1.1.0` was deleted and cannot be reused");
        (await author.Cargo("info", "--registry", "raktar", name)).Succeeded().Said("1.0.0").NeverSaid("1.1.0");

        using (var restored = await raktar.Client.PutAsync($"api/v1/crates/{name}/1.1.0/restore", null))
        {
            Assert.Equal(HttpStatusCode.OK, restored.StatusCode);
        }

        await IsAnswered(raktar, download, (HttpStatusCode)Edition.Downloaded);
        await IsAnswered(raktar, $"at/{then}/{download}", (HttpStatusCode)Edition.Downloaded);
        Assert.Equal(line.GetRawText(), (await raktar.Line(name, "1.1.0")).GetRawText());
        await File.WriteAllTextAsync(Path.Combine(app, "Cargo.lock"), lockFile);
        (await (await CargoWorld.For(cargo, raktar)).Run(app, "build", "--locked")).Succeeded().Said($"Downloaded {name} v1.1.0");
        (await (await At(then, cargo, raktar)).Run(app, "fetch", "--locked")).Succeeded().Said($"Downloaded {name} v1.1.0");

        var diff = (await raktar.Command("diff", "--from", start, "--crate", name, "--json")).Succeeded();
        Assert.Equal(
            [
                $"created the crate {name}, owned by admin", $"published {name} 1.0.0", $"published {name} 1.1.0",
                $"deleted {name} 1.1.0: a secret was in it", $"restored {name} 1.1.0",
            ],
            diff.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(change => JsonSerializer.Deserialize<JsonElement>(change).GetProperty("what").GetString()!.Split(" (")[0]));
        (await raktar.Command("diff", "--from", start, "--to", then, "--crate", name)).Succeeded().Said($"published {name} 1.1.0", "3 changes").NeverSaid("deleted");
    }

    private static string Now() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static Task<CargoWorld> At(string time, string cargo, RunningRegistry raktar) => At(time, cargo, raktar, raktar.AdminToken);

    /// <summary>A machine on which the registry is as it was.</summary>
    private static async Task<CargoWorld> At(string time, string cargo, RunningRegistry raktar, string? token)
    {
        var world = await CargoWorld.For(cargo, raktar, token);
        world.Set("CARGO_REGISTRIES_RAKTAR_THEN_TOKEN", token);
        world.Configure(
            $"""
            [registries.raktar-then]
            index = "sparse+{raktar.Url}/at/{time}/"
            credential-provider = ["cargo:token"]

            [source.raktar]
            registry = "{raktar.Index}"
            replace-with = "raktar-then"
            """);
        return world;
    }

    /// <summary>Waits until it is: embedded at once, on AWS when every instance has heard of it.</summary>
    private static async Task IsAnswered(RunningRegistry raktar, string path, HttpStatusCode status)
    {
        await raktar.Settled();
        var (last, same) = (HttpStatusCode.Unused, 0);
        await Eventually.Holds(
            async () =>
            {
                using var answer = await raktar.Client.GetAsync(path);
                last = answer.StatusCode;
                // By each instance, whichever answers.
                same = last == status ? same + 1 : 0;
                return same == (Edition.IsAws ? 50 : 1);
            },
            TimeSpan.FromSeconds(30),
            () => $"{path} is answered {last}, not {status}");
    }
}
