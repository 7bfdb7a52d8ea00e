using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>The size limit is exact, and what is over it is told in a sentence.</summary>
public sealed class SizeSpecs
{
    [Theory, EveryCargoAndProtocol]
    public async Task A_crate_of_the_limit_is_taken_and_one_byte_more_is_a_413_that_cargo_shows(string cargo, string protocol)
    {
        // Cargo waits for a `100 Continue` before it sends more than a megabyte, and does not before it sends less.
        await Task.WhenAll(Check("small", 40_000), Check("large", 1_500_000));

        async Task Check(string name, int filling)
        {
            var packer = await CargoWorld.For(cargo, await Registries.Shared(protocol));
            var (crate, limit) = (packer.Library(name), 0L);
            for (var more = 0; more < 100; more++)
            {
                var noise = new byte[filling + more];
                new Random(4711).NextBytes(noise);
                await File.WriteAllBytesAsync(Path.Combine(crate, "noise.bin"), noise);
                (await packer.Run(crate, "package", "--registry", "raktar", "--allow-dirty", "--no-verify")).Succeeded();
                var size = new FileInfo(Path.Combine(packer.Target, "package", $"{name}-1.0.0.crate")).Length;
                if (limit == 0)
                {
                    limit = size;
                    crate = packer.Library(name, folder: packer.Folder("over"));
                }
                else if (size > limit)
                {
                    break;
                }
            }

            Assert.True(limit > filling);
            await using var raktar = await RunningRegistry.Start(protocol, wired: false, ("Raktar__Limits__CrateBytes", $"{limit}"));
            var author = await CargoWorld.For(cargo, raktar);
            (await author.Publishing(crate, "--no-verify")).Failed("413", "crate file is ", $"bytes (max {limit})");
            (await author.Publishing(packer.Folder($"{name}-1.0.0"), "--no-verify")).Succeeded();
            Assert.Equal(limit, (await raktar.Download(await raktar.Line(name, "1.0.0"))).Length);
        }
    }
}
