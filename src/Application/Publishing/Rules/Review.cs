using Raktar.Domain;

namespace Raktar.Application.Publishing.Rules;

/// <summary>What the rules have to say of one publish: the first reason to refuse it, and the warnings cargo will show.</summary>
internal sealed class Review
{
    private readonly List<string> _warnings = [];

    /// <summary>The first reason why not, or null.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>Warnings so far, each once.</summary>
    public IEnumerable<string> Warnings => _warnings.Distinct(StringComparer.Ordinal);

    /// <summary>Refuses, unless something else did already.</summary>
    public void Refuse(string sentence) => Refusal ??= new InvalidInput(sentence);

    /// <summary>Does what a policy says of something it dislikes.</summary>
    public void Dislike(Policy policy, string sentence)
    {
        switch (policy)
        {
            case Policy.Reject:
                Refuse(sentence);
                break;
            case Policy.Warn:
                _warnings.Add(sentence);
                break;
        }
    }
}
