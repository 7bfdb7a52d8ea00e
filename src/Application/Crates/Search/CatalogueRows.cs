using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Raktar.Application.Crates.Views;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Search;

/// <summary>
/// The rows of all crates in little memory, and what searches and lists ask of them. Crates are numbers here, as they came. Not for two threads while one of them
/// writes.
/// </summary>
internal sealed class CatalogueRows
{
    private const int ChunkLength = 1024 * 1024;

    private readonly TextTable _words = new();
    private readonly List<byte[]> _chunks = [];
    private readonly List<int> _lengths = [];
    private Place[] _places = [];
    private int[]? _byName;
    private readonly Topics[] _topics = [new(), new()];
    private readonly HashSet<int> _restricted = [];

    // By the number of a name in the table.
    private readonly List<int> _dependents = [];
    private readonly ArrayBufferWriter<byte> _packing = new();
    private int _written;

    /// <summary>No rows.</summary>
    public CatalogueRows()
    {
    }

    /// <summary>The rows that others had as <see cref="Chunks"/>.</summary>
    public CatalogueRows(IEnumerable<ReadOnlyMemory<byte>> chunks)
    {
        foreach (var chunk in chunks)
        {
            // The last one goes on.
            var bytes = MemoryMarshal.TryGetArray(chunk, out var array) && chunk.Length >= ChunkLength / 2 ? array.Array! : Longer(chunk);
            _chunks.Add(bytes);
            _lengths.Add(chunk.Length);
            for (var at = 0; at < chunk.Length;)
            {
                var length = BitConverter.ToInt32(bytes, at);
                Apply(_chunks.Count - 1, at + sizeof(int));
                at += sizeof(int) + length;
            }
        }
    }

    /// <summary>How many crates there are, also those whose versions are all deleted.</summary>
    public int Count => Names.Texts.Count;

    /// <summary>Whether most of what is kept is outdated: then all of it should be packed anew.</summary>
    public bool IsLittered => _written > 1000 + (2 * Count);

    /// <summary>All rows as bytes that never change, only the last of them goes on.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Chunks => [.. _chunks.Select((chunk, i) => new ReadOnlyMemory<byte>(chunk, 0, _lengths[i]))];

    /// <summary>The canonical names by the crates' numbers.</summary>
    public TextTable Names { get; } = new();

    /// <summary>The descriptions in lower case.</summary>
    public SearchTexts Descriptions { get; } = new();

    /// <summary>Every crate that has a version.</summary>
    public IEnumerable<int> Listed => Enumerable.Range(0, Count).Where(IsListed);

    /// <summary>The crates of each keyword or category.</summary>
    public Topics Topics(TopicKind kind) => _topics[(int)kind];

    /// <summary>Whether the crate has a version.</summary>
    public bool IsListed(int crate) => _places[crate].VersionCount > 0;

    /// <summary>What is known of a crate without reading its row.</summary>
    public ref readonly Place Of(int crate) => ref _places[crate];

    /// <summary>All crates by name, also those without a version; brought in order when somebody asks and one is new.</summary>
    public int[] ByName()
    {
        var known = Volatile.Read(ref _byName);
        if (known?.Length != Count)
        {
            known = [.. Enumerable.Range(0, Count)];
            Array.Sort(known, (a, b) => Names.Texts[a].SequenceCompareTo(Names.Texts[b]));
            Volatile.Write(ref _byName, known);
        }

        return known;
    }

    /// <summary>The crate's owners.</summary>
    public ValueList<Owner> Owners(int crate) => PackedRow.OwnersIn(_words.Text(_places[crate].Owners));

    /// <summary>The crate's row.</summary>
    public CatalogueRow Row(int crate) => Read(_places[crate]).Row;

    /// <summary>How many crates' default versions depend on the crate.</summary>
    public int DependentsOf(int crate) => _dependents[_places[crate].Name];

    /// <summary>The crates whose default versions depend on a crate of that name, as it is spelled.</summary>
    public IEnumerable<int> DependingOn(string name) => _words.Find(name) is >= 0 and var number && number < _dependents.Count && _dependents[number] > 0
        ? Listed.Where(crate => Read(_places[crate]).Lists.Dependencies.Contains(number))
        : [];

    /// <summary>Whether a crate is shown to who looks.</summary>
    public Func<int, bool> Shown(Sight sight)
    {
        var hidden = _restricted.Where(crate => !sight.Sees(Names.Text(crate))).ToHashSet();
        hidden.UnionWith(sight.Unseen.Select(Names.Find));
        return hidden.Count == 0 ? _ => true : crate => !hidden.Contains(crate);
    }

    /// <summary>The version and the last change of the document that the row is of; zeros: there is no row.</summary>
    public (long Version, long Change) Known(string canonicalName)
    {
        if (Names.Find(canonicalName) is not (>= 0 and var crate))
        {
            return default;
        }

        var packed = Read(_places[crate]);
        return (packed.Version, packed.Change);
    }

