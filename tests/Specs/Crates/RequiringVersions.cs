using Raktar.Domain.Crates;

namespace Raktar.Specs.Crates;

public class RequiringVersions
{
    [Theory]
    [InlineData("1", "^1")]
    [InlineData("1.0", "^1.0")]
    [InlineData("1.2.3", "^1.2.3")]
    [InlineData(" 1.2.3 ", "^1.2.3")]
    [InlineData("^1.2", "^1.2")]
    [InlineData("^ 1.2", "^1.2")]
    [InlineData("~1", "~1")]
    [InlineData("~1.2", "~1.2")]
    [InlineData("=1.2.3", "=1.2.3")]
    [InlineData("= 1.2.3", "=1.2.3")]
    [InlineData(">1", ">1")]
    [InlineData("<2.0.0-0", "<2.0.0-0")]
    [InlineData(">=1, <2", ">=1, <2")]
    [InlineData(">=1,<2", ">=1, <2")]
    [InlineData(">= 1.0 , < 2.0", ">=1.0, <2.0")]
    [InlineData("1, 2, 3", "^1, ^2, ^3")]
    [InlineData("*", "*")]
    [InlineData(" * ", "*")]
    [InlineData("x", "*")]
    [InlineData("X", "*")]
    [InlineData("1.*", "1.*")]
    [InlineData("1.x", "1.*")]
    [InlineData("1.*.*", "1.*")]
    [InlineData("1.2.X", "1.2.*")]
    [InlineData("=1.*", "=1")]
    [InlineData(">=1.2.*", ">=1.2")]
    [InlineData("1.0.0-beta.1", "^1.0.0-beta.1")]
    [InlineData("1.0.0-0a.-", "^1.0.0-0a.-")]
    [InlineData("1.0.0+build.01", "^1.0.0")]
    [InlineData("=1.0.0-rc.1+b", "=1.0.0-rc.1")]
    [InlineData("1.0.0+build, <1.5.0+x-y", "^1.0.0, <1.5.0")]
    [InlineData("0", "^0")]
    [InlineData("18446744073709551615", "^18446744073709551615")]
    public void A_requirement_is_written_as_cargo_writes_it(string text, string written) =>
        Assert.Equal(written, VersionReq.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(",")]
    [InlineData("1,")]
    [InlineData(",1")]
    [InlineData("1,,2")]
    [InlineData("1 2")]
    [InlineData("1\t")]
    [InlineData("v1")]
    [InlineData("a")]
    [InlineData("01")]
    [InlineData("1.02")]
    [InlineData("1.2.03")]
    [InlineData("1.2.3.4")]
    [InlineData("1.")]
    [InlineData("1..2")]
    [InlineData(".1")]
    [InlineData("1. 2")]
    [InlineData("-1")]
    [InlineData("1-beta")]
    [InlineData("1.2-beta")]
    [InlineData("1.2+b")]
    [InlineData("1.*-beta")]
    [InlineData("1.2.3-")]
    [InlineData("1.2.3+")]
    [InlineData("1.2.3-a..b")]
    [InlineData("1.2.3-01")]
    [InlineData("1.2.3-ä")]
    [InlineData("1.2.3 -a")]
    [InlineData("1.*.3")]
    [InlineData("*.1")]
    [InlineData("*.*")]
    [InlineData("**")]
    [InlineData(">*")]
    [InlineData("*, 1")]
    [InlineData("1, *")]
    [InlineData("> = 1")]
    [InlineData("==1")]
    [InlineData("=>1")]
    [InlineData("!=1")]
    [InlineData("1 || 2")]
    [InlineData("18446744073709551616")]
    [InlineData("１")]
    public void What_the_semver_crate_refuses_is_refused(string text) => Assert.False(VersionReq.TryParse(text, out _));

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void A_requirement_has_at_most_32_comparators(int count, bool accepted) =>
        Assert.Equal(accepted, VersionReq.TryParse(string.Join(',', Enumerable.Repeat(">=1", count)), out _));

