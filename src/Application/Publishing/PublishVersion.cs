using System.Buffers;
using System.Security.Cryptography;
using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.Publishing.CrateFiles;
using Raktar.Application.Publishing.Manifest;
using Raktar.Application.Publishing.Rules;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Publishing;

/// <summary>Publishes a version: cargo's metadata has been read, the crate file follows.</summary>
public sealed record PublishVersion(Caller By, PublishMetadata Metadata, ICrateUpload CrateFile) : IRequest<Outcome<Published>>, INeeds
{
    /// <summary>Which scope and which rate depends on whether the crate is there.</summary>
    public Need Need => Need.OfHandler;
}

/// <summary>What cargo shows after a publish.</summary>
public sealed record Published(ValueList<string> InvalidCategories, ValueList<string> Warnings);

/// <summary>
/// Cheap checks first, each before the next may cost anything: name and permission, then the upload, hashed and staged at the client's pace, then the
/// inspection and the manifest, in a slot for work. Bytes before facts: an archive that no event names is litter, an event without its archive is a lie.
/// </summary>
internal sealed class PublishVersionHandler(
    Streams<Crate> crates, IBlobStore blobs, IRateLimits rates, IPublishSlots slots, PublishRules rules, RegistryAddress registry)
    : IRequestHandler<PublishVersion, Outcome<Published>>
{
    private const int BufferBytes = 64 * 1024;

    public async Task<Outcome<Published>> Handle(PublishVersion command, CancellationToken cancellationToken)
    {
        var (by, metadata, upload) = command;
        var (crate, _) = await crates.Load(StreamName.Of(metadata.Name), cancellationToken);
        var isNew = IsNewTo(crate, by.Requester);
        if ((by.Refuse(isNew ? TokenScope.PublishNew : TokenScope.PublishUpdate, metadata.Name)
            ?? (isNew ? RefuseNewName(by, metadata.Name) : null)
            ?? CrateDecider.RefuseBeforeUpload(crate, metadata.Name, metadata.Version, by.Requester, rules.Limits.HistoryBytes)
            ?? rates.Spend(isNew ? Rate.PublishNew : Rate.PublishUpdate, by)) is { } early)
        {
            return early;
        }

        var length = await upload.Length(cancellationToken);
        if (length.Refusal is { } badLength)
        {
            return badLength;
        }

        using var room = await slots.Stage(by.ChargedTo, length.Value, cancellationToken);
        await using var staged = await blobs.Stage(cancellationToken);
        var received = new Received(staged, await TakeIn(upload.Content, staged, cancellationToken), length.Value);
        if (await upload.End(cancellationToken) is { } badEnd)
        {
            return badEnd;
        }

        var judged = await Judge(command, received, cancellationToken);
        if (judged.Refusal is { } badCrate)
        {
            return badCrate;
        }

        using var slot = await slots.Work(by.ChargedTo, cancellationToken);
        return await Record(command, received, judged.Value, cancellationToken);
    }

    /// <summary>Hashes and stages what the client sends, as it comes.</summary>
    private static async Task<Checksum> TakeIn(Stream content, IStagedBlob staged, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                hash.AppendData(buffer, 0, read);
                await staged.Write(buffer.AsMemory(0, read), cancellationToken);
            }

            return Checksum.FromHash(hash.GetCurrentHash());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Whether what was staged is as a crate file should be, and its manifest says what cargo says.</summary>
    private async Task<Outcome<Judged>> Judge(PublishVersion command, Received received, CancellationToken cancellationToken)
    {
        var metadata = command.Metadata;
        using var slot = await slots.Inspect(command.By.ChargedTo, cancellationToken);
        var inspected = await CrateFileInspector.Inspect(
            received.Staged.Read(),
            received.Length,
            metadata.Name,
            metadata.Version,
            metadata.ReadmeFile ?? CargoManifest.DefaultReadme,
            rules,
            cancellationToken);
        return inspected.Then(file => CargoManifest.Read(file.Manifest, metadata, registry.IndexUrl, rules).Map(manifest => new Judged(file, manifest)));
    }

    /// <summary>Appends the version, unless something that it needs is missing.</summary>
    private async Task<Outcome<Published>> Record(PublishVersion command, Received received, Judged judged, CancellationToken cancellationToken)
    {
        var (by, metadata, _) = command;
        var (file, manifest) = judged;
        var warnings = new List<string>([.. file.Warnings, .. manifest.Warnings]);
        if (await new DependencyCheck(crates, rules, manifest, by, warnings).Refuse(cancellationToken) is { } unknown)
        {
            return unknown;
        }

        if (metadata.ReadmeFile is { Length: > 0 } named && manifest.ReadmePath is not null && file.ReadmePath is null)
        {
            warnings.Add($"the README {Quote.Of(named)} is not in the crate file and will not be shown");
        }

        var readme = ReadmeOf(manifest, file);
        var published = new VersionPublished(
            manifest.Version,
            received.Checksum,
            received.Length,
            by.Login,
            manifest.Package with { Readme = readme?.Readme, LicenseFile = LicenseFileOf(manifest, file, warnings) });
        return await crates.Change(
            StreamName.Of(manifest.Name),
            by,
            current => CrateDecider.Publish(current, manifest.Name, published, by.Requester, rules.Policy.NewCratesRestricted, rules.Limits.HistoryBytes),
            cancellationToken,
            beforeAppend: () => Keep(received.Staged, published, manifest.Name, readme?.Bytes))
            .Map(_ => new Published(manifest.InvalidCategories, warnings.ToValueList()));
    }

    // A crate that is not there for the caller is judged as a new one, or the refusal would tell that it exists. Runs are let in by a crate that trusts them.
    private static bool IsNewTo(Crate crate, Requester by) => crate.Name is null || (!crate.IsThereFor(by) && !by.IsTrustedPublisher);

    private Refusal? RefuseNewName(Caller by, CrateName name) => rules.Policy.NewCratesByAdminsOnly && !by.IsAdmin
        ? new NotAllowed($"only administrators may publish new crates here; ask one to publish `{name}` first and to add you as an owner")
        : CrateNameRules.Refuse(name, rules.Policy);

    /// <summary>The README is a file of the crate file, which is what reviewers see. Cargo's copy in the metadata is not looked at.</summary>
    private static (Readme Readme, byte[] Bytes)? ReadmeOf(ReadManifest manifest, InspectedCrateFile file) =>
        manifest.ReadmePath is not null && file is { ReadmePath: { Length: <= ManifestPath.MaxShownLength } path, Readme: { Length: > 0 } bytes }
            ? (new Readme(path, Checksum.Of(bytes.Span)), bytes.ToArray())
            : null;

    private static string? LicenseFileOf(ReadManifest manifest, InspectedCrateFile file, List<string> warnings)
    {
        var path = manifest.Package.LicenseFile;
        if (path is null || file.Files.Contains(path))
        {
            return path;
        }

        warnings.Add($"the licence file {Quote.Of(path)} is not in the crate file");
        return null;
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

    /// <summary>The crate file as it came.</summary>
    private sealed record Received(IStagedBlob Staged, Checksum Checksum, long Length);

    /// <summary>What is in it.</summary>
    private sealed record Judged(InspectedCrateFile File, ReadManifest Manifest);
}
