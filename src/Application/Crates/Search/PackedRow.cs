using System.Buffers;
using System.Text;
using Raktar.Application.Crates.Views;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Search;

/// <summary>
/// A row of the catalogue in few bytes. What many rows have in common stands in a table, and is a number in the row; the first row that has it also spells it out, so that
/// rows one after another are all that need be kept.
/// </summary>
internal readonly ref struct PackedRow
{
    /// <summary>Which form it is. Raise it with every change of it.</summary>
    public const byte Format = 1;

    private const int IsYankedBit = 1;
    private const int IsRestrictedBit = 2;
    private const int IsDeprecatedBit = 4;

    private readonly ReadOnlySpan<byte> _lists;
    private readonly TextTable _words;

    /// <summary>Reads the row that <paramref name="bytes"/> begin with.</summary>
    public PackedRow(ReadOnlySpan<byte> bytes, TextTable words)
    {
        var reader = new Reader(bytes);
        _words = words;
        (Version, Change, CreatedAt, UpdatedAt) = (reader.Number(), reader.Number(), reader.Number(), reader.Number());
        (VersionCount, Flags) = ((int)reader.Number(), (int)reader.Number());
        (Name, Owners) = (reader.Word(words), reader.Word(words));
        _lists = reader.Rest;
    }

    /// <summary>The document's version.</summary>
    public long Version { get; }

    /// <summary>The number of its last change.</summary>
    public long Change { get; }

    /// <summary>When the crate was created, in ticks of UTC.</summary>
    public long CreatedAt { get; }

    /// <summary>When it was changed, in ticks of UTC.</summary>
    public long UpdatedAt { get; }

    /// <summary>How many versions it has.</summary>
    public int VersionCount { get; }

    /// <summary>The crate's name as it is spelled, in the table.</summary>
    public int Name { get; }

    /// <summary>Its owners, in the table; see <see cref="OwnersIn"/>.</summary>
    public int Owners { get; }

    /// <summary>Whether there is nothing but yanked versions.</summary>
    public bool IsYanked => (Flags & IsYankedBit) > 0;

    /// <summary>Whether the row says that the crate is restricted.</summary>
    public bool IsRestricted => (Flags & IsRestrictedBit) > 0;

    /// <summary>Keywords, categories and dependencies, in the table.</summary>
    public (int[] Keywords, int[] Categories, int[] Dependencies) Lists
    {
        get
        {
            var reader = new Reader(_lists);
            return (reader.Words(_words), reader.Words(_words), reader.Words(_words));
        }
    }

    /// <summary>The description in lower case, as searches compare it.</summary>
    public string SearchedDescription
    {
        get
        {
            var reader = AfterLists();
            return reader.Text()?.ToLowerInvariant() ?? string.Empty;
        }
    }

    /// <summary>The row.</summary>
    public CatalogueRow Row
    {
        get
        {
            var (keywords, categories, dependencies) = Lists;
            var reader = AfterLists();
            var (description, homepage, documentation, repository) = (reader.Text(), reader.Text(), reader.Text(), reader.Text());
            var version = SemVersion.Parse(reader.Text()!);
            var (max, maxStable, newest) = (reader.Text(), reader.Text(), reader.Text());
            return new(
                CrateName.Parse(_words.Text(Name)),
                version,
                VersionIn(max, version)!,
                VersionIn(maxStable, version),
                VersionIn(newest, version)!,
                VersionCount,
                IsYanked,
                new(CreatedAt, TimeSpan.Zero),
                new(UpdatedAt, TimeSpan.Zero),
                OwnersIn(_words.Text(Owners)),
                new(description, homepage, documentation, repository, Texts(keywords, _words), Texts(categories, _words), Texts(dependencies, _words)),
                IsRestricted,
                (Flags & IsDeprecatedBit) == 0 ? null : new(reader.Text() is { } successor ? CrateName.Parse(successor) : null, reader.Text()));
        }
    }

    private int Flags { get; }

    /// <summary>Writes a row.</summary>
    public static void Write(ArrayBufferWriter<byte> to, CatalogueRow row, long version, long change, TextTable words)
    {
        var writer = new Writer(to, words);
        writer.Number(version);
        writer.Number(change);
        writer.Number(row.CreatedAt.UtcTicks);
        writer.Number(row.UpdatedAt.UtcTicks);
        writer.Number(row.VersionCount);
        writer.Number((row.Yanked ? IsYankedBit : 0) + (row.IsRestricted ? IsRestrictedBit : 0) + (row.Deprecation is null ? 0 : IsDeprecatedBit));
        writer.Word(row.Name.Text);
        writer.Word(string.Join(' ', row.Owners.Select(owner => owner.Text)));
        writer.Words(row.Entry.Keywords);
        writer.Words(row.Entry.Categories);
        writer.Words(row.Entry.Dependencies);
        writer.Text(row.Entry.Description);
        writer.Text(row.Entry.Homepage);
        writer.Text(row.Entry.Documentation);
        writer.Text(row.Entry.Repository);
        writer.Text(row.DefaultVersion.ToString());
        foreach (var other in (SemVersion?[])[row.MaxVersion, row.MaxStableVersion, row.NewestVersion])
        {
            // Mostly it is the same.
            var text = other?.ToString();
            writer.Text(string.Equals(text, row.DefaultVersion.ToString(), StringComparison.Ordinal) ? string.Empty : text);
        }

        if (row.Deprecation is { } deprecation)
        {
            writer.Text(deprecation.Successor?.Text);
            writer.Text(deprecation.Reason);
        }
    }

    /// <summary>The owners in a text of the table.</summary>
    public static ValueList<Owner> OwnersIn(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(each => Owner.TryParse(each, out var owner) ? owner : throw new FormatException(each)).ToValueList();

    private static SemVersion? VersionIn(string? text, SemVersion same) => text is null ? null : text.Length == 0 ? same : SemVersion.Parse(text);

    private static ValueList<string> Texts(int[] numbers, TextTable words) => numbers.Select(words.Text).ToValueList();

    private Reader AfterLists()
    {
        var reader = new Reader(_lists);
        for (var list = 0; list < 3; list++)
        {
            reader.Words(_words);
        }

        return reader;
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        public ReadOnlySpan<byte> Rest { get; private set; } = bytes;

        /// <summary>Seven bits a byte, the low ones first.</summary>
        public long Number()
        {
            var number = 0L;
            for (var (at, shift) = (0, 0); ; at++, shift += 7)
            {
                number |= (long)(Rest[at] & 0x7f) << shift;
                if (Rest[at] < 0x80)
                {
                    Rest = Rest[(at + 1)..];
                    return number;
                }
            }
        }

        public string? Text()
        {
            var length = (int)Number() - 1;
            return length < 0 ? null : Encoding.UTF8.GetString(Bytes(length));
        }

        public int Word(TextTable words)
        {
            var number = Number();
            // An odd one is spelled out here.
            return number % 2 == 0 ? (int)(number / 2) : words.Add(Bytes((int)Number()));
        }

        public int[] Words(TextTable words)
        {
            var all = new int[Number()];
            for (var i = 0; i < all.Length; i++)
            {
                all[i] = Word(words);
            }

            return all;
        }

        private ReadOnlySpan<byte> Bytes(int length)
        {
            var read = Rest[..length];
            Rest = Rest[length..];
            return read;
        }
    }

    private readonly struct Writer(ArrayBufferWriter<byte> to, TextTable words)
    {
        public void Number(long number)
        {
            for (; number > 0x7f; number >>= 7)
            {
                to.Write([(byte)(number | 0x80)]);
            }

            to.Write([(byte)number]);
        }

        public void Text(string? text)
        {
            Number(text is null ? 0 : Encoding.UTF8.GetByteCount(text) + 1);
            Encoding.UTF8.GetBytes(text ?? string.Empty, to);
        }

        public void Word(string word)
        {
            var bytes = Encoding.UTF8.GetBytes(word);
            var count = words.Texts.Count;
            var number = words.Add(bytes);
            if (number < count)
            {
                Number(2L * number);
                return;
            }

            Number((2L * number) + 1);
            Number(bytes.Length);
            to.Write(bytes);
        }

        public void Words(ValueList<string> all)
        {
            Number(all.Count);
            foreach (var word in all)
            {
                Word(word);
            }
        }
    }
}
