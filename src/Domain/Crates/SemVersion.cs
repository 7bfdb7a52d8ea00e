using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Raktar.Domain.Crates;

/// <summary>
/// A version by SemVer 2.0 as cargo reads it: three parts of unsigned 64 bits, pre-release, build metadata. Build metadata is kept
/// in the text but does not count in equality: cargo cannot tell such versions apart. The order is SemVer's precedence.
/// </summary>
public sealed class SemVersion : IEquatable<SemVersion>, IComparable<SemVersion>
{
    /// <summary>The longest version, in characters.</summary>
    public const int MaxLength = 150;

    private readonly string _text;

    private SemVersion(string text, ulong major, ulong minor, ulong patch, string pre, string build)
    {
        _text = text;
        (Major, Minor, Patch, PreRelease, Build) = (major, minor, patch, pre, build);
    }

    /// <summary>The first part.</summary>
    public ulong Major { get; }

    /// <summary>The second part.</summary>
    public ulong Minor { get; }

    /// <summary>The third part.</summary>
    public ulong Patch { get; }

    /// <summary>What follows <c>-</c>, or empty.</summary>
    public string PreRelease { get; }

    /// <summary>What follows <c>+</c>, or empty.</summary>
    public string Build { get; }

    /// <summary>Whether it has a pre-release part.</summary>
    public bool IsPreRelease => PreRelease.Length > 0;

    /// <summary>Reads a version strictly: no <c>v</c>, no spaces, no leading zeros, at most <see cref="MaxLength"/> characters.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SemVersion? version)
    {
        version = null;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength)
        {
            return false;
        }

        var core = text;
        var build = string.Empty;
        if (core.IndexOf('+', StringComparison.Ordinal) is >= 0 and var plus)
        {
            (core, build) = (core[..plus], core[(plus + 1)..]);
            if (!AreIdentifiers(build, leadingZeros: true))
            {
                return false;
            }
        }

        var pre = string.Empty;
        if (core.IndexOf('-', StringComparison.Ordinal) is >= 0 and var dash)
        {
            (core, pre) = (core[..dash], core[(dash + 1)..]);
            if (!AreIdentifiers(pre, leadingZeros: false))
            {
                return false;
            }
        }

        var parts = core.Split('.');
        if (parts.Length != 3 || !TryPart(parts[0], out var major) || !TryPart(parts[1], out var minor) || !TryPart(parts[2], out var patch))
        {
            return false;
        }

        version = new(text, major, minor, patch, pre, build);
        return true;
    }

    /// <summary>Reads a version known to be good; anything else is a <see cref="FormatException"/>.</summary>
    public static SemVersion Parse(string text) =>
        TryParse(text, out var version) ? version : throw new FormatException($"`{text}` is not a valid semantic version");

    /// <summary>Whether both are the same version, build metadata aside.</summary>
    public static bool operator ==(SemVersion? left, SemVersion? right) => Equals(left, right);

    /// <summary>Whether they are different versions, build metadata aside.</summary>
    public static bool operator !=(SemVersion? left, SemVersion? right) => !Equals(left, right);

    /// <summary>Precedes.</summary>
    public static bool operator <(SemVersion left, SemVersion right) => left.CompareTo(right) < 0;

    /// <summary>Follows.</summary>
    public static bool operator >(SemVersion left, SemVersion right) => left.CompareTo(right) > 0;

    /// <summary>Precedes or is the same.</summary>
    public static bool operator <=(SemVersion left, SemVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Follows or is the same.</summary>
    public static bool operator >=(SemVersion left, SemVersion right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public int CompareTo(SemVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        return (Major.CompareTo(other.Major), Minor.CompareTo(other.Minor), Patch.CompareTo(other.Patch)) switch
        {
            (not 0 and var major, _, _) => major,
            (_, not 0 and var minor, _) => minor,
            (_, _, not 0 and var patch) => patch,
            _ => ComparePreRelease(PreRelease, other.PreRelease),
        };
    }

    /// <inheritdoc/>
    public bool Equals(SemVersion? other) => other is not null
        && (Major, Minor, Patch) == (other.Major, other.Minor, other.Patch)
        && string.Equals(PreRelease, other.PreRelease, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SemVersion);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Major, Minor, Patch, PreRelease.GetHashCode(StringComparison.Ordinal));

    /// <summary>The text as published, build metadata included.</summary>
    public override string ToString() => _text;

    internal static bool TryPart(string text, out ulong part)
    {
        part = 0;
        return text.Length > 0
            && (text.Length == 1 || text[0] != '0')
            && text.All(char.IsAsciiDigit)
            && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out part);
    }

    internal static bool AreIdentifiers(string text, bool leadingZeros) => text.Split('.').All(identifier =>
        identifier.Length > 0
        && identifier.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
        && (leadingZeros || identifier.Length == 1 || identifier[0] != '0' || !identifier.All(char.IsAsciiDigit)));

    internal static int ComparePreRelease(string left, string right)
    {
        if (left.Length == 0 || right.Length == 0)
        {
            // A release follows its pre-releases.
            return (left.Length == 0).CompareTo(right.Length == 0);
        }

        var (ls, rs) = (left.Split('.'), right.Split('.'));
        for (var i = 0; i < Math.Min(ls.Length, rs.Length); i++)
        {
            var order = CompareIdentifier(ls[i], rs[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return ls.Length.CompareTo(rs.Length);
    }

    private static int CompareIdentifier(string left, string right) => (left.All(char.IsAsciiDigit), right.All(char.IsAsciiDigit)) switch
    {
        // Without leading zeros the longer number is the larger; no width limit applies to identifiers.
        (true, true) => left.Length != right.Length ? left.Length.CompareTo(right.Length) : string.CompareOrdinal(left, right),
        (true, false) => -1,
        (false, true) => 1,
        _ => string.CompareOrdinal(left, right),
    };
}
