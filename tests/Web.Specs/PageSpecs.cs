using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Raktar.Web.Specs;

/// <summary>
/// Every page as it is looked at: on a wide screen and on a phone, light and dark, by people who see and who do not. What it looked like is kept in
/// artifacts/pages; with RAKTAR_PICTURES=docs some of it becomes the documentation's pictures.
/// </summary>
public sealed class PageSpecs
{
    private static readonly (string Name, string Path)[] Pages =
    [
        ("home", "/"),
        ("search", "/search?q=ledger"),
        ("crate", "/crates/payments"),
        ("yanked", "/crates/payments/1.0.0"),
        ("versions", "/crates/payments/versions"),
        ("dependencies", "/crates/payments/1.1.0/dependencies"),
        ("dependents", "/crates/money/dependents"),
        ("features", "/crates/payments/1.1.0/features"),
        ("files", "/crates/payments/1.1.0/files"),
        ("source", "/crates/payments/1.1.0/files/Cargo.toml"),
        ("history", "/crates/payments/history"),
        ("past", "/crates/payments?at={now}"),
        ("past-search", "/search?q=ledger&at={now}"),
        ("yank", "/crates/payments/1.1.0/yank"),
        ("delete", "/crates/payments/1.1.0/delete"),
        ("proof", "/crates/payments/1.1.0/proof"),
        ("me", "/me"),
        ("admin", "/admin"),
        ("accounts", "/admin/accounts"),
        ("account", "/admin/accounts/ann"),
        ("disable", "/admin/accounts/ann/disabled"),
        ("teams", "/admin/teams"),
        ("team", "/admin/teams/payments"),
        ("audit", "/audit"),
    ];

    private static readonly (string, ColorScheme)[] InDocs =
        [("home", ColorScheme.Light), ("crate", ColorScheme.Light), ("history", ColorScheme.Light), ("audit", ColorScheme.Dark)];

    public static TheoryData<string> All => [.. Pages.Select(page => page.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task It_has_no_barriers_and_fits_the_screen(string name)
    {
        var (demo, path) = (await Demo.Shared, Pages.Single(page => page.Name == name).Path);
        path = path.Replace("{now}", $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'}", StringComparison.Ordinal);
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await using var person = await Person.Come(demo.Url, scheme);
            await person.SignIn(demo.AdminToken);
            var answer = await person.Go(path);
            Assert.True((await answer.BodyAsync()).Length < 100_000, $"{path} is large");
            Assert.Equal(1, await person.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }).CountAsync());
            foreach (var width in (int[])[1440, 360])
            {
                await person.Page.SetViewportSizeAsync(width, 900);
                await Picture(person.Page, name, width, scheme);
                Assert.Equal(0, await person.Overflow());
                Assert.Empty(await person.Barriers());
            }

            person.IsContent();
        }
    }

    [Fact]
    public async Task A_barrier_that_is_there_is_found()
    {
        var demo = await Demo.Shared;
        await using var person = await Person.Come(demo.Url);
        await person.SignIn(demo.AdminToken);
        await person.Go("/");
        await person.Page.EvaluateAsync("() => document.querySelector('main').append(document.createElement('img'))");
        Assert.Contains("image-alt", Assert.Single(await person.Barriers()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_signed_out_sees_the_way_in_and_nothing_else()
    {
        var demo = await Demo.Shared;
        await using var person = await Person.Come(demo.Url);
        foreach (var (_, path) in Pages)
        {
            await person.Go(path, status: 401);
            await Expect(person.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
            var shown = await person.Page.Locator("body").InnerTextAsync();
            Assert.DoesNotContain("payments", shown, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("crate", shown, StringComparison.OrdinalIgnoreCase);
        }

        person.IsContent();
    }

    private static async Task Picture(IPage page, string name, int width, ColorScheme scheme)
    {
        var kept = Repository.Path("artifacts", "pages", $"{name}-{width}-{scheme}.png".ToLowerInvariant());
        await page.ScreenshotAsync(new() { Path = kept, FullPage = true });
        if (Environment.GetEnvironmentVariable("RAKTAR_PICTURES") == "docs" && InDocs.Contains((name, scheme)) && width == 1440)
        {
            await page.ScreenshotAsync(new() { Path = Repository.Path("docs", "pictures", $"{name}-{scheme}.png".ToLowerInvariant()) });
        }
    }
}
