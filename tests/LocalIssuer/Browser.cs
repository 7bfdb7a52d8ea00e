using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Raktar.LocalIssuer;

/// <summary>Somebody's browser: it keeps cookies, follows redirections, and fills in the identity provider's forms.</summary>
public sealed partial class Browser : IDisposable
{
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _http;

    /// <summary>A new one, without cookies.</summary>
    public Browser()
    {
        _handler = new SocketsHttpHandler { UseProxy = false, CookieContainer = Cookies, MaxAutomaticRedirections = 10 };
        _http = new HttpClient(_handler);
    }

    /// <summary>Its cookies.</summary>
    public CookieContainer Cookies { get; } = new();

    /// <summary>Opens a page.</summary>
    public Task<HttpResponseMessage> Get(string url) => _http.GetAsync(new Uri(url));

    /// <summary>Sends a form from the page at <paramref name="origin"/>.</summary>
    public Task<HttpResponseMessage> Post(string url, string? origin, params (string Name, string Value)[] fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return _http.SendAsync(request);
    }

    /// <summary>Sends what a script would: JSON, and what the browser says of the page that it comes from.</summary>
    public Task<HttpResponseMessage> Send(HttpMethod method, string url, string? origin, string? json, string? site = null, string? authorization = null)
    {
        var request = new HttpRequestMessage(method, url) { Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in ((string, string?)[])[("Origin", origin), ("Sec-Fetch-Site", site), ("Authorization", authorization)])
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return _http.SendAsync(request);
    }

    /// <summary>Begins at a URL, and does at the provider what it asks for until it leads back. Answers where that ended.</summary>
    public async Task<HttpResponseMessage> SignIn(string url, string subject)
    {
        var answer = await Get(url);
        while (Form().Match(await answer.Content.ReadAsStringAsync()) is { Success: true } form && form.Groups["prompt"].Value is var prompt and ("login" or "consent"))
        {
            answer.Dispose();
            answer = await Post(form.Groups["action"].Value, null, ("prompt", prompt), ("login", subject), ("password", "any"));
        }

        return answer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
    }

    [GeneratedRegex("""<form[^>]*action="(?<action>[^"]+)"[^>]*>\s*<input type="hidden" name="prompt" value="(?<prompt>\w+)"/>""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}
