using System.CommandLine;
using System.Net.Http.Json;
using Raktar.Api.Bodies;

namespace Raktar.Api.CommandLine;

/// <summary><c>raktar account</c>: what ends, and who may come back.</summary>
internal static class AccountCommand
{
    private static readonly Argument<string> Login = new("login") { Description = "Whose account" };

    private static readonly Option<string?> Why = new("--reason") { Description = "Why, for the audit; needed for switching an account off" };

    public static Command Create()
    {
        var command = new Command("account", "End what an account may do. Needs an administrator's token, as `raktar token` does.");
        command.Subcommands.Add(Of(
            "disable",
            "Switch an account off: its tokens and sessions end for good, nobody signs in to it. Its crates stay.",
            parsed => Disabled(new DisabledRequest(Disabled: true, parsed.GetValue(Why))),
            Why));
        command.Subcommands.Add(Of(
            "enable",
            "Switch it on again. What had ended stays so.",
            parsed => Disabled(new DisabledRequest(Disabled: false, parsed.GetValue(Why))),
            Why));
        command.Subcommands.Add(Of(
            "end-sessions", "End its sessions in browsers.", _ => new HttpRequestMessage(HttpMethod.Delete, "sessions")));
        command.Subcommands.Add(Of(
            "unlink", "Unlink it from the identity that signs in to it.", _ => new HttpRequestMessage(HttpMethod.Delete, "identity")));
        return command;
    }

    private static Command Of(string name, string description, Func<ParseResult, HttpRequestMessage> request, params Option[] options)
    {
        var command = new Command(name, description) { Login, AdminClient.AllowHttp };
        foreach (var option in options)
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => Send(parsed, request(parsed), cancellationToken));
        return command;
    }

    private static HttpRequestMessage Disabled(DisabledRequest body) =>
        new(HttpMethod.Put, "disabled") { Content = JsonContent.Create(body, ApiJson.Default.DisabledRequest) };

    private static async Task<int> Send(ParseResult parsed, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var account = Uri.EscapeDataString(parsed.GetValue(Login)!);
        request.RequestUri = new Uri($"api/v1/accounts/{account}/{request.RequestUri}", UriKind.Relative);
        return await AdminClient.Ask(
            parsed,
            async client =>
            {
                using var response = await client.SendAsync(request, cancellationToken);
                await AdminClient.Answer(response, cancellationToken);
                return 0;
            },
            cancellationToken);
    }
}
