using Raktar.Application.Crates.Search;
using Raktar.Application.Crates.Views;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Searching;

/// <summary>Rows in few bytes: no crate is missed, and none is found by what it said before.</summary>
public sealed class NarrowingDown
{
    private static readonly string[] Words = ["json", "Serde", "async-io", "x", "é", "İstanbul", "no_std", "a-b", "100%", "\u212Aelvin"];

    [Fact]
    public void Every_crate_that_has_the_word_now_is_found_however_often_it_changed()
    {
        var random = new Random(42);
        var found = new CatalogueRows();
        var rows = new Dictionary<string, CatalogueRow>(StringComparer.Ordinal);
        for (var i = 0; i < 6000; i++)
        {
            var row = Row($"c-{random.Next(400)}", string.Join(' ', Pick(), Pick()), Pick().ToLowerInvariant());
            rows[row.Name.Canonical] = row;
            found.Put(row, i + 1, i + 1);
            if (i % 500 == 499)
            {
                Check();
            }
        }

        void Check()
        {
            Assert.Equal(rows.Values.ToHashSet(), Enumerable.Range(0, found.Count).Select(found.Row).ToHashSet());
            // The same as they are kept, and without what is outdated.
            foreach (var each in (CatalogueRows[])[found, new(found.Chunks.Select(chunk => new ReadOnlyMemory<byte>(chunk.ToArray()))), found.Packed()])
            {
                foreach (var word in Words.Select(word => word.ToLowerInvariant()).Append("c_17").Append("c-3"))
                {
                    var having = rows.Values.Where(row => row.Entry.Description!.ToLowerInvariant().Contains(word, StringComparison.Ordinal)
                        || row.Entry.Keywords.Contains(word, StringComparer.Ordinal)
                        || row.Name.Canonical.Contains(word.Replace('-', '_'), StringComparison.Ordinal)).ToList();
                    Assert.NotEmpty(having);
                    Assert.Equal(having.Select(row => row.Name).ToHashSet(), new Ranking(word).Find(each).Select(crate => each.Row(crate.Crate).Name).ToHashSet());
                }
            }
        }

        string Pick() => Words[random.Next(Words.Length)];
    }

    private static CatalogueRow Row(string name, string description, string keyword)
    {
        var version = SemVersion.Parse("1.0.0");
        var entry = new CatalogueEntry(description, null, null, null, [keyword], [], []);
        return new(CrateName.Parse(name), version, version, version, version, 1, Yanked: false, default, default, Owners: [], entry);
    }
}
