using Raktar.Domain;

namespace Raktar.Application;

/// <summary>How a use case ended: with a value, or with a refusal. Every request answers one.</summary>
public readonly record struct Outcome<T> : IOutcome<Outcome<T>>
{
    private readonly T? _value;

    private Outcome(T? value, Refusal? refusal) => (_value, Refusal) = (value, refusal);

    /// <summary>Why not, or null.</summary>
    public Refusal? Refusal { get; }

    /// <summary>The value; asking a refused outcome for it is a programming error.</summary>
    public T Value => Refusal is null ? _value! : throw new InvalidOperationException($"refused: {Refusal.Sentence}");

    /// <summary>It worked.</summary>
    public static implicit operator Outcome<T>(T value) => new(value, null);

    /// <summary>It was refused.</summary>
    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);

    /// <inheritdoc/>
    public static Outcome<T> Refused(Refusal refusal) => refusal;

    /// <summary>The outcome with what <paramref name="map"/> makes of its value; a refusal stays what it is, here and below.</summary>
    public Outcome<TNext> Map<TNext>(Func<T, TNext> map) => Refusal is { } refusal ? refusal : map(_value!);

    /// <summary>Goes on with the value.</summary>
    public Outcome<TNext> Then<TNext>(Func<T, Outcome<TNext>> next) => Refusal is { } refusal ? refusal : next(_value!);

    /// <summary>Goes on with the value.</summary>
    public Task<Outcome<TNext>> Then<TNext>(Func<T, Task<Outcome<TNext>>> next) =>
        Refusal is { } refusal ? Task.FromResult<Outcome<TNext>>(refusal) : next(_value!);
}

/// <summary>The same for outcomes that are still on their way.</summary>
public static class OutcomeTasks
{
    /// <summary>The outcome with what <paramref name="map"/> makes of its value.</summary>
    public static async Task<Outcome<TNext>> Map<T, TNext>(this Task<Outcome<T>> outcome, Func<T, TNext> map) => (await outcome).Map(map);

    /// <summary>Goes on with the value.</summary>
    public static async Task<Outcome<TNext>> Then<T, TNext>(this Task<Outcome<T>> outcome, Func<T, Outcome<TNext>> next) => (await outcome).Then(next);

    /// <summary>Goes on with the value.</summary>
    public static async Task<Outcome<TNext>> Then<T, TNext>(this Task<Outcome<T>> outcome, Func<T, Task<Outcome<TNext>>> next) =>
        await (await outcome).Then(next);
}

/// <summary>Lets the validation step refuse any use case without knowing its value's type.</summary>
public interface IOutcome<TSelf>
    where TSelf : IOutcome<TSelf>
{
    /// <summary>The refused outcome.</summary>
    static abstract TSelf Refused(Refusal refusal);
}

/// <summary>A use case that has nothing to tell but that it is done.</summary>
public readonly record struct Done;
