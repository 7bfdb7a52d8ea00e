using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>Cargo builds real crates (tests/install-debian-crates.sh) through a mirror. Its upstream is another registry, which asks for a token.</summary>
public sealed class MirrorSpecs
{
    // What the program below uses.
    private static readonly string[] Used = ["itertools", "semver", "smallvec"];

    [EmbeddedFact]
    public async Task A_program_is_built_through_a_mirror_and_from_its_copies_when_upstream_is_gone()
    {
        await using var upstream = await RunningRegistry.Start();
        var published = await Publish(upstream);
        await using var mirror = await RunningRegistry.Start(Protocols.Http1, wired: false, await Mirroring(upstream));
        foreach (var crate in published)
        {
            var path = RunningRegistry.IndexPath(crate);
            Assert.Equal(await upstream.Client.GetByteArrayAsync(path), await mirror.Client.GetByteArrayAsync($"crates-io/{path}"));
        }

        var lockFiles = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var cargo in Toolchains.All)
        {
            lockFiles[cargo] = await Builds(cargo, mirror, "run");
            Assert.Contains("source = \"registry+https://github.com/rust-lang/crates.io-index\"", lockFiles[cargo], StringComparison.Ordinal);
            Assert.DoesNotContain("127.0.0.1", lockFiles[cargo], StringComparison.Ordinal);
        }

        await upstream.Stop();
        await mirror.Kill();
        await mirror.StartAgain();
        foreach (var (cargo, lockFile) in lockFiles)
        {
            await Builds(cargo, mirror, "run", "--locked", lockFile);
        }

        (await mirror.Command("verify")).Succeeded();
    }

    [EmbeddedFact]
    public async Task A_fetch_that_is_killed_leaves_nothing_half()
    {
        await using var upstream = await FakeUpstream.Start();
        var crate = RawCrate.Of("halfway", "1.0.0", files: new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["src/data.bin"] = [.. Enumerable.Range(0, 200_000).SelectMany(i => BitConverter.GetBytes(i * 2_654_435_761))],
        });
        upstream.Publish(crate);
        var (file, half) = (FakeUpstream.FilePath(crate), new TaskCompletionSource());
        upstream.Trouble = async context =>
        {
            if (context.Request.Path != file)
            {
                return false;
            }

            context.Response.ContentLength = crate.File.Length;
            await context.Response.Body.WriteAsync(crate.File.AsMemory(0, crate.File.Length / 2));
            await context.Response.Body.FlushAsync();
            half.TrySetResult();
            await Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        await using var mirror = await RunningRegistry.Start(
            Protocols.Http1, wired: false, ("Raktar__Upstreams__0__Name", "crates-io"), ("Raktar__Upstreams__0__Url", $"{upstream.Url}/"));
        var download = $"crates-io/dl/halfway/1.0.0/{RawCrate.Checksum(crate.File)}.crate";
        var reading = mirror.Client.GetByteArrayAsync(download);
        await half.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await mirror.Kill();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => reading);

        upstream.Trouble = null;
        await mirror.StartAgain();
        Assert.Empty(Directory.GetFiles(Path.Combine(mirror.Data, "blobs", "staging")));
        Assert.Equal(crate.File, await mirror.Client.GetByteArrayAsync(download));
        Assert.Equal(2, upstream.Asked(file));
    }

    /// <summary>Publishes what the program uses, and all that this needs, with the dependencies first.</summary>
    private static async Task<HashSet<string>> Publish(RunningRegistry upstream)
    {
        var sources = DebianCrate.All();
        var (wanted, published) = (DebianCrate.Closure(sources, Used), new HashSet<string>(StringComparer.Ordinal));
        var author = await CargoWorld.For("stable", upstream);
        while (!wanted.IsSubsetOf(published))
        {
            var ready = sources.Where(source => wanted.Contains(source.Name) && source.Dependencies.All(published.Contains)).ToList();
            Assert.True(ready.Count > 0, $"none of {string.Join(' ', wanted.Except(published))} can be published");
            foreach (var source in ready)
            {
                (await author.Publishing(source.CopyTo(author.Folder(source.Folder)), "--no-verify")).Succeeded();
                published.Add(source.Name);
                sources.Remove(source);
            }
        }

        return published;
    }

    private static async Task<(string, string)[]> Mirroring(RunningRegistry upstream) =>
    [
        ("Raktar__Upstreams__0__Name", "crates-io"),
        ("Raktar__Upstreams__0__Url", upstream.Index),
        ("Raktar__Upstreams__0__Token", await upstream.Account("mirror", "reader")),
    ];

    /// <summary>Builds and runs the program on a machine that has nothing yet but what <c>raktar config</c> says; answers the lock file.</summary>
    private static async Task<string> Builds(string cargo, RunningRegistry mirror, string command, string? option = null, string? lockFile = null)
    {
        var user = await CargoWorld.For(cargo, mirror);
        var configuration = (await mirror.Command("config", "--public-url", mirror.Url)).Succeeded().StandardOutput;
        user.Configure(configuration[configuration.IndexOf("[registries.raktar-crates-io]", StringComparison.Ordinal)..]);
        user.Set("CARGO_REGISTRIES_RAKTAR_CRATES_IO_TOKEN", mirror.AdminToken);
        if (cargo == "nightly")
        {
            // It is nightly's cargo that is asked here: these crates are older than nightly's compiler and try features of it that are gone.
            user.Set("RUSTFLAGS", "-Zallow-features=");
        }

        var app = user.Application("app", string.Join('\n', Used.Select(name => $"{name} = \"*\"")));
        await File.WriteAllTextAsync(
            Path.Combine(app, "src", "main.rs"),
            """
            use itertools::Itertools;

            fn main() {
                let version: semver::Version = "1.2.3".parse().unwrap();
                let few: smallvec::SmallVec<[u32; 4]> = smallvec::smallvec![3, 1, 2];
                println!("{} {}", version.minor, few.iter().sorted().join("-"));
            }
            """);
        if (lockFile is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(app, "Cargo.lock"), lockFile);
        }

        (await user.Run(app, option is null ? [command] : [command, option])).Succeeded().Said("2 1-2-3");
        return await File.ReadAllTextAsync(Path.Combine(app, "Cargo.lock"));
    }
}
