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
