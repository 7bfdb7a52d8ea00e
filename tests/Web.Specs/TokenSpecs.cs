using Microsoft.Playwright;
using Raktar.Running;
using static Microsoft.Playwright.Assertions;

namespace Raktar.Web.Specs;

/// <summary>Making and revoking tokens.</summary>
public sealed class TokenSpecs
{
    [Fact]
    public async Task A_token_is_made_with_the_keyboard_alone_works_and_is_revoked()
    {
        var demo = await Demo.Shared;
        await using var person = await Person.Come(demo.Url);
        await person.SignIn(demo.AdminToken);
        var page = person.Page;
        await person.Go("/me");
        var name = Registries.Name("keyboard");

        await Tab(page, "name");
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync(name);
        await Tab(page, "days");
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync("7");
        await page.Keyboard.PressAsync("Enter");
        var token = (await page.Locator("pre", new() { HasText = "rk_" }).First.InnerTextAsync()).Trim();
        using var client = Protocols.Client(Protocols.Http1, demo.Url, token);
        using (var works = await client.GetAsync("api/v1/me"))
        {
            Assert.Equal(200, (int)works.StatusCode);
        }

        // Shown once: not on this page again, nor in an address.
        await person.Go("/me");
        Assert.DoesNotContain(token, await page.ContentAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Row).Filter(new() { HasText = name }).GetByRole(AriaRole.Button, new() { Name = "Revoke" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = name }).GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        using var refused = await client.GetAsync("api/v1/me");
        Assert.Equal(401, (int)refused.StatusCode);
        person.IsContent();
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_back_shows_nothing()
    {
        var demo = await Demo.Shared;
        await using var person = await Person.Come(demo.Url);
        await person.SignIn(demo.AnnsToken);
        await person.Go("/crates/payments");
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(person.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await person.Page.GoBackAsync();
        await Expect(person.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        person.IsContent();
    }

    /// <summary>Presses Tab until the field has the focus.</summary>
    private static async Task Tab(IPage page, string field)
    {
        for (var i = 0; i < 60; i++)
        {
            if (await page.EvaluateAsync<string?>("() => document.activeElement?.getAttribute('name')") == field
                && await page.EvaluateAsync<bool>("() => document.activeElement.closest('main') !== null"))
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"Tab never leads to `{field}`");
    }
}
