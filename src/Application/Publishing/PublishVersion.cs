using System.Text;
using MediatR;
using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Application.Publishing.CrateFiles;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Publishing;

/// <summary>Publishes a version: cargo's metadata has been read, the crate file follows.</summary>
public sealed record PublishVersion(Caller By, PublishMetadata Metadata, ICrateUpload CrateFile) : IRequest<Outcome<Published>>;

/// <summary>What cargo shows after a publish.</summary>
public sealed record Published(ValueList<string> InvalidCategories, ValueList<string> Warnings);

/// <summary>
/// Cheap checks first, each before the next may cost anything: name and permission, then the upload, hashed, stored and inspected in one pass, then the
/// manifest. Bytes before facts: an archive that no event names is litter, an event without its archive is a lie.
/// </summary>
internal sealed class PublishVersionHandler(
    Streams<Crate> crates, IBlobStore blobs, IRateLimits rates, PublishRules rules, RegistryIdentity registry)
    : IRequestHandler<PublishVersion, Outcome<Published>>
{
    private const int LoadedAtATime = 16;

    public async Task<Outcome<Published>> Handle(PublishVersion command, CancellationToken cancellationToken)
    {
        var (by, metadata, upload) = command;
        var (crate, _) = await crates.Load(StreamName.Of(metadata.Name), cancellationToken);
        if ((by.Refuse(crate.Name is null ? TokenScope.PublishNew : TokenScope.PublishUpdate, metadata.Name)
            ?? RefuseNewName(crate, by, metadata.Name)
            ?? CrateDecider.RefuseBeforeUpload(crate, metadata.Name, metadata.Version, by.Identity, rules.Limits.HistoryBytes)
            ?? rates.Publish(by.Login, isNew: crate.Name is null)) is { } early)
        {
            return early;
        }

        var length = await upload.Length(cancellationToken);
        if (length.Refusal is { } badLength)
        {
            return badLength;
        }

        await using var staged = await blobs.Stage(cancellationToken);
        using var intake = new IntakeStream(upload.Content, staged);
        var inspected = await CrateFileInspector.Inspect(
            intake, length.Value, metadata.Name, metadata.Version, metadata.ReadmeFile, rules, cancellationToken);
        if ((inspected.Refusal ?? await upload.End(cancellationToken)) is { } badFile)
        {
            return badFile;
        }

        var file = inspected.Value;
        var read = CargoManifest.Read(file.Manifest, metadata, registry.IndexUrl, rules);
        if (read.Refusal is { } badManifest)
        {
            return badManifest;
        }

        var manifest = read.Value;
        var warnings = new List<string>([.. file.Warnings, .. manifest.Warnings]);
        if (await CheckDependencies(manifest, by, warnings, cancellationToken) is { } unknown)
        {
            return unknown;
        }

        if (manifest.Package.LicenseFile is { } license && !file.Files.Contains(license))
        {
            warnings.Add($"the licence file `{license}` is not in the crate file");
        }

        var readme = ReadmeOf(metadata, manifest, file);
        var published = new VersionPublished(
            manifest.Version,
            intake.Checksum,
            length.Value,
            by.Login,
            manifest.Package with { Readme = readme?.Readme });
        var outcome = await crates.Change(
            StreamName.Of(manifest.Name),
            by,
            current => CrateDecider.Publish(current, manifest.Name, published, by.Identity, rules.Limits.HistoryBytes),
            cancellationToken,
            beforeAppend: () => Keep(staged, published, manifest.Name, readme?.Bytes));
        return outcome.Refusal is { } refusal ? refusal : new Published(manifest.InvalidCategories, warnings.ToValueList());
    }

    private Refusal? RefuseNewName(Crate crate, Caller by, CrateName name) => crate.Name is not null
        ? null
        : rules.Policy.NewCratesByAdminsOnly && !by.IsAdmin
            ? new NotAllowed($"only administrators may publish new crates here; ask one to publish `{name}` first and to add you as an owner")
            : CrateNameRules.Refuse(name, rules.Policy);

    /// <summary>A dependency on this registry must exist under exactly its spelling, or no build could ever find it.</summary>
    private async Task<Refusal?> CheckDependencies(ReadManifest manifest, Caller by, List<string> warnings, CancellationToken cancellationToken)
    {
        if (!rules.Policy.RequireKnownDependencies)
        {
            return null;
        }

        // Some at a time: a store far away answers each in some milliseconds, and there may be hundreds.
        foreach (var some in manifest.Package.Dependencies.Where(d => d.Registry is null).Chunk(LoadedAtATime))
        {
            foreach (var (refusal, warning) in await Task.WhenAll(some.Select(dependency => Check(dependency, manifest.Name, by, cancellationToken))))
            {
                if (refusal is not null)
                {
                    return refusal;
                }

                if (warning is not null)
                {
                    warnings.Add(warning);
                }
            }
        }

        return null;
    }

    private async Task<(Refusal? Refusal, string? Warning)> Check(Dependency dependency, CrateName dependent, Caller by, CancellationToken cancellationToken)
    {
        if (!CrateName.TryParse(dependency.RealName(), out var name))
        {
            return (new InvalidInput($"dependency `{dependency.RealName()}` is not in this registry"), null);
        }

        if (string.Equals(name.Text, dependent.Text, StringComparison.Ordinal))
        {
            return default;
        }

        var (crate, _) = await crates.Load(StreamName.Of(name), cancellationToken);
        if (!string.Equals(crate.Name?.Text, name.Text, StringComparison.Ordinal)
            || !crate.IsVisibleTo(by.Identity)
            || crate.Versions.Values.All(v => v.IsDeleted))
        {
            return (new InvalidInput($"dependency `{name}` is not in this registry"), null);
        }

        return VersionReq.TryParse(dependency.Req, out var requirement) && !crate.Versions.Values.Any(v => !v.IsDeleted && requirement.Matches(v.Version))
            ? (null, $"no version of `{name}` in this registry matches `{dependency.Req}`")
            : default;
    }

    /// <summary>The README in the crate file is what reviewers saw; cargo's copy in the metadata stands in where the file has none.</summary>
    private static (Readme Readme, byte[] Bytes)? ReadmeOf(PublishMetadata metadata, ReadManifest manifest, InspectedCrateFile file)
    {
        var path = manifest.ReadmePath ?? metadata.ReadmeFile;
        var bytes = file.Readme?.ToArray() ?? Encoding.UTF8.GetBytes(metadata.Readme ?? string.Empty);
        return path is null || bytes.Length == 0 ? null : (new Readme(path, Checksum.Of(bytes)), bytes);
    }

    private Task Keep(IStagedBlob staged, VersionPublished published, CrateName name, byte[]? readme) => Task.WhenAll(
        staged.Keep(BlobKey.CrateFile(name, published.Version, published.Checksum), CancellationToken.None),
        published.Package.Readme is { } kept && readme is not null ? KeepReadme(kept, readme) : Task.CompletedTask);

    private async Task KeepReadme(Readme readme, byte[] bytes)
    {
        await using var staged = await blobs.Stage(CancellationToken.None);
        await staged.Write(bytes, CancellationToken.None);
        await staged.Keep(BlobKey.Readme(readme.Checksum), CancellationToken.None);
    }
}
