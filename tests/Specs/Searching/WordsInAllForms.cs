using Raktar.Application.Crates.Search;
using Raktar.Application.Crates.Views;

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
        var text = new SearchText("json_parser", ["config"], ["encoding"], "reads settings");
        Assert.Equal(0, new Ranking("json yaml").Score(text, 100));
        Assert.True(Score("json") > Score("config"));
        Assert.True(Score("config") > Score("encoding"));
        Assert.True(Score("encoding") > Score("settings"));
        Assert.True(Score("parser") > Score("parsing"));
        Assert.True(new Ranking("settings").Score(text, 1000) > new Ranking("json").Score(text, 0));
        Assert.True(Score("JSON parser") > new Ranking("json").Score(text, 1_000_000));
        Assert.True(Score("json parser") > Score("jsonparser"));

        double Score(string search) => new Ranking(search).Score(text, 0);
    }
}
