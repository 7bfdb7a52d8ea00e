using Raktar.Application;
using Raktar.Domain;

namespace Raktar.Specs;

/// <summary>What follows an outcome runs on its value, and not at all where it was refused.</summary>
public sealed class GoingOn
{
    private static readonly Outcome<int> Refused = new InvalidInput("no");

    [Fact]
    public async Task A_value_goes_through_each_step()
    {
        Outcome<int> one = 1;
        Assert.Equal("2", one.Map(value => value + 1).Then(Text).Value);
        Assert.Equal("2", (await Task.FromResult(one).Then(value => Task.FromResult<Outcome<int>>(value + 1)).Then(Text).Map(text => text)).Value);
    }

    [Fact]
    public async Task A_refusal_goes_through_none()
    {
        Assert.Equal(Refused.Refusal, Refused.Map(Never).Refusal);
        Assert.Equal(Refused.Refusal, Refused.Then(value => Text(Never(value))).Refusal);
        Assert.Equal(Refused.Refusal, (await Task.FromResult(Refused).Map(Never).Then(value => Task.FromResult(Text(Never(value))))).Refusal);
    }

    private static Outcome<string> Text(int value) => $"{value}";

    private static int Never(int value) => throw new InvalidOperationException($"went on with {value}");
}
