namespace Raktar.Projections;

/// <summary>A fold needs an earlier commit again, or holds too much: it may succeed from the first commit on, once it is known which versions are deleted in the end.</summary>
public sealed class CannotFoldOnException() : Exception("the stream has to be folded from its first commit");
