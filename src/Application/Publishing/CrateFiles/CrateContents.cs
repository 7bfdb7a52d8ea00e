using System.Buffers;
using System.IO.Enumeration;
using Raktar.Application.Publishing.Archives;
using Raktar.Application.Publishing.Manifest;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;

namespace Raktar.Application.Publishing.CrateFiles;

/// <summary>Judges the entries of a crate file one by one, and keeps the few that the registry reads.</summary>
internal sealed class CrateContents(string root, string? readmePath, PublishRules rules) : IDisposable
{
    private const string ManifestName = "Cargo.toml";
    private const string VcsInfoName = ".cargo_vcs_info.json";
    private const int MaxWarnings = 50;

    private readonly string? _readmePath = Plain(readmePath);
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _directories = new(StringComparer.Ordinal);
    private readonly List<string> _warnings = [];

    // Null when nobody wants to know.
    private readonly SecretScanner? _secrets = rules.Policy.SecretFiles is Policy.Allow ? null : new();

    private Kept? _manifest;
    private Kept? _readme;
    private Kept? _vcsInfo;
    private Kept? _kept;
    private string _path = string.Empty;
    private long _pathBytes;
    private string? _writable;
    private int _writableCount;
    private string? _secret;
    private int _secretCount;

    /// <summary>Judges an entry; its content follows.</summary>
    public Refusal? Admit(in TarHeader entry)
    {
        (_kept, _path) = (null, string.Empty);
        if (_files.Count + _directories.Count == rules.Limits.Entries)
        {
            return new InvalidInput($"crate file has more than {rules.Limits.Entries} entries");
        }

        if (!entry.IsFile && !entry.IsDirectory)
        {
            return new InvalidInput($"entry {Quote.Of(entry.Path)} has type {TypeName(entry.Type)}; only files and directories are allowed");
        }

        _pathBytes += entry.Path.Length;
        if (_pathBytes > rules.Limits.PathBytes)
        {
            return new InvalidInput($"the paths in the crate file have more than {rules.Limits.PathBytes} bytes");
        }

        return EntryPath.Read(entry.Path, entry.IsDirectory, root, rules.Limits, out _path)
            ?? CheckSize(entry, _path)
            ?? CheckMode(entry, _path)
            ?? CheckName(entry, _path)
            ?? Add(entry, _path)
            ?? Keep(entry, _path);
    }

    /// <summary>Takes the next bytes of the entry's content.</summary>
    public void Write(ReadOnlySpan<byte> content)
    {
        _kept?.Content?.Write(content);
        _secrets?.Write(content);
    }

