using Raktar.Cargo.Specs.Running;

namespace Raktar.Cargo.Specs;

/// <summary>One process owns a data folder.</summary>
public sealed class DataFolderSpecs
{
    [EmbeddedFact]
    public async Task A_second_process_on_the_same_folder_says_so_and_ends_with_2()
    {
        await using var raktar = await RunningRegistry.Start();

        var second = await raktar.Command("serve", "--urls", $"http://127.0.0.1:{Ports.Free()}");
        Assert.Equal(2, second.ExitCode);
        second.Said("raktar: ", raktar.Data).NeverSaid("   at ");
        var rebuild = await raktar.Command("rebuild");
        Assert.Equal(2, rebuild.ExitCode);
        rebuild.Said("raktar: ", raktar.Data).NeverSaid("   at ");

        // The first is not disturbed, and the folder is free as soon as it is gone, however it went.
        using var health = await raktar.Client.GetAsync("health");
        Assert.Equal(System.Net.HttpStatusCode.OK, health.StatusCode);
        await raktar.Kill();
        await raktar.StartAgain();
    }
}
