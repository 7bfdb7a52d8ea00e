using Raktar.Application.Crates.Search;
using Raktar.Application.Crates.Views;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Searching;

/// <summary>The array of texts may find too much, never too little: a search that trusts it must not miss a crate.</summary>
public sealed class NarrowingDown
{
    private static readonly string[] Words = ["json", "Serde", "async-io", "x", "é", "İstanbul", "no_std", "a-b", "100%", "\u212Aelvin"];

    [Fact]
    public void Every_crate_that_has_the_word_now_is_found_however_often_it_changed()
    {
        var random = new Random(42);
        var texts = new SearchTexts();
        var rows = new Dictionary<string, CatalogueRow>(StringComparer.Ordinal);
        for (var i = 0; i < 6000; i++)
        {
            var row = Row($"c-{random.Next(400)}", string.Join(' ', Pick(), Pick()), Pick().ToLowerInvariant());
            rows[row.Name.Canonical] = row;
            texts.Put(row);
            if (i % 500 == 499)
            {
                Check();
            }
        }

        void Check()
        {
            foreach (var word in Words.Select(word => word.ToLowerInvariant()).Append("c_17").Append("c-3"))
            {
                var found = texts.With(word).Select(row => row.Name).ToHashSet();
                var having = rows.Values.Where(row => row.Search.Description.Contains(word, StringComparison.Ordinal)
                    || row.Search.Keywords.Contains(word, StringComparer.Ordinal)
                    || row.Search.Name.Contains(word.Replace('-', '_'), StringComparison.Ordinal)).ToList();
                Assert.NotEmpty(having);
                Assert.Subset(found, having.Select(row => row.Name).ToHashSet());
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
