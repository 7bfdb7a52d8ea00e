using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>One process owns a data folder.</summary>
public sealed class DataFolderSpecs
{
    [EmbeddedFact]
    public async Task As_soon_as_a_new_registry_answers_its_administrator_can_sign_in()
    {
        for (var start = 0; start < 5; start++)
        {
            await using var server = new EmbeddedServer(Protocols.Http1);
            await server.Start(server.Url, new Dictionary<string, string>());
            using var client = Protocols.Client(Protocols.Http1, server.Url);
            var answered = TimeProvider.System.GetTimestamp();
            while (!await IsReady(client))
            {
                Assert.True(TimeProvider.System.GetElapsedTime(answered) < TimeSpan.FromSeconds(60), server.Output());
            }

            client.DefaultRequestHeaders.Add("Authorization", server.AdminToken);
            using var me = await client.GetAsync("api/v1/me");
            Assert.Equal(System.Net.HttpStatusCode.OK, me.StatusCode);
        }
    }

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

    private static async Task<bool> IsReady(HttpClient client)
    {
        try
        {
            using var ready = await client.GetAsync("health/ready");
            return ready.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
