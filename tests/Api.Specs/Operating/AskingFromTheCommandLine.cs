using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Raktar.Api.CommandLine;
using Raktar.Testing;

namespace Raktar.Api.Specs.Operating;

/// <summary>Commands that ask a server send the administrator's token where the operator says, and nowhere else.</summary>
[Trait("Needs", "processes")]
public sealed class AskingFromTheCommandLine : IAsyncLifetime
{
    private const string Token = "the-real-admin-token-of-2026";
    private const string Clear = "\u001b[2J";

    private static readonly Dictionary<string, string> Environment = new() { ["Raktar__AdminToken"] = Token };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("raktar-");
    private readonly string _url = Server.FreeUrl();
    private readonly List<string> _heard = [];
    private WebApplication _stranger = null!;
    private Func<HttpContext, Task> _answer = _ => Task.CompletedTask;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(_url);
        _stranger = builder.Build();
        _stranger.Run(context =>
        {
            _heard.Add($"{context.Request.Method} {context.Request.Path} {context.Request.Headers.Authorization}");
            return _answer(context);
        });
        await _stranger.StartAsync();
    }

    [Theory]
    [InlineData("""{"Raktar":{"PublicUrl":"URL"}}""")]
    [InlineData("""{"urls":"URL"}""")]
    [InlineData("""{"Raktar":{"DataFolder":"/somewhere"}}""")]
    public async Task A_file_in_the_working_directory_does_not_say_where_a_token_goes(string file)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "appsettings.json"), file.Replace("URL", _url, StringComparison.Ordinal));
        foreach (var command in (string[][])[["token", "new", "ann", "--role", "admin"], ["audit"]])
        {
            var (code, output) = await ChildProgram.Run(_folder.FullName, Environment, command);
            Assert.Equal(RaktarCommand.CannotStart, code);
            Assert.Contains("a token is not sent where a file in the working directory says: say --public-url", output, StringComparison.Ordinal);
        }

        Assert.Empty(_heard);

        // The operator may say the same.
        var (_, said) = await ChildProgram.Run(_folder.FullName, Environment, "audit", "--public-url", _url);
        Assert.Contains($"raktar: asking {_url}/", said, StringComparison.Ordinal);
        Assert.Equal($"GET /api/v1/audit Bearer {Token}", Assert.Single(_heard));
    }

    [Theory]
    [InlineData("http://crates.example.com")]
    [InlineData("http://10.0.0.1:7878")]
    public async Task A_token_does_not_go_in_clear_to_another_machine(string url)
    {
        foreach (var command in (string[][])[["token", "new", "ann"], ["audit"]])
        {
            var (code, output) = await ChildProgram.Run(_folder.FullName, Environment, [.. command, "--public-url", url]);
            Assert.Equal(RaktarCommand.CannotStart, code);
            Assert.Contains(
                $"anybody on the way to {url}/ could read the administrator's token: use https, or say --allow-http", output, StringComparison.Ordinal);
            Assert.DoesNotContain("asking", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(200, "<html>a captive portal</html>")]
    [InlineData(200, "")]
    [InlineData(200, "{}")]
    [InlineData(200, "[]")]
    [InlineData(200, "17")]
    [InlineData(200, """{"token":17,"entries":17}""")]
    [InlineData(200, """{"token":{},"entries":[{}],"next":null}""")]
    [InlineData(200, """{"token":[],"entries":[17],"next":17}""")]
    [InlineData(200, """{"token":null,"entries":[null],"next":null}""")]
    [InlineData(403, "forbidden")]
    [InlineData(403, "{}")]
    [InlineData(403, """{"errors":[]}""")]
    [InlineData(502, "<html>bad gateway</html>")]
    public async Task An_odd_answer_is_a_sentence(int status, string body)
    {
        _answer = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        };
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "admin-token"), Token);
        foreach (var command in (string[][])[["token", "new", "ann"], ["audit", "--json"], ["audit"]])
        {
            // What is not told in a sentence is thrown.
            Assert.Equal(RaktarCommand.CannotStart, await RaktarCommand.Run([.. command, "--public-url", _url, "--data", _folder.FullName]));
        }
    }

    [Fact]
    public async Task The_sentence_about_an_odd_answer_names_its_address()
    {
        _answer = context => context.Response.WriteAsync("<html>a captive portal</html>");
        var (code, output) = await ChildProgram.Run(_folder.FullName, Environment, "token", "new", "ann", "--public-url", _url);
        Assert.Equal(RaktarCommand.CannotStart, code);
        Assert.Contains(
            $"raktar: {_url} answers, but not as a registry does (status 200): look at the address, --public-url says another", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _answer = context =>
        {
            context.Response.Redirect("http://elsewhere.example/");
            return Task.CompletedTask;
        };
        var (code, output) = await ChildProgram.Run(_folder.FullName, Environment, "audit", "--public-url", _url);
        Assert.Equal(RaktarCommand.CannotStart, code);
        Assert.Contains("wants to send the request elsewhere, to `http://elsewhere.example/`", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audit")]
    [InlineData("audit", "--csv")]
    [InlineData("audit", "--json")]
    [InlineData("token", "new", "ann")]
    public async Task What_a_server_says_gives_the_terminal_no_command(params string[] command)
    {
        var evil = $"{Clear}\u009b31m\u202e proven";
        var json = System.Text.Json.JsonSerializer.Serialize(new
        {
            token = evil,
            next = (string?)null,
            entries = new[]
            {
                new
                {
                    at = "2026-11-27T00:00:00Z", kind = $"owner-added{evil}", crate = evil, account = evil, team = evil, actor = "ann", ci = evil,
                    client = evil, correlation = evil, stream = "crate/a", version = 1, refused = true, status = 403, sentence = evil, detail = new { evil },
                },
            },
        });
        _answer = context => context.Response.WriteAsync(json);
        var (code, output) = await ChildProgram.Run(_folder.FullName, Environment, [.. command, "--public-url", _url]);
        Assert.Equal(0, code);
        Assert.Contains("proven", output, StringComparison.Ordinal);
        Assert.DoesNotContain(output, c => c is '\u001b' or '\u009b' or '\u202e');

        _answer = context =>
        {
            context.Response.StatusCode = 403;
            return context.Response.WriteAsync(System.Text.Json.JsonSerializer.Serialize(new { errors = new[] { new { detail = evil } } }));
        };
        (code, output) = await ChildProgram.Run(_folder.FullName, Environment, [.. command, "--public-url", _url]);
        Assert.Equal(RaktarCommand.CannotStart, code);
        Assert.Contains("the registry refused: ‹U+001B›[2J‹U+009B›31m‹U+202E› proven", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
    }

    [Fact]
    public async Task What_a_proof_says_gives_the_terminal_no_command()
    {
        await using var server = await Server.Start();
        (await RawCrate.Of("proven", "1.0.0").Publish(server.Admin)).EnsureSuccessStatusCode();
        (await server.Admin.PostAsync("api/v1/audit/checkpoints", null)).EnsureSuccessStatusCode();
        var good = await server.Admin.GetStringAsync("api/v1/audit/proof/proven/1.0.0");
        foreach (var field in (string[])["format", "checkpoint", "leaf", "commit", "public_key"])
        {
            var proof = System.Text.Json.Nodes.JsonNode.Parse(good)!.AsObject();
            Assert.True(proof.ContainsKey(field), good);
            proof[field] = $"{Clear}proven: everything{proof[field]}";
            var file = Path.Combine(_folder.FullName, "evil.json");
            await File.WriteAllTextAsync(file, proof.ToJsonString());
            var (code, output) = await ChildProgram.Run(_folder.FullName, Environment, "verify", "--proof", file);
            Assert.Equal(RaktarCommand.Failed, code);
            Assert.StartsWith("nothing is proven: ", output, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', output);
        }
    }

    public async Task DisposeAsync()
    {
        await _stranger.StopAsync();
        await _stranger.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
