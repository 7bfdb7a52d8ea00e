using Raktar.Application.Crates.Search;
using Raktar.Application.Crates.Views;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Searching;

/// <summary>What a word is without its ending, and what a crate is worth to it.</summary>
public sealed class WordsInAllForms
{
    [Theory]
    [InlineData("parser", "pars")]
    [InlineData("parsers", "pars")]
    [InlineData("parsing", "pars")]
    [InlineData("macros", "macro")]
    [InlineData("serialization", "serial")]
    [InlineData("ring", "ring")]
    [InlineData("log", "log")]
    [InlineData("des", "des")]
    public void The_stem_of_a_word(string word, string stem) => Assert.Equal(stem, Ranking.Stem(word));

    [Fact]
    public void Each_word_must_be_somewhere_and_better_places_and_more_dependents_count()
    {
        var version = SemVersion.Parse("1.0.0");
        var entry = new CatalogueEntry("Reads settings", null, null, null, ["config"], ["encoding"], []);
        var rows = new CatalogueRows();
        rows.Put(new(CrateName.Parse("json-parser"), version, version, version, version, 1, Yanked: false, default, default, Owners: [], entry), 1, 1);

        Assert.Empty(new Ranking("json yaml").Find(rows));
        Assert.True(Score("json") > Score("config"));
        Assert.True(Score("config") > Score("encoding"));
        Assert.True(Score("encoding") > Score("settings"));
        Assert.True(Score("parser") > Score("parsing"));
        Assert.True(Score("settings") + (Ranking.Score(0, 1000) - Ranking.Score(0, 0)) > Score("json"));
        Assert.True(Score("JSON parser") > Score("json") + (Ranking.Score(0, 1_000_000) - Ranking.Score(0, 0)));
        Assert.True(Score("json parser") > Score("jsonparser"));

        double Score(string search) => Assert.Single(new Ranking(search).Find(rows)).Score;
    }
}
