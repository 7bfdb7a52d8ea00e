using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.LocalIssuer;

namespace Raktar.Api.Specs.Web;

/// <summary>Somebody who is signed in in a browser.</summary>
internal sealed class Visitor : IDisposable
{
    private readonly Browser _browser = new();
    private readonly Server _server;

    private Visitor(Server server) => _server = server;

    /// <summary>Signs in with a token that has these scopes (none: all that the account may).</summary>
    public static async Task<Visitor> Of(Server server, string login, params string[] scopes)
    {
        var visitor = new Visitor(server);
        using var made = await server.Admin.PostAsJsonAsync(
            $"api/v1/accounts/{login}/tokens", new { name = "session", endpoint_scopes = scopes.Length == 0 ? null : scopes });
        var token = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        using var signedIn = await visitor._browser.Post($"{server.Url}/login", server.Url, ("token", token));
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        return visitor;
    }

    /// <summary>Asks for a page.</summary>
    public Task<HttpResponseMessage> Get(string path) => _browser.Get(_server.Url + path);

    /// <summary>A page that is there.</summary>
    public async Task<string> Page(string path)
    {
        using var answer = await Get(path);
        Assert.Equal((HttpStatusCode.OK, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        return await answer.Html();
    }

    /// <summary>Sends a form as its page would.</summary>
    public async Task<HttpResponseMessage> Send(string path, params (string Name, string Value)[] fields) =>
        await SendWith(Pages.Key(await Page("/me")), path, fields);

    /// <summary>Sends a form with another key than the page's.</summary>
    public Task<HttpResponseMessage> SendWith(string? key, string path, params (string Name, string Value)[] fields) =>
        _browser.Post(_server.Url + path, _server.Url, key is null ? fields : [("key", key), .. fields]);

    /// <summary>Sends a form that works; answers the path and the page that it led to.</summary>
    public async Task<(string Path, string Html)> Do(string path, params (string Name, string Value)[] fields)
    {
        using var answer = await Send(path, fields);
        var html = await answer.Html();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, html);
        return (answer.RequestMessage!.RequestUri!.PathAndQuery, html);
    }

    public void Dispose() => _browser.Dispose();
}
