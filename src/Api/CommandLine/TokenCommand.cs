using System.CommandLine;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Raktar.Api.Bodies;
using Raktar.Api.Settings;
using Raktar.Application.Accounts;

namespace Raktar.Api.CommandLine;

/// <summary><c>raktar token new</c>.</summary>
internal static class TokenCommand
{
    private static readonly Argument<string> Login = new("login") { Description = "Whose token it will be", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<string> Name = new("--name") { Description = "What the token is for", DefaultValueFactory = _ => "command line" };

    private static readonly Option<string?> Role = new("--role")
    {
        Description = "Also register the account, or change what it may do: reader, member, publisher or admin",
    };

    private static readonly Option<string[]> Scopes = new("--scope")
    {
        Description = "What it is good for: read, publish-new, publish-update, yank, change-owners, admin [default: all that the role allows]",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> Crates = new("--crate")
    {
        Description = "Which crates it may change: a name, or the beginning of names and a `*` [default: *]",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int?> Days = new("--days") { Description = "How long it works; 0: for ever [default: as the registry says, 90]" };

    private static readonly Option<bool> Offline = new("--offline")
    {
        Description = "Only make a token and its SHA-256, without a registry: for Raktar__AdminToken",
    };

    public static Command Create()
    {
        var create = new Command(
            "new",
            """
            Make a token for an account of the running registry, and print it.

            Needs an administrator's token: Raktar__AdminToken, or the file admin-token in the data folder.
            """)
        {
            Login,
            Name,
            Role,
            Scopes,
            Crates,
            Days,
            Offline,
            AdminClient.AllowHttp,
        };
        create.SetAction(New);
        var command = new Command("token", "Manage tokens.");
        command.Subcommands.Add(create);
        return command;
    }

    private static async Task<int> New(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Offline))
        {
            var token = Tokens.Create();
            Console.Out.WriteLine(token);
            Console.Out.WriteLine($"sha256 {Tokens.Hash(token)}");
            return 0;
        }

        if (parsed.GetValue(Login) is not { Length: > 0 } login)
        {
            throw new SettingsException("say whose token it will be: raktar token new LOGIN");
        }

        var account = $"api/v1/accounts/{Uri.EscapeDataString(login)}";
        return await AdminClient.Ask(
            parsed,
            async client =>
            {
                if (parsed.GetValue(Role) is { } role)
                {
                    await Send(client, HttpMethod.Put, account, new RoleRequest(role), cancellationToken);
                }

                var issued = await Send(client, HttpMethod.Post, $"{account}/tokens", Terms(parsed), cancellationToken);
                var token = issued.GetProperty("token").GetString();
                Console.Out.WriteLine(token is { Length: > 0 } ? Terminal.Line(token) : throw new JsonException("there is no token in the answer"));
                return 0;
            },
            cancellationToken);
    }

    private static TokenRequest Terms(ParseResult parsed) => new()
    {
        Name = parsed.GetValue(Name),
        EndpointScopes = parsed.GetValue(Scopes) is { Length: > 0 } scopes ? scopes : null,
        CrateScopes = parsed.GetValue(Crates) is { Length: > 0 } crates ? crates : null,
        ExpiredAt = parsed.GetValue(Days) switch
        {
            null => default,
            0 => JsonSerializer.SerializeToElement((string?)null, ApiJson.Default.String),
            { } days => JsonSerializer.SerializeToElement(
                TimeProvider.System.GetUtcNow().AddDays(days).ToString("O", CultureInfo.InvariantCulture), ApiJson.Default.String),
        },
    };

    private static async Task<JsonElement> Send<T>(
        HttpClient client, HttpMethod method, string path, T body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body, (JsonTypeInfo<T>)ApiJson.Default.GetTypeInfo(typeof(T))!) };
        using var response = await client.SendAsync(request, cancellationToken);
        return await AdminClient.Answer(response, cancellationToken);
    }
}
