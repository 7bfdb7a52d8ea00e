using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Raktar.Application.Accounts;
using Raktar.Testing;

namespace Raktar.Api.Specs.Operating;

/// <summary>
/// People put tokens where names belong. None is kept or shown: not in the log of the program, not in the audit, not in an answer. Every
/// form of token that the program issues or is given; but for the text of a browser's session, which has no mark of its own and is only
/// ever in a cookie.
/// </summary>
[Trait("Needs", "processes")]
public sealed class KeepingSecrets : IDisposable
{
    private const string Preset = "operators-own_secret.of-2026";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("raktar-");

    // As issued, in small letters (paths of the index are), of a run, of a run and cut short, set by the operator.
    private static string[] Forms { get; } =
    [
        Tokens.Create(),
        Tokens.Create().ToLowerInvariant(),
        $"rk_ci_{new string('a', 64)}{Tokens.Create()[3..]}",
        $"rk_ci_{new string('a', 64)}",
        Preset,
    ];

    [Theory]
    [InlineData("Raktar__AdminToken")]
    // Known by its hash alone.
    [InlineData("Raktar__AdminTokenHash")]
    public async Task No_form_of_token_is_kept_or_shown(string setting)
    {
        var value = setting == "Raktar__AdminToken" ? Preset : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Preset)));
        var url = Server.FreeUrl();
        using var program = ChildProgram.Start(_folder.FullName, new Dictionary<string, string> { [setting] = value }, "--urls", url);
        await program.Serves();
        using var client = new HttpClient { BaseAddress = new Uri(url + "/") };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", Preset);
        (await RawCrate.Of("shown", "1.0.0").Publish(client)).EnsureSuccessStatusCode();
        foreach (var token in Forms)
        {
            await Nowhere(client, token);
        }

        Assert.All(Forms, token => Assert.DoesNotContain(token, program.Output, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("rk_embedded-hal-and-many-more-words-for-a-name")]
    [InlineData("rk_abc")]
    [InlineData("the token rk_... is gone")]
    public void What_is_no_token_stays(string text) => Assert.Equal(text, Tokens.Redact(text));

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task Nowhere(HttpClient client, string token)
    {
        (HttpMethod Method, string Path, object? Body)[] places =
        [
            (HttpMethod.Delete, $"api/v1/crates/{token}/1.0.0/yank", null),
            (HttpMethod.Delete, $"api/v1/crates/shown/{token}/yank", null),
            (HttpMethod.Put, "api/v1/crates/shown/owners", new { users = (string[])[token] }),
            (HttpMethod.Put, $"api/v1/accounts/{token}", new { role = token }),
            (HttpMethod.Put, "api/v1/crates/shown/visibility", new { restricted = true, teams = (string[])[token] }),
            (HttpMethod.Get, $"api/v1/crates/{token}", null),
            (HttpMethod.Get, $"api/v1/crates/shown?include={token}", null),
            (HttpMethod.Get, $"api/v1/audit?kind={token}", null),
            // A path of its own, and one in which it is cut at the end of the longest sentence.
            (HttpMethod.Get, $"{token}/{token}", null),
            (HttpMethod.Put, $"api/v1/crates/shown/owners?{new string('x', 150)}", new { users = (string[])[$"{new string('y', 150)} {token}"] }),
        ];
        foreach (var (method, path, body) in places)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            request.Headers.UserAgent.ParseAdd($"cargo/1.95.0 (token={token})");
            using var answer = await client.SendAsync(request);
            Assert.InRange((int)answer.StatusCode, 400, 499);
            Assert.DoesNotContain(token[..Math.Min(30, token.Length)], await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        }

        using var yank = new HttpRequestMessage(HttpMethod.Delete, "api/v1/crates/shown/1.0.0/yank");
        yank.Headers.UserAgent.ParseAdd($"cargo/1.95.0 (token={token})");
        (await client.SendAsync(yank)).EnsureSuccessStatusCode();
        (await client.PutAsync("api/v1/crates/shown/1.0.0/unyank", null)).EnsureSuccessStatusCode();
        var audit = await client.GetStringAsync("api/v1/audit?limit=500");
        Assert.Contains("cargo/1.95.0", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(token[..Math.Min(30, token.Length)], audit, StringComparison.OrdinalIgnoreCase);
    }
}
