using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Raktar.Running;
using static Microsoft.Playwright.Assertions;

namespace Raktar.Web.Specs;

/// <summary>The whole way, as somebody new goes it.</summary>
public sealed class JourneySpecs
{
    private static readonly Regex TokenText = new("rk_[0-9A-Za-z]+", RegexOptions.NonBacktracking);

    [Fact]
    public async Task From_the_first_start_to_a_yank_with_its_reason_in_the_history()
    {
        await using var raktar = await RunningRegistry.Start();
        await using var person = await Person.Come(raktar.Url);
        var page = person.Page;

        // Signed out on a private registry there is nothing but the way in.
        await person.Go("/", status: 401);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await page.GetByLabel("Token").FillAsync(raktar.AdminToken);
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Nothing is published yet" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "admin", Exact = true }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("laptop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        var token = TokenText.Match(await page.GetByRole(AriaRole.Main).InnerTextAsync()).Value;
        Assert.NotEmpty(token);
        Assert.DoesNotContain(token, page.Url, StringComparison.Ordinal);

        var laptop = await CargoWorld.For("stable", raktar, token);
        await laptop.Publish("journey");
        await laptop.Publish("journey", "1.0.1");

        await person.Go("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "journey" }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("journey");
        await page.GetByRole(AriaRole.Link, new() { Name = "Versions" }).ClickAsync();
        await page.GetByRole(AriaRole.Row).Filter(new() { HasText = "1.0.1" }).GetByRole(AriaRole.Link, new() { Name = "Yank" }).ClickAsync();
        await page.GetByLabel("Reason").FillAsync("it prints the wrong word");
        await page.GetByLabel("name").FillAsync("journey");
        await page.GetByRole(AriaRole.Button, new() { Name = "Yank" }).ClickAsync();

        await page.WaitForURLAsync("**/crates/journey/history");
        await Expect(page.GetByRole(AriaRole.Main)).ToContainTextAsync("it prints the wrong word");
        Assert.True((await raktar.Line("journey", "1.0.1")).GetProperty("yanked").GetBoolean());
        Assert.False((await raktar.Line("journey", "1.0.0")).GetProperty("yanked").GetBoolean());
        person.IsContent();
    }
}
