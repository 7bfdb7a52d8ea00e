using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Raktar.Web.Specs;

/// <summary>Finding a crate.</summary>
public sealed class SearchSpecs
{
    [Fact]
    public async Task Results_come_while_somebody_types_and_the_arrow_keys_lead_through_them()
    {
        var demo = await Demo.Shared;
        await using var person = await Person.Come(demo.Url);
        await person.SignIn(demo.AdminToken);
        var page = person.Page;
        await person.Go("/");

        // No mouse from here on.
        await page.Keyboard.TypeAsync("ledger");
        await Expect(page.Locator("#results .crates li")).ToHaveCountAsync(2);
        await page.WaitForURLAsync("**/search?q=ledger*");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowDown");
        var second = await page.Locator("#results .crates li > a").Nth(1).InnerTextAsync();
        await Expect(page.Locator(":focus")).ToHaveTextAsync(second);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync(second);

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("iban\n");
        await Expect(page.Locator("#results .crates li > a")).ToHaveTextAsync(["iban"]);
        person.IsContent();
    }

    [Fact]
    public async Task Without_a_script_it_is_a_form()
    {
        var demo = await Demo.Shared;
        await using var person = await Person.Come(demo.Url, script: false);
        await person.SignIn(demo.AdminToken);
        await person.Go("/");
        await person.Page.GetByLabel("Search crates").FillAsync("bank");
        await person.Page.Keyboard.PressAsync("Enter");
        await Expect(person.Page.Locator("#results .crates li")).ToHaveCountAsync(2);
        person.IsContent();
    }

    [Fact]
    public async Task The_order_is_that_of_cargo_search()
    {
        var demo = await Demo.Shared;
        await using var person = await Person.Come(demo.Url);
        await person.SignIn(demo.AdminToken);
        await person.Go("/search?q=money");
        var found = await demo.Raktar.Client.GetFromJsonAsync<JsonElement>("api/v1/crates?q=money");
        var names = found.GetProperty("crates").EnumerateArray().Select(crate => crate.GetProperty("name").GetString()!).ToList();
        Assert.Equal(2, names.Count);
        await Expect(person.Page.Locator("#results .crates li > a")).ToHaveTextAsync(names);
    }
}
