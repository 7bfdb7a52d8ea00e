using Raktar.Domain.Crates;

namespace Raktar.Specs.Crates;

public sealed class Versions
{
    [Theory]
    [InlineData("0.0.0")]
    [InlineData("18446744073709551615.0.0")]
    [InlineData("1.2.3-rc.1+b.2")]
    [InlineData("1.2.3+001")]
    [InlineData("1.2.3--")]
    [InlineData("1.2.3-0a.x-y")]
    [InlineData("1.0.0-99999999999999999999999")]
    public void What_cargo_reads_is_read(string text) => Assert.Equal(text, SemVersion.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.0")]
    [InlineData("v1.0.0")]
    [InlineData("01.0.0")]
    [InlineData("1.0.00")]
    [InlineData("1.0.0-")]
    [InlineData("1.0.0+")]
    [InlineData("1.0.0-01")]
    [InlineData("1.0.0-a..b")]
    [InlineData("1.0.0 ")]
    [InlineData("1.0.0.0")]
    [InlineData("18446744073709551616.0.0")]
    [InlineData("1.0.0-ä")]
    [InlineData("1.0.0+a+b")]
    [InlineData("-1.0.0")]
    [InlineData("+1.0.0")]
    public void What_cargo_does_not_read_is_refused(string text) => Assert.False(SemVersion.TryParse(text, out _));

    [Fact]
    public void A_hundred_and_fifty_characters_are_the_most()
    {
        Assert.True(SemVersion.TryParse("1.0.0-" + new string('a', 144), out _));
        Assert.False(SemVersion.TryParse("1.0.0-" + new string('a', 145), out _));
    }

    [Fact]
    public void Build_metadata_does_not_make_another_version() =>
        Assert.Equal(SemVersion.Parse("1.0.0+a"), SemVersion.Parse("1.0.0+b"));

    [Fact]
    public void The_order_is_that_of_semver()
    {
        string[] ordered =
        [
            "0.9.9", "1.0.0-0", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
            "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "10.0.0",
        ];
        for (var i = 0; i < ordered.Length; i++)
        {
            for (var j = 0; j < ordered.Length; j++)
            {
                Assert.Equal(i.CompareTo(j), Math.Sign(SemVersion.Parse(ordered[i]).CompareTo(SemVersion.Parse(ordered[j]))));
            }
        }
    }
}
