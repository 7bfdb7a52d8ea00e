using System.CommandLine;
using System.Text.Json;
using Raktar.Api.Hosting;
using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Storage.Embedded;
using Spectre.Console;

namespace Raktar.Api.CommandLine;

/// <summary>The program's command line. Exit codes: 0 done, 1 it found something wrong, 2 it could not start (settings, arguments, a folder in use).</summary>
internal static class RaktarCommand
{
    /// <summary>It found something wrong.</summary>
    public const int Failed = 1;

    /// <summary>It could not start.</summary>
    public const int CannotStart = 2;

    private static readonly string[] SettingPrefixes = ["--Raktar:", "--Kestrel:", "--Logging:", "--environment", "--contentRoot", "--applicationName"];

    private static readonly Option<string?> Data = new("--data") { Description = "The folder that holds the registry [default: ./data]", Recursive = true };

    private static readonly Option<string?> Storage = new("--storage")
    {
        Description = "embedded, or aws: DynamoDB and S3, see docs/aws.md [default: embedded]",
        Recursive = true,
    };

    private static readonly Option<string?> Urls = new("--urls")
    {
        Description = "The addresses to listen on, separated by `;` [default: http://127.0.0.1:7878]",
        Recursive = true,
    };

    private static readonly Option<string?> PublicUrl = new("--public-url")
    {
        Description = "The URL that clients use; it must never change, lock files contain it [default: the first of --urls]",
        Recursive = true,
    };

    /// <summary>Runs a command line; without a command it serves.</summary>
    public static async Task<int> Run(string[] args)
    {
        var root = new RootCommand(
            """
            Raktar, a private registry for Rust crates on an append-only log.

            Without a command it serves. Every setting can also be given as --Raktar:Name=value, as an environment variable
            Raktar__Name, or in appsettings.json; docs/configuration.md lists them.
            """)
        {
            Storage,
            Data,
            Urls,
            PublicUrl,
        };
        root.TreatUnmatchedTokensAsErrors = false;
        root.SetAction(Serving);
        root.Subcommands.Add(ServeCommand());
        root.Subcommands.Add(RebuildCommand.Create());
        root.Subcommands.Add(VerifyCommand.Create());
        root.Subcommands.Add(SweepCommand.Create());
        root.Subcommands.Add(DiffCommand.Create());
        root.Subcommands.Add(ConfigCommand());
        root.Subcommands.Add(TokenCommand.Create());
        root.Subcommands.Add(AccountCommand.Create());
        root.Subcommands.Add(AuditCommand.Create());
        try
        {
            return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is SettingsException or DataFolderInUseException or StoreUnavailableException or DirectoryNotFoundException or UnauthorizedAccessException or IOException or InvalidOperationException or CorruptCommitException)
        {
            // What a person can mend is told in a sentence, not in a stack of calls.
            Console.Error.WriteLine($"raktar: {e.Message}");
            return CannotStart;
        }
    }

    /// <summary>The settings as the arguments and the environment give them.</summary>
    public static RaktarOptions Options(ParseResult parsed)
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true)
            .AddEnvironmentVariables("ASPNETCORE_")
            .AddEnvironmentVariables()
            .AddCommandLine(Settings(parsed))
            .Build();
        return RaktarOptions.Read(configuration, configuration["urls"] ?? RaktarApp.DefaultUrl);
    }

    private static Command ServeCommand()
    {
        var command = new Command("serve", "Serve the registry (the default).") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(Serving);
        return command;
    }

    private static async Task<int> Serving(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var app = RaktarApp.Build(Settings(parsed));
        await app.StartRaktar(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    private static Command ConfigCommand()
    {
        var command = new Command("config", "Print the cargo configuration to paste.");
        command.SetAction(parsed => Console.Out.Write(CargoConfiguration.For(Options(parsed))));
        return command;
    }

    /// <summary>The options as settings, and settings given directly; anything else on the line is a mistake.</summary>
    private static string[] Settings(ParseResult parsed)
    {
        var settings = new List<string>();
        foreach (var token in parsed.UnmatchedTokens)
        {
            if (!Array.Exists(SettingPrefixes, prefix => token.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) || !token.Contains('='))
            {
                throw new SettingsException($"`{token}` is no command or option; `raktar --help` lists them, settings are given as --Raktar:Name=value");
            }

            settings.Add(token);
        }

        Add("Raktar:Storage", parsed.GetValue(Storage));
        Add("Raktar:DataFolder", parsed.GetValue(Data));
        Add("urls", parsed.GetValue(Urls));
        Add("Raktar:PublicUrl", parsed.GetValue(PublicUrl));
        return [.. settings];

        void Add(string key, string? value)
        {
            if (value is not null)
            {
                settings.Add($"--{key}={value}");
            }
        }
    }
}
