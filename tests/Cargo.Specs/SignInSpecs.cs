using System.Net;
using System.Text.RegularExpressions;
using Raktar.Running;
using Raktar.LocalIssuer;

namespace Raktar.Cargo.Specs;

/// <summary>From a sign-in with a real identity provider to a published crate.</summary>
public sealed partial class SignInSpecs
{
    [Fact]
    public async Task Somebody_signs_in_makes_a_token_and_publishes_with_it_across_a_kill_at_every_step()
    {
        await using var raktar = await RunningRegistry.Start(Registries.WithProvider);
        using var browser = new Browser();
        string atProvider;
        using (var form = await browser.Get($"{raktar.Url}/login"))
        {
            atProvider = form.RequestMessage!.RequestUri!.ToString();
        }

        await raktar.Kill();
        await raktar.StartAgain();
        await SignIn(browser, atProvider, "signing-in");
        await raktar.Kill();
        await raktar.StartAgain();
        await raktar.Settled();
        using var page = await browser.Get($"{raktar.Url}/me");
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("<h1>signing-in</h1>", html, StringComparison.Ordinal);
        Assert.Contains("<dd>publisher</dd>", html, StringComparison.Ordinal);
        Assert.Contains("<dd>platform</dd>", html, StringComparison.Ordinal);

        using var made = await browser.Post(
            $"{raktar.Url}/me/tokens", raktar.Url, ("key", FormKey().Match(html).Groups["key"].Value), ("name", "cargo"), ("days", "1"),
            ("scopes", "read"), ("scopes", "publish-new"), ("scopes", "publish-update"));
        var token = Token().Match(await made.Content.ReadAsStringAsync()).Value;
        await raktar.Settled();
        var author = await CargoWorld.For("stable", raktar, token);
        await author.Publish("signed-in");
        Assert.Single(await raktar.Lines("signed-in"));

        (await browser.Post($"{raktar.Url}/logout", raktar.Url)).Dispose();
        using var after = await browser.Get($"{raktar.Url}/api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        await author.Publish("signed-in", "1.1.0");
    }

    [AwsFact]
    public async Task What_begins_at_one_instance_ends_at_another()
    {
        (string Name, string Value)[] settings = [];
        await using var raktar = await RunningRegistry.Start(async url => settings = await Registries.WithProvider(url));
        var elsewhere = $"http://127.0.0.1:{Ports.Free()}";
        await using var other = new ServerProcess(
            [AwsServer.Program, "serve", "--storage", "aws", "--urls", elsewhere, "--public-url", raktar.Url],
            raktar.Aws.Environment().Concat(settings.Select(setting => (setting.Name, (string?)setting.Value))));
        using var browser = new Browser();
        string atProvider = string.Empty;
        await Eventually.Holds(
            async () =>
            {
                try
                {
                    using var form = await browser.Get($"{elsewhere}/login");
                    atProvider = form.RequestMessage!.RequestUri!.ToString();
                    return form.StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException) when (!other.HasExited)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(60),
            () => $"the other instance did not start:\n{other.Output}");
        await SignIn(browser, atProvider, "between");
        foreach (var url in (string[])[raktar.Url, elsewhere])
        {
            using var me = await browser.Get($"{url}/api/v1/me");
            Assert.Equal(HttpStatusCode.OK, me.StatusCode);
        }
    }

    /// <summary>Somebody of this name signs in.</summary>
    internal static async Task SignIn(Browser browser, string url, string name)
    {
        await (await IdentityProvider.Start()).Knows(name, new { preferred_username = name, groups = (string[])["devs"] });
        using var answer = await browser.SignIn(url, name);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.RequestMessage!.RequestUri}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    [GeneratedRegex("name=\"key\" value=\"(?<key>\\w+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FormKey();

    [GeneratedRegex("rk_[0-9A-Za-z]{40}", RegexOptions.None, 1000)]
    private static partial Regex Token();
}
