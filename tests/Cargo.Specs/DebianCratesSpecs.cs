using System.Collections.Concurrent;
using Raktar.Running;
using Xunit.Abstractions;

namespace Raktar.Cargo.Specs;

/// <summary>Crates that people use, as Debian packs them (tests/install-debian-crates.sh).</summary>
public sealed class DebianCratesSpecs(ITestOutputHelper output)
{
    private const int Enough = 300;

    // What the program below uses; the rest is taken as it comes.
    private static readonly string[] Used =
        ["serde", "serde_derive", "itertools", "semver", "thiserror", "url", "smallvec", "crossbeam-channel", "rayon", "http"];

    [Fact]
    public async Task Three_hundred_real_crates_are_published_and_a_program_is_built_from_them()
    {
        await using var raktar = await RunningRegistry.Start(Protocols.Http1, wired: false);
        var machines = new ConcurrentBag<CargoWorld>();
        for (var number = 0; number < 4; number++)
        {
            machines.Add(await CargoWorld.For(Toolchains.All.ElementAt(number % Toolchains.All.Count()), raktar));
        }

        var waiting = DebianCrate.All();
        var published = new ConcurrentDictionary<string, byte>(StringComparer.Ordinal);
        var wanted = DebianCrate.Closure(waiting, Used);
        for (var round = 0; round < 20 && !(published.Count >= Enough && wanted.All(published.ContainsKey)); round++)
        {
            // Two versions of one crate may be there, so that a crate waits for all of what it may need and tries again when cargo finds none.
            var ready = waiting.Where(source => source.Dependencies.All(published.ContainsKey))
                .OrderByDescending(source => wanted.Contains(source.Name)).Take(Math.Max(wanted.Count, Enough + 10 - published.Count)).ToList();
            if (ready.Count == 0)
            {
                break;
            }

            await Parallel.ForEachAsync(ready, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (source, _) =>
            {
                Assert.True(machines.TryTake(out var machine));
                var ended = await machine.Publishing(source.CopyTo(machine.Folder(source.Folder)), "--no-verify");
                machines.Add(machine);
                // Debian leaves files out and changes requirements, so not every crate can be packaged. The registry, though, refuses none.
                ended.NeverSaid("the remote server responded").NeverSaid("failed to publish");
                if (ended.ExitCode == 0)
                {
                    published[source.Name] = 0;
                    lock (waiting)
                    {
                        waiting.Remove(source);
                    }
                }
                else
                {
                    output.WriteLine($"{source.Folder}: {ended.Output}");
                }
            });
        }

        output.WriteLine($"published: {string.Join(' ', published.Keys.Order(StringComparer.Ordinal))}");
        Assert.DoesNotContain(wanted, name => !published.ContainsKey(name));
        Assert.True(published.Count >= Enough, $"only {published.Count} crates were published");
        foreach (var cargo in Toolchains.All)
        {
            await ProgramBuilds(cargo, raktar);
        }

        (await raktar.Command("verify")).Succeeded();
    }

    private static async Task ProgramBuilds(string cargo, RunningRegistry raktar)
    {
        var user = await CargoWorld.For(cargo, raktar);
        if (cargo == "nightly")
        {
            // It is nightly's cargo that is asked here: these crates are older than nightly's compiler and try features of it that are gone.
            user.Set("RUSTFLAGS", "-Zallow-features=");
        }

        var app = user.Application("app", string.Join('\n', Used.Select(name =>
            $$"""{{name}} = { version = "*", registry = "raktar"{{(name == "serde" ? ", features = [\"derive\"]" : string.Empty)}} }""")));
        await File.WriteAllTextAsync(
            Path.Combine(app, "src", "main.rs"),
            """
            use itertools::Itertools;
            use rayon::prelude::*;

            #[derive(serde::Serialize, serde::Deserialize, Debug)]
            struct Parcel { weight: u32 }

            #[derive(thiserror::Error, Debug)]
            #[error("parcel {0} is lost")]
            struct Lost(u32);

            fn main() {
                let version: semver::Version = "1.2.3".parse().unwrap();
                let url = url::Url::parse("https://example.org/a?b=c").unwrap();
                let (tx, rx) = crossbeam_channel::unbounded();
                tx.send((1..=100u32).into_par_iter().sum::<u32>()).unwrap();
                let few: smallvec::SmallVec<[u32; 4]> = smallvec::smallvec![3, 1, 2];
                let parcel = Parcel { weight: rx.recv().unwrap() };
                println!(
                    "{} {} {} {} {} {}",
                    version.minor, url.host_str().unwrap(), few.iter().sorted().join("-"), parcel.weight, Lost(7), http::StatusCode::OK
                );
            }
            """);
        (await user.Run(app, "run")).Succeeded().Said("2 example.org 1-2-3 5050 parcel 7 is lost 200 OK");
        var lockFile = await File.ReadAllTextAsync(Path.Combine(app, "Cargo.lock"));
        Assert.DoesNotContain("crates.io", lockFile, StringComparison.Ordinal);
        Assert.Contains(raktar.Index, lockFile, StringComparison.Ordinal);
    }
}
