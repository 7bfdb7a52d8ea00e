using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Raktar.Domain.Crates;

/// <summary>
/// A version requirement, as Rust's semver crate reads, writes and matches them (https://docs.rs/semver/1/semver/struct.VersionReq.html):
/// it must take what cargo takes and nothing else, for one bad requirement makes cargo drop the version that has it.
/// </summary>
public sealed class VersionReq : IEquatable<VersionReq>
{
    /// <summary>The most comparators in one requirement.</summary>
    public const int MaxComparators = 32;

    private readonly Comparator[] _comparators;
    private readonly string _text;

    private VersionReq(Comparator[] comparators)
    {
        _comparators = comparators;
        _text = comparators is [] ? "*" : string.Join(", ", comparators.Select(comparator => comparator.ToString()));
    }

    private enum Op
    {
        Exact,
        Greater,
        GreaterOrEqual,
        Less,
        LessOrEqual,
        Tilde,
        Caret,
        Wildcard,
    }

    /// <summary>Whether it is the bare <c>*</c>: any version but pre-releases.</summary>
    public bool IsAny => _comparators is [];

    /// <summary>Reads a requirement; spaces (no other white space) may surround operators, versions and commas.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out VersionReq? requirement)
    {
        requirement = null;
        if (text is null)
        {
            return false;
        }

        if (IsWild(text.Trim(' ')))
        {
            requirement = new([]);
            return true;
        }

        var parts = text.Split(',');
        if (parts.Length > MaxComparators)
        {
            return false;
        }

        var comparators = new Comparator[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (Comparator.Read(parts[i].Trim(' ')) is not { } comparator)
            {
                return false;
            }

            comparators[i] = comparator;
        }

        requirement = new(comparators);
        return true;
    }

    /// <summary>Reads a requirement known to be good; anything else is a <see cref="FormatException"/>.</summary>
    public static VersionReq Parse(string text) =>
        TryParse(text, out var requirement) ? requirement : throw new FormatException($"`{text}` is not a valid version requirement");

    /// <summary>Whether both say the same.</summary>
    public static bool operator ==(VersionReq? left, VersionReq? right) => Equals(left, right);

    /// <summary>Whether they say different things.</summary>
    public static bool operator !=(VersionReq? left, VersionReq? right) => !Equals(left, right);

    /// <summary>
    /// Whether a version satisfies every comparator. A pre-release must besides be named: one comparator has a pre-release of the same
    /// three numbers.
    /// </summary>
    public bool Matches(SemVersion version) =>
        _comparators.All(comparator => comparator.Matches(version))
        && (!version.IsPreRelease || _comparators.Any(comparator => comparator.NamesPreReleaseOf(version)));

