namespace Raktar.Api.Http;

/// <summary>The sentence of an error that was answered.</summary>
internal sealed record AnsweredSentence(string Text);
