using System.Text.Json;
using Raktar.Application.Log;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>
/// A package as it lies in a document: JSON, gzipped when it is long. A crate has many versions and a reader asks for one of them, so it is only unpacked when
/// somebody looks, and is kept as long as nobody needs the memory.
/// </summary>
public sealed class PackedPackage : IEquatable<PackedPackage>
{
    // Shorter texts gain nothing.
    private const int LongBytes = 1024;

    private readonly WeakReference<Package?> _package = new(null);

    /// <summary>The package in stored bytes.</summary>
    public PackedPackage(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    /// <summary>An empty package: what is left of a deleted version.</summary>
    public static PackedPackage Empty { get; } = Of(new Package());

    /// <summary>The form that is stored.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>How many bytes it has unpacked.</summary>
    public long Length => IsPlain ? Bytes.Length : Gzip.ExpandedLength(Bytes.Span);

    private bool IsPlain => Bytes.Span[0] == (byte)'{';

    /// <summary>The package, packed.</summary>
    public static PackedPackage Of(Package package)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(package, PackageJson.Default.Package);
        return new(json.Length < LongBytes ? json : Gzip.Compress(json));
    }

    /// <summary>The package.</summary>
    public Package Read()
    {
        if (!_package.TryGetTarget(out var package))
        {
            package = JsonSerializer.Deserialize(IsPlain ? Bytes.Span : Gzip.Expand(Bytes), PackageJson.Default.Package)!;
            _package.SetTarget(package);
        }

        return package;
    }

    /// <inheritdoc/>
    public bool Equals(PackedPackage? other) => other is not null && Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PackedPackage);

    /// <inheritdoc/>
    public override int GetHashCode() => Bytes.Length;
}
