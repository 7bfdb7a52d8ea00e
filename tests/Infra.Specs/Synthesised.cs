using System.Collections.Concurrent;
using System.Reflection;
using Amazon.CDK;

namespace Raktar.Infra.Specs;

/// <summary>The stack's templates, each synthesised once.</summary>
public static class Synthesised
{
    /// <summary>The hash of an administrator's token.</summary>
    public const string AdminTokenHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    /// <summary>The stream of a table that was restored.</summary>
    public const string RestoredStream = "arn:aws:dynamodb:eu-west-1:123456789012:table/restored/stream/2026-11-01T00:00:00.000";

    /// <summary>Everything that can be chosen, chosen.</summary>
    public static readonly IReadOnlyDictionary<string, string> EveryChoice = new Dictionary<string, string>
    {
        ["architecture"] = "x86_64",
        ["public"] = "true",
        ["adminTokenHash"] = AdminTokenHash,
        ["domainName"] = "crates.example.com",
        ["hostedZoneId"] = "Z0123456789ABC",
        ["alarmEmail"] = "ops@example.com",
        ["oidcAuthority"] = "https://id.example.com/realms/crates",
        ["oidcClientId"] = "raktar",
        ["oidcClientSecretName"] = "raktar/oidc",
        ["oidcRoles"] = "rust-devs=publisher;rust-admins=admin",
        ["oidcTeams"] = "rust-platform=platform",
        ["oidcDefaultRole"] = "reader",
        ["oidcScopes"] = "openid profile groups",
    };

    private static readonly ConcurrentDictionary<string, Lazy<Template>> Templates = new();

    // The CDK runs in one other process, which does one thing at a time.
    private static readonly Lock Cdk = new();

    // What stands in for the published program.
    private static readonly Lazy<string> Program = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("raktar-program-").FullName;
        File.WriteAllText(Path.Combine(folder, "run.sh"), "#!/bin/sh\n");
        return folder;
    });

    /// <summary>The folder of the CDK app.</summary>
    public static string AppFolder { get; } = Metadata("Raktar.Infra");

    /// <summary>The compiled CDK app.</summary>
    public static string AppAssembly { get; } = Metadata("Raktar.Infra.dll");

    /// <summary>A folder to say as <c>apiFolder</c>.</summary>
    public static string ProgramFolder => Program.Value;

    /// <summary>The template when nothing is chosen.</summary>
    public static Template Default => Template(new Dictionary<string, string>());

    /// <summary>The template when <see cref="EveryChoice"/> is made.</summary>
    public static Template Full => Template(EveryChoice);

    /// <summary>The template on a restored events table.</summary>
    public static Template Restored => Template(new Dictionary<string, string> { ["eventsStream"] = RestoredStream });

    /// <summary>The template for these values of the context.</summary>
    public static Template Template(IReadOnlyDictionary<string, string> context) =>
        Templates.GetOrAdd(string.Join(' ', context), _ => new Lazy<Template>(() => Synthesise(context))).Value;

    /// <summary>Synthesises, or throws what the app would say.</summary>
    public static Template Synthesise(IReadOnlyDictionary<string, string> context)
    {
        lock (Cdk)
        {
            var folder = Directory.CreateTempSubdirectory("raktar-synth-").FullName;
            try
            {
                var all = new Dictionary<string, object>(context.Select(pair => KeyValuePair.Create(pair.Key, (object)pair.Value)))
                {
                    ["apiFolder"] = ProgramFolder,
                };
                var app = new App(new AppProps { Outdir = folder, Context = all });
                _ = new RaktarStack(app, Settings.Read(app.Node));
                app.Synth();
                return Read(folder);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>The template in a folder that the app wrote.</summary>
    public static Template Read(string folder) => new(File.ReadAllText(Path.Combine(folder, "Raktar.template.json")));

    private static string Metadata(string key) =>
        typeof(Synthesised).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == key).Value!;
}
