using Raktar.Application.Crates.Views;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Projections;

public sealed class Offering
{
    [Theory]
    [InlineData("1.0.0 2.0.0-rc.1", "1.0.0", "2.0.0-rc.1", "1.0.0")]
    [InlineData("1.0.0 2.0.0", "2.0.0", "2.0.0", "2.0.0")]
    [InlineData("1.0.0 2.0.0!", "1.0.0", "1.0.0", "1.0.0")]
    [InlineData("1.0.0-a 1.0.0-b", "1.0.0-b", "1.0.0-b", null)]
    [InlineData("1.0.0! 2.0.0!", "2.0.0", "2.0.0", "2.0.0")]
    [InlineData("0.9.0 1.0.0!", "0.9.0", "0.9.0", "0.9.0")]
    public void The_highest_release_is_offered_and_yanked_ones_are_not(string versions, string offered, string max, string? stable)
    {
        var picked = DefaultVersions.Of(versions.Split(' '), text => SemVersion.Parse(text.TrimEnd('!')), text => text.EndsWith('!'));
        Assert.Equal((offered, max, stable), (picked.Default.TrimEnd('!'), picked.Max.TrimEnd('!'), picked.MaxStable?.TrimEnd('!')));
    }
}
