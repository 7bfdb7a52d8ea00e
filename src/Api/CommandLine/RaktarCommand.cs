using System.CommandLine;
using System.CommandLine.Help;
using System.Security.Cryptography;
using Raktar.Api.Hosting;
using Raktar.Api.Settings;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Storage.Embedded;

namespace Raktar.Api.CommandLine;

/// <summary>
/// The program's command line. Exit codes: 0 done, 1 it found something wrong, 2 it could not start (settings, arguments, a folder in use),
/// 130 it was interrupted.
/// </summary>
internal static class RaktarCommand
{
    /// <summary>It found something wrong.</summary>
    public const int Failed = 1;

    /// <summary>It could not start.</summary>
    public const int CannotStart = 2;

    /// <summary>Somebody ended it.</summary>
    public const int Interrupted = 130;

    /// <summary>Arguments that are secrets: everybody on the machine sees the arguments of all programs.</summary>
    private static readonly string[] SecretSettings = ["--Raktar:AdminToken=", "--Raktar:Oidc:ClientSecret=", "--Kestrel:Certificates:Default:Password="];

    private static readonly string SettingsFile = Path.GetFullPath("appsettings.json");

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
        // No RootCommand: its name is that of the program's file.
        var root = new Command(
            "raktar",
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
            new HelpOption(),
            new VersionOption(),
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
        catch (Exception e) when (CanBeMended(e))
        {
            Console.Error.WriteLine($"raktar: {Terminal.Line(e.Message)}");
            return CannotStart;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("raktar: interrupted");
            return Interrupted;
        }
    }

    // What a person can mend is told in a sentence, not in a stack of calls; what is wrong in the program keeps its stack. The server has no exception of
    // its own for an address without a certificate and the like.
    private static bool CanBeMended(Exception e) => e
        is SettingsException or DataFolderInUseException or StoreUnavailableException or CorruptCommitException
        or IOException or UnauthorizedAccessException or CryptographicException
        or InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" };

    /// <summary>The settings as the file in the working directory, the environment and the arguments give them.</summary>
    public static RaktarOptions Options(ParseResult parsed) => Read(Given(new ConfigurationBuilder().AddJsonFile(SettingsFile, optional: true), parsed));

    /// <summary>
    /// The settings of a command that sends a token: as the environment and the arguments give them. Not the file, which came with
    /// whatever the working directory is, a checkout of somebody's for instance; where it would have said to whom, that must be said.
    /// </summary>
    public static RaktarOptions ClientOptions(ParseResult parsed)
    {
        string[] decisive = ["urls", "Raktar:PublicUrl", "Raktar:DataFolder", "Raktar:AdminToken"];
        var file = new ConfigurationBuilder().AddJsonFile(SettingsFile, optional: true).Build();
        var given = Given(new ConfigurationBuilder(), parsed);
        if (Array.Exists(decisive, key => file[key] is not null) && given["Raktar:PublicUrl"] is null && given["urls"] is null)
        {
            throw new SettingsException(
                $"{SettingsFile} may say where the registry is, but a token is not sent where a file in the working directory says: "
                + $"say --public-url {file["Raktar:PublicUrl"] ?? "and the address"}, or set Raktar__PublicUrl");
        }

        return Read(given);
    }

    private static RaktarOptions Read(IConfiguration configuration) => RaktarOptions.Read(configuration, configuration["urls"] ?? RaktarApp.DefaultUrl);

    private static IConfigurationRoot Given(IConfigurationBuilder builder, ParseResult parsed) =>
        builder.AddEnvironmentVariables("ASPNETCORE_").AddEnvironmentVariables().AddCommandLine(Settings(parsed)).Build();

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

    /// <summary>The setting, to its equals sign, where it is a secret.</summary>
    private static string? SecretIn(string argument) =>
        Array.Find(SecretSettings, secret => argument.StartsWith(secret, StringComparison.OrdinalIgnoreCase))
        ?? (argument.StartsWith("--Raktar:Upstreams:", StringComparison.OrdinalIgnoreCase)
            && argument[..(argument.IndexOf('=', StringComparison.Ordinal) + 1)] is var setting
            && setting.EndsWith(":Token=", StringComparison.OrdinalIgnoreCase) ? setting : null);

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
            if (SecretIn(token) is { } told)
            {
                var variable = told[2..^1].Replace(":", "__", StringComparison.Ordinal);
                Console.Error.WriteLine($"raktar: everybody on this machine can see {told[..^1]} (ps); as the variable {variable} nobody else does");
            }
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
