using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>A version and a name are given once.</summary>
public sealed class DuplicateSpecs
{
    [Theory, EveryCargoAndProtocol]
    public async Task A_version_is_published_once_yanked_or_not_and_build_metadata_makes_no_other(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var name = Registries.Name("once");
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(name);
        var first = await raktar.Line(name, "1.0.0");

        // Cargo itself sees this one in the index.
        (await author.Publishing(author.Library(name, word: "other"))).Failed("already exists");
        (await author.Publishing(author.Library(name, "1.0.0+linux"))).Failed("already exists");

        // And these it sends, because it takes a yanked version for free.
        (await author.Cargo("yank", "--registry", "raktar", $"{name}@1.0.0")).Succeeded();
        (await author.Publishing(author.Library(name, word: "other"))).Failed("409", $"crate version `{name}@1.0.0` is already uploaded");
        (await author.Publishing(author.Library(name, "1.0.0+linux"))).Failed("409", "is already uploaded");

        var line = Assert.Single(await raktar.Lines(name));
        Assert.Equal(first.GetProperty("cksum").GetString(), line.GetProperty("cksum").GetString());
        Assert.True(line.GetProperty("yanked").GetBoolean());
    }

    [Theory, EveryCargoAndProtocol]
    public async Task Names_that_differ_only_in_case_or_dashes_are_one_name(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var dashed = Registries.Name("Foo-bar");
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(dashed);

        var underscored = dashed.Replace('-', '_');
        (await author.Publishing(author.Library(underscored, "2.0.0"))).Failed("409", $"crate is already registered as `{dashed}`");
        var lower = dashed.ToLowerInvariant();
        (await author.Publishing(author.Library(lower, "2.0.0"))).Failed("409", $"crate is already registered as `{dashed}`");
        Assert.Single(await raktar.Lines(dashed));
    }
}
