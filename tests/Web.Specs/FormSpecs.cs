using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Raktar.Running;
using static Microsoft.Playwright.Assertions;

namespace Raktar.Web.Specs;

/// <summary>What people change and ask in the pages, beside tokens.</summary>
public sealed class FormSpecs
{
    [Fact]
    public async Task A_version_is_deleted_and_restored_by_whoever_types_its_crates_name()
    {
        var demo = await Demo.Shared;
        var name = await Published(demo);
        await using var person = await Come(demo);
        var page = person.Page;
        await person.Go($"/crates/{name}/1.0.0");
        await page.GetByRole(AriaRole.Link, new() { Name = "Delete 1.0.0" }).ClickAsync();
        await page.GetByLabel("Reason").FillAsync("it holds a customer's data");
        await page.GetByLabel("To confirm").FillAsync("another");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        Assert.Single(await demo.Raktar.Lines(name));

        await page.GoBackAsync();
        await page.GetByLabel("Reason").FillAsync("it holds a customer's data");
        await page.GetByLabel("To confirm").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Restore" })).ToBeVisibleAsync();
        await person.Go($"/crates/{name}", status: 404);

        await person.Go($"/crates/{name}/1.0.0/delete");
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore" }).ClickAsync();
        await page.WaitForURLAsync($"**/crates/{name}/history");
        await Expect(page.GetByRole(AriaRole.Main)).ToContainTextAsync("it holds a customer's data");
        await Expect(page.GetByRole(AriaRole.Main)).ToContainTextAsync("restored");
        Assert.Single(await demo.Raktar.Lines(name));
        person.IsContent();
    }

    [Fact]
    public async Task A_yank_is_taken_back()
    {
        var demo = await Demo.Shared;
        var name = await Published(demo);
        await using var person = await Come(demo);
        var page = person.Page;
        foreach (var (button, yanked) in ((string, bool)[])[("Yank", true), ("Unyank", false)])
        {
            await person.Go($"/crates/{name}/1.0.0/yank");
            await page.GetByLabel("To confirm").FillAsync(name);
            await page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
            await page.WaitForURLAsync($"**/crates/{name}/history");
            Assert.Equal(yanked, (await demo.Raktar.Line(name, "1.0.0")).GetProperty("yanked").GetBoolean());
        }

        person.IsContent();
    }

    [Fact]
    public async Task An_account_gets_a_role_a_team_and_a_token()
    {
        var demo = await Demo.Shared;
        await using var person = await Come(demo);
        var page = person.Page;
        var (login, team) = (Registries.Name("carl"), Registries.Name("desk"));
        await person.Go("/admin");
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = "Accounts" }).First.ClickAsync();
        await page.GetByLabel("Login").FillAsync(login);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make an account" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(login);
        await page.GetByLabel("Role").SelectOptionAsync("publisher");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change the role" }).ClickAsync();
        await Expect(page.GetByLabel("Role")).ToHaveValueAsync("publisher");

        await person.Go("/admin/teams");
        await page.GetByLabel("Name").FillAsync(team);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a team" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync(team);
        await page.GetByLabel("Login").FillAsync(login);
        await page.GetByRole(AriaRole.Button, new() { Name = "Put into the team" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = login, Exact = true }).ClickAsync();

        await page.GetByLabel("Name").FillAsync("desk");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        var token = (await page.Locator("pre", new() { HasText = "rk_" }).First.InnerTextAsync()).Trim();
        using var client = Protocols.Client(Protocols.Http1, demo.Url, token);
        var me = await client.GetFromJsonAsync<JsonElement>("api/v1/me");
        Assert.Contains(team, me.ToString(), StringComparison.Ordinal);

        await person.Go($"/admin/teams/{team}");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Take out {login}" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = login, Exact = true })).ToHaveCountAsync(0);
        person.IsContent();
    }

    [Fact]
    public async Task The_audit_is_filtered_drawn_and_exported()
    {
        var demo = await Demo.Shared;
        await using var person = await Come(demo);
        var page = person.Page;
        await person.Go("/audit");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Crate" }).FillAsync("payments");
        await page.Locator("select[name=kind]").SelectOptionAsync("version-yanked");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Main)).ToContainTextAsync("rounds half cents up; use 1.0.1");
        await Expect(page.GetByRole(AriaRole.Img)).ToBeVisibleAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());
        var lines = await File.ReadAllLinesAsync((await download.PathAsync())!);
        Assert.Equal(2, lines.Length);
        Assert.Contains("rounds half cents up; use 1.0.1", lines[1], StringComparison.Ordinal);
        person.IsContent();
    }

    [Fact]
    public async Task A_proof_is_computed_by_the_browser_and_a_forged_one_does_not_hold()
    {
        var demo = await Demo.Shared;
        await using var person = await Come(demo);
        var page = person.Page;
        await person.Go("/admin");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make one now" }).ClickAsync();
        await person.Go("/crates/payments/1.1.0/proof");
        await Expect(page.Locator("#proof p")).ToHaveTextAsync("Proven, as this browser computed it.");
        await Expect(page.Locator("#proof li.good")).ToHaveCountAsync(5);
        await Expect(page.Locator("#proof li")).ToHaveCountAsync(5);

        // Somebody between registry and browser changes one character of the commit.
        await page.RouteAsync("**/api/v1/audit/proof/**", async route =>
        {
            var answer = await route.FetchAsync();
            await route.FulfillAsync(new() { Response = answer, Body = Forged(await answer.TextAsync()) });
        });
        await person.Go("/crates/payments/1.1.0/proof");
        await Expect(page.Locator("#proof p")).ToHaveTextAsync("Nothing is proven.");
        await Expect(page.Locator("#proof li.bad")).Not.ToHaveCountAsync(0);
        person.IsContent();
    }

    [Fact]
    public async Task A_day_of_the_past_shows_what_there_was()
    {
        var demo = await Demo.Shared;
        await using var person = await Come(demo);
        var page = person.Page;
        var before = (await demo.Raktar.Client.GetFromJsonAsync<JsonElement>("api/v1/crates/payments/versions")).GetProperty("versions").EnumerateArray()
            .Single(version => version.GetProperty("num").GetString() == "1.0.1").GetProperty("created_at").GetDateTimeOffset();
        await person.Go($"/crates/payments?at={Uri.EscapeDataString(before.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture))}");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("1.0.1");
        await Expect(page.GetByText("As of")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to today" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("1.1.0");

        // Before there was anything.
        await page.GetByLabel("As it was on").FillAsync("2020-02-02");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        person.IsContent();
    }

    private static async Task<Person> Come(Demo demo)
    {
        var person = await Person.Come(demo.Url);
        await person.SignIn(demo.AdminToken);
        return person;
    }

    private static async Task<string> Published(Demo demo)
    {
        var name = Registries.Name("form");
        (await RawCrate.Of(name, "1.0.0").Publish(demo.Raktar.Client)).EnsureSuccessStatusCode().Dispose();
        return name;
    }

    private static string Forged(string proof)
    {
        var forged = JsonNode.Parse(proof)!;
        var commit = Encoding.UTF8.GetString(Convert.FromBase64String(forged["commit"]!.GetValue<string>()));
        Assert.Contains("ann", commit, StringComparison.Ordinal);
        forged["commit"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(commit.Replace("ann", "bob", StringComparison.Ordinal)));
        return forged.ToJsonString();
    }
}
