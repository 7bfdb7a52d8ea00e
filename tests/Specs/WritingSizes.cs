using Raktar.Application;

namespace Raktar.Specs;

/// <summary>Numbers of bytes for people.</summary>
public sealed class WritingSizes
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1 KB")]
    [InlineData(1700, "1.7 KB")]
    [InlineData(10_239, "10 KB")]
    [InlineData(52_428_800, "50 MB")]
    public void Sizes_are_round(long bytes, string text) => Assert.Equal(text, Sizes.Text(bytes));
}
