using Raktar.Application;

namespace Raktar.Specs;

public sealed class WritingTimes
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2026-11-20", "2026-11-20T00:00:00.0000000Z")]
    [InlineData("2026-11-20T09:30:00Z", "2026-11-20T09:30:00.0000000Z")]
    [InlineData("2026-11-20T09:30:00.5Z", "2026-11-20T09:30:00.5000000Z")]
    [InlineData("2026-11-20T09:30:00.1234567Z", "2026-11-20T09:30:00.1234567Z")]
    [InlineData("2026-11-20T01:30:00+02:00", "2026-11-19T23:30:00.0000000Z")]
    [InlineData("2026-11-19T19:30:00.25-04:30", "2026-11-20T00:00:00.2500000Z")]
    [InlineData("2026-11-25T12:00:00Z", "2026-11-25T12:00:00.0000000Z")]
    [InlineData("0001-01-01", "0001-01-01T00:00:00.0000000Z")]
    public void Some_are_read(string text, string time) => Assert.Equal(time, $"{Instant.Read(text, Now).Value.UtcDateTime:O}");

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("20261120")]
    [InlineData("2026-11-20 09:30:00Z")]
    [InlineData("2026-11-20T09:30:00")]
    [InlineData("2026-11-20T09:30Z")]
    [InlineData("2026-11-20T09:30:00.Z")]
    [InlineData("2026-11-20T09:30:00.12345678Z")]
    [InlineData("2026-11-20T09:30:00+0200")]
    [InlineData("2026-11-20T09:30:00+15:00")]
    [InlineData("2026-11-20T09:30:60Z")]
    [InlineData("2026-11-20T24:00:00Z")]
    [InlineData("2026-02-30")]
    [InlineData("2026-13-01")]
    [InlineData("2026-11-20Z")]
    [InlineData("2026-11-20\n")]
    [InlineData(" 2026-11-20")]
    [InlineData("0000-01-01")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("\u0662026-11-20")]
    [InlineData("1763631000")]
    public void Others_are_not(string text) => Assert.StartsWith($"`{text}` is not a time", Instant.Read(text, Now).Refusal!.Sentence, StringComparison.Ordinal);

    [Theory]
    [InlineData("2026-11-25T12:00:00.0000001Z")]
    [InlineData("2026-11-26")]
    [InlineData("9999-12-31")]
    public void The_future_is_refused(string text) => Assert.Equal($"`{text}` is in the future", Instant.Read(text, Now).Refusal!.Sentence);
}