    [Theory]
    [InlineData("1.2.3", "1.2.3 1.2.4 1.9.0 1.2.3+b", "1.2.2 2.0.0 0.9.0 1.2.3-a 1.2.4-a")]
    [InlineData("1.2", "1.2.0 1.3.0", "1.1.9 2.0.0 1.2.0-a")]
    [InlineData("1", "1.0.0 1.9.9", "0.9.9 2.0.0 1.0.0-a")]
    [InlineData("0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0 1.2.3")]
    [InlineData("0.2", "0.2.0 0.2.9", "0.1.9 0.3.0")]
    [InlineData("0.0.3", "0.0.3", "0.0.2 0.0.4 0.1.3")]
    [InlineData("0.0", "0.0.0 0.0.9", "0.1.0")]
    [InlineData("0", "0.0.0 0.9.9", "1.0.0")]
    [InlineData("~1.2.3", "1.2.3 1.2.9", "1.2.2 1.3.0 1.2.4-a")]
    [InlineData("~1.2", "1.2.0 1.2.9", "1.1.0 1.3.0 1.2.0-a")]
    [InlineData("~1", "1.0.0 1.9.0", "2.0.0 0.9.0")]
    [InlineData("=1.2.3", "1.2.3 1.2.3+b", "1.2.4 1.2.3-a")]
    [InlineData("=1.2", "1.2.0 1.2.9", "1.3.0 1.2.0-a")]
    [InlineData("=1", "1.0.0 1.9.9", "2.0.0")]
    [InlineData(">1.2.3", "1.2.4 2.0.0", "1.2.3 1.0.0 2.0.0-a")]
    [InlineData(">1.2", "1.3.0 2.0.0", "1.2.9 1.2.0")]
    [InlineData(">1", "2.0.0", "1.9.9 1.0.0")]
    [InlineData(">=1.2", "1.2.0 3.0.0", "1.1.9 1.2.0-a")]
    [InlineData("<1.2.3", "1.2.2 0.1.0", "1.2.3 1.2.3-a 1.2.2-a")]
    [InlineData("<1.2", "1.1.9", "1.2.0")]
    [InlineData("<1", "0.9.9", "1.0.0")]
    [InlineData("<=1.2", "1.2.9 1.0.0", "1.3.0")]
    [InlineData("<=1", "1.9.9", "2.0.0")]
    [InlineData("*", "0.0.0 9.9.9", "1.0.0-a")]
    [InlineData("1.*", "1.0.0 1.9.9", "2.0.0 1.0.0-a")]
    [InlineData("1.2.*", "1.2.0 1.2.9", "1.3.0")]
    [InlineData(">=1.2, <1.5", "1.2.0 1.4.9", "1.1.0 1.5.0")]
    [InlineData("1.2.3-beta.2", "1.2.3-beta.2 1.2.3-beta.11 1.2.3-rc 1.2.3 1.3.0", "1.2.3-beta.1 1.2.3-alpha 1.2.4-rc 2.0.0")]
    [InlineData("0.0.1-a", "0.0.1-a 0.0.1-b 0.0.1", "0.0.2 0.0.2-a")]
    [InlineData("~1.2.3-b", "1.2.3-b 1.2.3-c 1.2.3 1.2.4", "1.2.3-a 1.3.0")]
    [InlineData("=1.2.3-a", "1.2.3-a 1.2.3-a+b", "1.2.3 1.2.3-b")]
    [InlineData(">1.2.3-a", "1.2.3-b 1.2.3 1.2.4", "1.2.3-a 1.2.4-b")]
    [InlineData(">=1.2.3-a, <2.0.0", "1.2.3-a 1.9.9", "2.0.0 2.0.0-a 1.9.9-a")]
    [InlineData("<1.2.3-b", "1.2.3-a 1.2.2", "1.2.3-b 1.2.3 1.2.2-a")]
    [InlineData("<=1.2.3-b", "1.2.3-b 1.2.3-a 1.0.0", "1.2.3-c 1.2.3")]
    public void A_requirement_matches_as_in_the_semver_crate(string requirement, string matching, string other)
    {
        var parsed = VersionReq.Parse(requirement);

        Assert.All(matching.Split(' '), version => Assert.True(parsed.Matches(SemVersion.Parse(version)), version));
        Assert.All(other.Split(' '), version => Assert.False(parsed.Matches(SemVersion.Parse(version)), version));
    }

    [Fact]
    public void Equal_requirements_are_those_written_alike()
    {
        Assert.Equal(VersionReq.Parse("1.0"), VersionReq.Parse(" ^1.0"));
        Assert.NotEqual(VersionReq.Parse("1.0"), VersionReq.Parse("1.0.0"));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("1.*", false)]
    [InlineData(">=0", false)]
    public void Only_the_bare_star_accepts_any_version(string text, bool any) => Assert.Equal(any, VersionReq.Parse(text).IsAny);
}
