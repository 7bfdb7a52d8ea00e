using System.Reflection;
using System.Xml.Linq;
using MediatR;
using Raktar.Application;
using Raktar.Projections;

namespace Raktar.Specs;

/// <summary>The reference graph: who may see whom. Read from the project files, so that an unused reference is found as well.</summary>
public sealed class Architecture
{
    private static readonly string Root = FindRoot();

    /// <summary>
    /// The folders of Application from the ground up. What stands in one uses itself and what is below. <c>Application</c> is what lies in no folder: words that
    /// all use.
    /// </summary>
    private static readonly string[] Floors =
    [
        "", "Log", "Ports", "Callers", "State", "Pipeline", "Audit", "Publishing.Toml", "Publishing.Rules", "Publishing.Manifest", "Publishing.Archives", "Publishing.CrateFiles",
        "Publishing", "Crates.Views", "Crates.TimeMachine", "Crates.Search", "Crates.Files", "Accounts", "Accounts.TokenChanges", "Crates.Changes", "TrustedPublishing", "Upstreams", "Upstreams.Index", "Upstreams.CrateFiles", "Upstreams.Serving",
        "Proofs.Merkle", "Proofs",
    ];

    [Theory]
    [InlineData("Domain", "")]
    [InlineData("Application", "Domain")]
    [InlineData("Projections", "Application")]
    [InlineData("Storage", "Application")]
    [InlineData("Api", "Application Projections Storage")]
    public void A_project_references_only_what_it_may(string project, string allowed)
    {
        var file = XDocument.Load(Path.Combine(Root, "src", project, $"{project}.csproj"));
        var references = file.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))
            .Order(StringComparer.Ordinal);
        Assert.Equal(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries), references);
    }

    [Fact]
    public void The_AWS_stack_references_no_project() =>
        Assert.Empty(XDocument.Load(Path.Combine(Root, "infra", "Infra.csproj")).Descendants("ProjectReference"));

    [Fact]
    public void The_CDK_stays_in_the_AWS_stack()
    {
        var users = from folder in (string[])["src", "tests", "bench", "infra"]
                    from file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories)
                    where !file.Contains("/node_modules/", StringComparison.Ordinal)
                    where XDocument.Load(file).Descendants("PackageReference").Any(p => p.Attribute("Include")!.Value.StartsWith("Amazon.CDK", StringComparison.Ordinal))
                    select Path.GetFileNameWithoutExtension(file);
        Assert.Equal(["Infra"], users);
    }

    [Fact]
    public void The_domain_uses_no_package() =>
        Assert.Empty(XDocument.Load(Path.Combine(Root, "src", "Domain", "Domain.csproj")).Descendants("PackageReference"));

    [Theory]
    [InlineData("Microsoft.Data.Sqlite", "Storage")]
    [InlineData("AWSSDK.DynamoDBv2", "Storage")]
    [InlineData("AWSSDK.S3", "Storage")]
    [InlineData("AWSSDK.KeyManagementService", "Storage")]
    [InlineData("Spectre.Console", "Api")]
    [InlineData("System.CommandLine", "Api")]
    [InlineData("Markdig", "Api")]
    [InlineData("Tomlyn", "Application")]
    public void A_package_stays_in_its_room(string package, string project)
    {
        var users = Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(file => XDocument.Load(file).Descendants("PackageReference").Any(p => p.Attribute("Include")!.Value == package))
            .Select(Path.GetFileNameWithoutExtension);
        Assert.Equal([project], users);
    }

    [Theory]
    [InlineData("Aws", "Embedded")]
    [InlineData("Embedded", "Aws")]
    public void Neither_storage_knows_of_the_other(string one, string other) => Assert.All(
        Directory.EnumerateFiles(Path.Combine(Root, "src", "Storage", one), "*.cs"),
        file => Assert.DoesNotContain($"Storage.{other}", File.ReadAllText(file), StringComparison.Ordinal));

    // The one that registers all of them stands above all.
    [Fact]
    public void A_folder_of_the_application_uses_only_what_is_below() =>
        Assert.Equal(string.Empty, string.Join('\n', Testing.Floors.ArrowsUp(typeof(Outcome<>).Assembly, "Raktar.Application", Floors, nameof(ApplicationServices))));

    // One projection of one stream; the folds; and what runs all of them. The two roofs know every fold.
    [Fact]
    public void What_follows_the_log_stands_on_the_folds() => Assert.Equal(string.Empty, string.Join('\n', Testing.Floors.ArrowsUp(
        typeof(Projectors).Assembly, "Raktar.Projections", ["", "Crates", "Following"], nameof(Projectors), nameof(ProjectionServices))));

    /// <summary>What is more is not seen at one look.</summary>
    [Fact]
    public void A_folder_has_at_most_twelve_files()
    {
        var full = from folder in Directory.EnumerateDirectories(Path.Combine(Root, "src"), "*", SearchOption.AllDirectories)
                   where !folder.Split('/').Any(part => part is "obj" or "bin")
                   let files = Directory.EnumerateFiles(folder).Count(file => Path.GetExtension(file) is ".cs" or ".razor")
                   where files > 12
                   select $"{Path.GetRelativePath(Root, folder)}: {files} files";
        Assert.Empty(full);
    }

    [Fact]
    public void Every_use_case_answers_an_outcome()
    {
        var requests = typeof(Outcome<>).Assembly.GetTypes()
            .SelectMany(type => type.GetInterfaces(), (type, service) => (type, service))
            .Where(pair => pair.service.IsGenericType && pair.service.GetGenericTypeDefinition() == typeof(IRequest<>))
            .ToList();
        Assert.NotEmpty(requests);
        Assert.All(requests, pair => Assert.Equal(typeof(Outcome<>), pair.service.GetGenericArguments()[0].GetGenericTypeDefinition()));
    }

    private static string FindRoot()
    {
        var folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!;
        while (!File.Exists(Path.Combine(folder, "Raktar.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
