using Raktar.Domain.Crates;

namespace Raktar.Specs.Crates;

public sealed class Names
{
    [Theory]
    [InlineData("a", "1/a")]
    [InlineData("Ab", "2/ab")]
    [InlineData("aBc", "3/a/abc")]
    [InlineData("Cargo", "ca/rg/cargo")]
    [InlineData("foo-Bar_2", "fo/o-/foo-bar_2")]
    public void A_name_keeps_its_spelling_and_has_a_lower_case_path(string text, string path)
    {
        var name = CrateName.Parse(text);
        Assert.Equal(text, name.ToString());
        Assert.Equal(path, name.IndexPath);
    }

    [Theory]
    [InlineData("", "crate name is empty")]
    [InlineData("1a", "crate name `1a` starts with a digit; it must start with an ASCII letter")]
    [InlineData("_a", "crate name `_a` must start with an ASCII letter")]
    [InlineData("-a", "crate name `-a` must start with an ASCII letter")]
    [InlineData("aéx", "crate name `aéx` contains `é`; use ASCII letters, digits, `-` and `_`")]
    [InlineData("a::b", "crate name `a::b` contains `:`; use ASCII letters, digits, `-` and `_`")]
    [InlineData("a b", "crate name `a b` contains ` `; use ASCII letters, digits, `-` and `_`")]
    [InlineData("a/b", "crate name `a/b` contains `/`; use ASCII letters, digits, `-` and `_`")]
    [InlineData("\u212Aelvin", "crate name `\u212Aelvin` must start with an ASCII letter")]
    public void An_impossible_name_is_told_why(string text, string sentence)
    {
        Assert.False(CrateName.TryParse(text, out _, out var problem));
        Assert.Equal(sentence, problem);
    }

    [Fact]
    public void Sixty_four_characters_are_the_most()
    {
        Assert.True(CrateName.TryParse(new string('a', 64), out _));
        Assert.False(CrateName.TryParse(new string('a', 65), out _, out var problem));
        Assert.Equal("crate name is 65 characters (max 64)", problem);
    }

    [Theory]
    [InlineData("Foo-Bar", "foo_bar", true)]
    [InlineData("INPUT", "input", true)]
    [InlineData("foo", "fo-o", false)]
    public void Case_and_dashes_do_not_make_another_crate(string one, string other, bool same) =>
        Assert.Equal(same, CrateName.Parse(one) == CrateName.Parse(other));
}
