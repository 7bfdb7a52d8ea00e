using Raktar.Domain;

namespace Raktar.Api.OpenId;

/// <summary>A sign-in that ends with a sentence: the framework's way out of a handler is an exception.</summary>
internal sealed class SignInException(Refusal refusal) : Exception(refusal.Sentence)
{
    /// <summary>What to tell.</summary>
    public Refusal Refusal { get; } = refusal;
}