    /// <summary>Judges the content that has passed.</summary>
    public Refusal? End()
    {
        if (_secrets?.End() is not { } found)
        {
            return null;
        }

        _secret ??= $"{Quote.Of(_path)} holds what looks like {found}";
        _secretCount++;
        return rules.Policy.SecretFiles is Policy.Reject ? new InvalidInput(_secret) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _secrets?.Dispose();

    /// <summary>Judges the whole, after the last entry.</summary>
    public Outcome<InspectedCrateFile> Complete()
    {
        if (_manifest is null)
        {
            return new InvalidInput("crate file has no Cargo.toml");
        }

        if (!string.Equals(_manifest.Path, ManifestName, StringComparison.Ordinal) && !(rules.Policy.AllowLowercaseManifest && _manifest.Path is "cargo.toml"))
        {
            return new InvalidInput($"manifest is named {Quote.Of(_manifest.Path)}; it must be `{ManifestName}`");
        }

        if (_secret is not null)
        {
            Warn(_secretCount == 1 ? _secret : $"{_secret}, and so do {_secretCount - 1} more files");
        }

        var vcsInfo = _vcsInfo?.Content is { } json ? VcsInfo.Read(json.WrittenMemory) : null;
        var refusal = CheckCollisions() ?? CheckWritable() ?? CheckWorkTree(vcsInfo);
        return refusal is not null ? refusal : new InspectedCrateFile
        {
            Manifest = _manifest.Content!.WrittenMemory,
            Readme = _readme?.Content?.WrittenMemory,
            ReadmePath = _readme?.Path,
            VcsInfo = vcsInfo,
            Warnings = _warnings.ToValueList(),
            Files = _files,
        };
    }

    // The metadata names the readme as its author did: `./README.md`, `docs\README.md`.
    private static string? Plain(string? path) =>
        path is null or { Length: > ManifestPath.MaxShownLength } ? null : ManifestPath.Inside(path) ?? path.Replace('\\', '/');

    private static string TypeName(char type) => type switch
    {
        '1' => "`hard link`",
        '2' => "`symlink`",
        '3' => "`character device`",
        '4' => "`block device`",
        '6' => "`fifo`",
        '7' => "`contiguous file`",
        'K' => "`long link`",
        'S' => "`sparse file`",
        'g' => "`global pax header`",
        _ => Quote.Of(type.ToString()),
    };

    private InvalidInput? CheckSize(in TarHeader entry, string path)
    {
        if (entry.IsDirectory && entry.Size > 0)
        {
            // Some readers skip the content of a directory, some take it for the next header.
            return new InvalidInput($"directory {Quote.Of(path)} has content");
        }

        return entry.Size > rules.Limits.FileBytes
            ? new InvalidInput($"file {Quote.Of(path)} is {entry.Size} bytes (max {rules.Limits.FileBytes})")
            : null;
    }

    private InvalidInput? CheckMode(in TarHeader entry, string path)
    {
        const int SetIdsAndSticky = 0xE00;
        const int OthersWrite = 0x12;
        const int OwnerRead = 0x100;
        var isUnsafe = (entry.Mode & (SetIdsAndSticky | OwnerRead)) != OwnerRead;
        var isWritable = (entry.Mode & OthersWrite) != 0;
        if ((isUnsafe && rules.Policy.UnsafeModes is not Policy.Allow) || (isWritable && rules.Policy.UnsafeModes is Policy.Reject))
        {
            return new InvalidInput($"entry {Quote.Of(path)} has unsafe mode `{Convert.ToString(entry.Mode, 8).PadLeft(4, '0')}`");
        }

        _writable ??= isWritable ? path : null;
        _writableCount += isWritable ? 1 : 0;
        return null;
    }

    // One sentence for all of them: a packager that writes such modes writes them for every file.
    private InvalidInput? CheckWritable() => _writable is null
        ? null
        : Judge(rules.Policy.UnsafeModes, $"entry {Quote.Of(_writable)} is writable by group or others ({_writableCount} such entries)");

    private InvalidInput? CheckName(in TarHeader entry, string path)
    {
        if (!EntryPath.FitsWindows(path) && Judge(rules.Policy.WindowsDeviceNames, $"path {Quote.Of(path)} cannot be extracted on Windows") is { } refusal)
        {
            return refusal;
        }

        return entry.IsFile && rules.Policy.SecretFileNames.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, path.AsSpan(path.LastIndexOf('/') + 1)))
            ? Judge(rules.Policy.SecretFiles, $"crate contains {Quote.Of(path)}, whose name looks like a secret's")
            : null;
    }

    private InvalidInput? Add(in TarHeader entry, string path)
    {
        var (same, other) = entry.IsFile ? (_files, _directories) : (_directories, _files);
        return other.Contains(path) || !same.Add(path) ? new InvalidInput($"path {Quote.Of(path)} occurs twice") : null;
    }

    private Refusal? Keep(in TarHeader entry, string path)
    {
        var kept = new Kept(path, entry.Size);
        if (!entry.IsFile)
        {
            return null;
        }

        if (path.Equals(ManifestName, StringComparison.OrdinalIgnoreCase))
        {
            if (_manifest is not null)
            {
                return new InvalidInput($"crate file has several manifests: {Quote.Of(_manifest.Path)}, {Quote.Of(path)}");
            }

            if (entry.Size > rules.Limits.ManifestBytes)
            {
                return new TooLarge($"{ManifestName} is {entry.Size} bytes (max {rules.Limits.ManifestBytes})");
            }

            _manifest = kept;
            Open(kept);
        }

        if (path is VcsInfoName && entry.Size <= VcsInfo.MaxBytes)
        {
            _vcsInfo = kept;
            Open(kept);
        }

        if (IsReadme(path))
        {
            _readme = kept;
            if (entry.Size <= InspectedCrateFile.MaxReadmeBytes)
            {
                Open(kept);
            }
            else
            {
                Warn($"readme {Quote.Of(path)} is {entry.Size} bytes and will not be shown (max {InspectedCrateFile.MaxReadmeBytes})");
            }
        }

        return null;
    }

    private void Open(Kept kept)
    {
        kept.Open();
        _kept = kept;
    }

    /// <summary>Whether it is the readme: at its path, or failing that at the root, where cargo puts one from outside the crate's folder.</summary>
    private bool IsReadme(string path) => _readmePath is not null
        && (string.Equals(path, _readmePath, StringComparison.Ordinal)
            || (_readme is null && path.AsSpan().SequenceEqual(_readmePath.AsSpan(_readmePath.LastIndexOf('/') + 1))));

    private InvalidInput? CheckCollisions()
    {
        // There the manifest would be another one than reviewers saw, whatever the policy.
        if (_files.Concat(_directories).FirstOrDefault(IsLikeManifest) is { } rival)
        {
            return new InvalidInput(Collide((_manifest!.Path, rival)));
        }

        var policy = rules.Policy.CaseCollisions;
        if (policy is not Policy.Allow && PathCollision.Find(_files, _directories, PathCollision.Fold) is { } alike && Judge(policy, Collide(alike)) is { } refusal)
        {
            return refusal;
        }

        // A file that is another path's folder fits no file system; when cases are told apart it has to be looked for again.
        return policy is not Policy.Reject && PathCollision.Find(_files, _directories, path => path) is { } same ? new InvalidInput(Collide(same)) : null;

        static string Collide((string One, string Other) paths) => $"paths {Quote.Of(paths.One)} and {Quote.Of(paths.Other)} collide";
    }

    private bool IsLikeManifest(string path) =>
        !string.Equals(path, _manifest!.Path, StringComparison.Ordinal)
        && path.Split('/', 2)[0].Equals(ManifestName, StringComparison.OrdinalIgnoreCase);

    private InvalidInput? CheckWorkTree(VcsInfo? vcsInfo) => vcsInfo switch
    {
        null => Judge(rules.Policy.DirtyWorkTree, "crate was packaged without version control information"),
        { Dirty: true } => Judge(rules.Policy.DirtyWorkTree, "crate was packaged from a dirty work tree"),
        _ => null,
    };

    private InvalidInput? Judge(Policy policy, string sentence)
    {
        if (policy is Policy.Warn)
        {
            Warn(sentence);
        }

        return policy is Policy.Reject ? new(sentence) : null;
    }

    private void Warn(string sentence)
    {
        if (_warnings.Count <= MaxWarnings)
        {
            _warnings.Add(_warnings.Count < MaxWarnings ? sentence : "further warnings are left out");
        }
    }

    /// <summary>A file that is kept; its content is null when it is too large for that.</summary>
    private sealed record Kept(string Path, long Size)
    {
        public ArrayBufferWriter<byte>? Content { get; private set; }

        // Grows with what really arrives: the size is only a claim.
        public void Open() => Content ??= new((int)Math.Clamp(Size, 1, 16 * 1024));
    }
}
