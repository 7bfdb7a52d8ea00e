using Microsoft.Playwright;
using Raktar.Running;
using Raktar.LocalIssuer;
using static Microsoft.Playwright.Assertions;

namespace Raktar.Web.Specs;

/// <summary>Signing in with a real identity provider, in a browser.</summary>
public sealed class SignInSpecs
{
    [Fact]
    public async Task Somebody_comes_back_from_the_provider_to_the_page_they_wanted_and_makes_a_token()
    {
        var provider = await IdentityProvider.Start();
        await provider.Knows("dora", new { preferred_username = "dora", name = "Dora D.", groups = (string[])["devs"] });
        await using var raktar = await RunningRegistry.Start(Registries.WithProvider);
        await using var person = await Person.Come(raktar.Url);
        var page = person.Page;
        await person.Go("/search?q=nothing", status: 401);
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with your identity provider" }).ClickAsync();
        await page.Locator("input[name=login]").FillAsync("dora");
        await page.Locator("input[name=password]").FillAsync("any");
        await page.Locator("button[type=submit]").ClickAsync();
        await page.Locator("button[type=submit]").ClickAsync();
        await page.WaitForURLAsync($"{raktar.Url}/search?q=nothing");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Search" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "dora" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Main)).ToContainTextAsync("Dora D.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        var token = (await page.Locator("pre", new() { HasText = "rk_" }).First.InnerTextAsync()).Trim();
        var laptop = await CargoWorld.For("stable", raktar, token);
        await laptop.Publish("of-dora");
        await person.Go("/me");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "of-dora" })).ToBeVisibleAsync();

        // The provider's pages are elsewhere, and its own business.
        Assert.DoesNotContain(person.Complaints, complaint => complaint.Contains(raktar.Url, StringComparison.Ordinal));
    }
}