    /// <inheritdoc/>
    public bool Equals(VersionReq? other) => other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VersionReq);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The normalised form, as cargo writes it in the index: <c>1.0</c> becomes <c>^1.0</c>, build metadata is gone.</summary>
    public override string ToString() => _text;

    private static bool IsWild(string part) => part is "*" or "x" or "X";

    private sealed record Comparator(Op Op, ulong Major, ulong? Minor, ulong? Patch, string Pre)
    {
        private static readonly (string Sign, Op Op)[] Signs =
        [
            (">=", Op.GreaterOrEqual), ("<=", Op.LessOrEqual), (">", Op.Greater), ("<", Op.Less), ("=", Op.Exact), ("~", Op.Tilde), ("^", Op.Caret),
        ];

        public static Comparator? Read(string text)
        {
            var (sign, op) = Signs.FirstOrDefault(known => text.StartsWith(known.Sign, StringComparison.Ordinal), (Sign: string.Empty, Op.Caret));
            var version = text[sign.Length..].TrimStart(' ');

            // Build metadata and a pre-release belong to a full version only; the dots before them count the numbers.
            var (numbers, pre) = (version, string.Empty);
            if (version.AsSpan().IndexOfAny('-', '+') is >= 0 and var tail)
            {
                numbers = version[..tail];
                if (!TryTail(version[tail..], out pre))
                {
                    return null;
                }
            }

            var parts = numbers.Split('.');
            if (parts.Length > 3 || !SemVersion.TryPart(parts[0], out var major))
            {
                return null;
            }

            var wild = Array.FindIndex(parts, IsWild);
            var given = wild < 0 ? parts.Length : wild;
            ulong? minor = null, patch = null;
            if ((given > 1 && !TryPart(parts[1], out minor))
                || (given > 2 && !TryPart(parts[2], out patch))
                || parts[given..].Any(part => !IsWild(part))
                || (patch is null && numbers != version))
            {
                return null;
            }

            return new(wild >= 0 && sign.Length == 0 ? Op.Wildcard : op, major, minor, patch, pre);
        }

        public bool Matches(SemVersion version) => Op switch
        {
            Op.Exact or Op.Wildcard => IsExactly(version),
            Op.Greater => Order(version) > 0,
            Op.GreaterOrEqual => IsExactly(version) || Order(version) > 0,
            Op.Less => Order(version) < 0,
            Op.LessOrEqual => IsExactly(version) || Order(version) < 0,
            Op.Tilde => MatchesTilde(version),
            _ => MatchesCaret(version),
        };

        public bool NamesPreReleaseOf(SemVersion version) =>
            Pre.Length > 0 && (Major, Minor, Patch) == (version.Major, version.Minor, version.Patch);

        public override string ToString()
        {
            var sign = Signs.FirstOrDefault(known => known.Op == Op, (Sign: string.Empty, Op)).Sign;
            var minor = Minor is null ? string.Empty : string.Create(CultureInfo.InvariantCulture, $".{Minor}");
            var patch = Patch is null ? string.Empty : string.Create(CultureInfo.InvariantCulture, $".{Patch}");
            var rest = Op == Op.Wildcard ? ".*" : Pre.Length > 0 ? $"-{Pre}" : string.Empty;
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{Major}{minor}{patch}{rest}");
        }

        private static bool TryTail(string tail, out string pre)
        {
            var plus = tail.IndexOf('+', StringComparison.Ordinal);
            pre = tail[0] == '-' ? tail[1..(plus < 0 ? tail.Length : plus)] : string.Empty;
            return (tail[0] == '+' || SemVersion.AreIdentifiers(pre, leadingZeros: false))
                && (plus < 0 || SemVersion.AreIdentifiers(tail[(plus + 1)..], leadingZeros: true));
        }

        private static bool TryPart(string text, out ulong? part)
        {
            var read = SemVersion.TryPart(text, out var number);
            part = read ? number : null;
            return read;
        }

        private bool IsExactly(SemVersion version) =>
            version.Major == Major
            && (Minor is null || version.Minor == Minor)
            && (Patch is null || version.Patch == Patch)
            && string.Equals(version.PreRelease, Pre, StringComparison.Ordinal);

        // Where the comparator is silent, nothing is greater or less than it: >1 means >=2.0.0.
        private int Order(SemVersion version)
        {
            if (version.Major != Major)
            {
                return version.Major.CompareTo(Major);
            }

            if (Minor is not { } minor || version.Minor != minor)
            {
                return Minor is null ? 0 : version.Minor.CompareTo(Minor.Value);
            }

            if (Patch is not { } patch || version.Patch != patch)
            {
                return Patch is null ? 0 : version.Patch.CompareTo(Patch.Value);
            }

            return SemVersion.ComparePreRelease(version.PreRelease, Pre);
        }

        private bool MatchesTilde(SemVersion version) =>
            version.Major == Major
            && (Minor is null || version.Minor == Minor)
            && (Patch is null || version.Patch == Patch ? IsNoEarlierPre(version) : version.Patch > Patch);

        private bool MatchesCaret(SemVersion version)
        {
            if (version.Major != Major)
            {
                return false;
            }

            if (Minor is not { } minor)
            {
                return true;
            }

            if (Patch is not { } patch)
            {
                return Major > 0 ? version.Minor >= minor : version.Minor == minor;
            }

            // The leftmost number that is not zero may not change.
            if (version.Minor != minor)
            {
                return Major > 0 && version.Minor > minor;
            }

            return version.Patch == patch ? IsNoEarlierPre(version) : (Major > 0 || minor > 0) && version.Patch > patch;
        }

        private bool IsNoEarlierPre(SemVersion version) => SemVersion.ComparePreRelease(version.PreRelease, Pre) >= 0;
    }
}
