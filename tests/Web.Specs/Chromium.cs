using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Raktar.Web.Specs;

/// <summary>The browser of all specs: Debian's chromium, started once.</summary>
internal static class Chromium
{
    private const string Installed = "/usr/bin/chromium";

    private static readonly Lazy<Task<IBrowser>> Started = new(Start);

    public static Task<IBrowser> Instance => Started.Value;

    private static async Task<IBrowser> Start()
    {
        Assert.True(File.Exists(Installed), $"{Installed} is missing: apt-get install chromium, as ./build test does");
        Assertions.SetDefaultExpectTimeout(30_000);
        var playwright = await Playwright.CreateAsync();
        // Without its sandbox, for the specs run as root too; it sees nothing but the registry of the specs.
        return await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Installed, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
    }
}

/// <summary>
/// Somebody's browser, with cookies of its own, and one tab. What its pages complain about, open or ask of other hosts is remembered: at the end of each spec
/// there must be nothing.
/// </summary>
internal sealed class Person : IAsyncDisposable
{
    private static readonly Lazy<string> Axe = new(() => File.ReadAllText(Repository.Path("tests", "Web.Specs", "node_modules", "axe-core", "axe.min.js")));

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly string _url;

    private Person(IBrowserContext context, IPage page, string url) => (_context, Page, _url) = (context, page, url);

    /// <summary>The tab.</summary>
    public IPage Page { get; }

    /// <summary>What went wrong so far.</summary>
    public IEnumerable<string> Complaints => _complaints;

    /// <summary>Opens a browser.</summary>
    /// <param name="url">The registry's address.</param>
    /// <param name="scheme">Light or dark.</param>
    /// <param name="script">Whether its pages may run scripts at all.</param>
    public static async Task<Person> Come(string url, ColorScheme scheme = ColorScheme.Light, bool script = true)
    {
        var context = await (await Chromium.Instance).NewContextAsync(new()
        {
            BaseURL = url,
            ViewportSize = new() { Width = 1440, Height = 900 },
            ColorScheme = scheme,
            JavaScriptEnabled = script,
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout(30_000);
        var person = new Person(context, await context.NewPageAsync(), url);
        person.Listen();
        return person;
    }

    /// <summary>Goes to a page and expects this status.</summary>
    public async Task<IResponse> Go(string path, int status = 200)
    {
        var answer = (await Page.GotoAsync(path))!;
        Assert.True(answer.Status == status, $"{path} answered {answer.Status}: {await answer.TextAsync()}");
        return answer;
    }

    /// <summary>Signs in with a token, as the sign-in page's form does. The journey goes through the form itself.</summary>
    public async Task SignIn(string token)
    {
        var form = _context.APIRequest.CreateFormData();
        form.Append("token", token);
        var answer = await _context.APIRequest.PostAsync($"{_url}/login", new() { Form = form, Headers = [new("Origin", _url)], MaxRedirects = 0 });
        Assert.Equal(303, answer.Status);
    }

    /// <summary>What axe finds that keeps people out: serious and critical, of the rules of WCAG 2.2 AA and the best practices.</summary>
    public async Task<IReadOnlyList<string>> Barriers()
    {
        // Evaluated, as the page's policy lets no script element in.
        await Page.EvaluateAsync(Axe.Value);
        return await Page.EvaluateAsync<string[]>(
            """
            async () => (await axe.run({ resultTypes: ["violations"] })).violations
              .filter(found => found.impact === "serious" || found.impact === "critical")
              .flatMap(found => found.nodes.map(node => `${found.id}: ${node.html} ${node.failureSummary}`))
            """);
    }

    /// <summary>How many pixels of the page stick out to the right.</summary>
    public Task<int> Overflow() => Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");

    /// <summary>There was nothing to complain about.</summary>
    public void IsContent() => Assert.Empty(_complaints);

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private void Listen()
    {
        _context.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(_url, StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
            {
                _complaints.Enqueue($"a request to another host: {request.Url}");
            }
        };
        _context.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !IsStatus(message.Text))
            {
                _complaints.Enqueue($"{message.Type} on {message.Page?.Url}: {message.Text}");
            }
        };
        _context.WebError += (_, error) => _complaints.Enqueue($"an exception on {error.Page?.Url}: {error.Error}");
        _context.Dialog += async (_, dialog) =>
        {
            _complaints.Enqueue($"a dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        Page.Popup += (_, popup) => _complaints.Enqueue($"a window: {popup.Url}");
    }

    // The browser's own word for a page that answers 4xx, which specs ask for on purpose.
    private static bool IsStatus(string text) => text.StartsWith("Failed to load resource: the server responded with a status of 4", StringComparison.Ordinal);
}