    /// <summary>Adds a crate's row, or replaces it.</summary>
    public void Put(CatalogueRow row, long version, long change)
    {
        _packing.ResetWrittenCount();
        PackedRow.Write(_packing, row, version, change, _words);
        var length = sizeof(int) + _packing.WrittenCount;
        if (_chunks.Count == 0 || _lengths[^1] + length > _chunks[^1].Length)
        {
            _chunks.Add(new byte[Math.Max(ChunkLength, length)]);
            _lengths.Add(0);
        }

        var free = _chunks[^1].AsSpan(_lengths[^1]);
        BitConverter.TryWriteBytes(free, _packing.WrittenCount);
        _packing.WrittenSpan.CopyTo(free[sizeof(int)..]);
        Apply(_chunks.Count - 1, _lengths[^1] + sizeof(int));
        _lengths[^1] += length;
    }

    /// <summary>The same rows without what is outdated.</summary>
    public CatalogueRows Packed()
    {
        var packed = new CatalogueRows();
        for (var crate = 0; crate < Count; crate++)
        {
            var row = Read(_places[crate]);
            packed.Put(row.Row, row.Version, row.Change);
        }

        return packed;
    }

    private static byte[] Longer(ReadOnlyMemory<byte> chunk)
    {
        var bytes = new byte[Math.Max(ChunkLength, chunk.Length)];
        chunk.CopyTo(bytes);
        return bytes;
    }

    private PackedRow Read(Place place) => new(_chunks[place.Chunk].AsSpan(place.Start), _words);

    private void Apply(int chunk, int start)
    {
        _written++;
        var row = new PackedRow(_chunks[chunk].AsSpan(start), _words);
        var place = new Place(chunk, start, row.Name, row.Owners, row.VersionCount, row.IsYanked, row.CreatedAt, row.UpdatedAt);
        Span<byte> name = stackalloc byte[CrateName.MaxLength];
        var length = Canonical(_words.Texts[row.Name], name);
        var isNew = Names.Find(name[..length]) < 0;
        var crate = Names.Add(name[..length]);
        if (crate == _places.Length)
        {
            Array.Resize(ref _places, Math.Max(64, crate * 5 / 4));
        }

        if (!isNew)
        {
            List(crate, Read(_places[crate]), isListed: false);
        }

        _places[crate] = place;

        List(crate, row, isListed: true);
    }

    private static int Canonical(ReadOnlySpan<byte> text, Span<byte> name)
    {
        Ascii.ToLower(text, name, out var length);
        name[..length].Replace((byte)'-', (byte)'_');
        return length;
    }

    /// <summary>Puts a crate into all lists that it is in by a row, or takes it out of them.</summary>
    private void List(int crate, PackedRow row, bool isListed)
    {
        var lists = row.Lists;
        while (_dependents.Count < _words.Texts.Count)
        {
            _dependents.Add(0);
        }

        if (isListed)
        {
            Descriptions.Put(crate, Encoding.UTF8.GetBytes(row.SearchedDescription));
        }

        _ = isListed && row.IsRestricted ? _restricted.Add(crate) : _restricted.Remove(crate);
        if (row.VersionCount == 0)
        {
            return;
        }

        foreach (var dependency in lists.Dependencies)
        {
            _dependents[dependency] += isListed ? 1 : -1;
        }

        foreach (var keyword in lists.Keywords)
        {
            Each(TopicKind.Keyword, _words.Text(keyword));
        }

        foreach (var category in lists.Categories)
        {
            var name = _words.Text(category);
            Each(TopicKind.Category, name);
            for (var at = name.LastIndexOf("::", StringComparison.Ordinal); at > 0; at = name.LastIndexOf("::", at - 1, StringComparison.Ordinal))
            {
                Each(TopicKind.Category, name[..at]);
            }
        }

        void Each(TopicKind kind, string name)
        {
            if (isListed)
            {
                Topics(kind).Add(name, crate);
            }
            else
            {
                Topics(kind).Remove(name, crate);
            }
        }
    }

    /// <summary>Where a crate's row is, and what of it must be known at once.</summary>
    /// <param name="Chunk">In which of the chunks.</param>
    /// <param name="Start">Where in it.</param>
    /// <param name="Name">The name as it is spelled, in the table.</param>
    /// <param name="Owners">The owners, in the table: the same number, the same owners.</param>
    /// <param name="VersionCount">How many versions there are.</param>
    /// <param name="IsYanked">Whether all of them are yanked.</param>
    /// <param name="CreatedAt">In ticks of UTC.</param>
    /// <param name="UpdatedAt">In ticks of UTC.</param>
    internal readonly record struct Place(int Chunk, int Start, int Name, int Owners, int VersionCount, bool IsYanked, long CreatedAt, long UpdatedAt);
}
