using Raktar.Application.Log;

namespace Raktar.Projections.Following;

/// <summary>
/// A stream of which one projection cannot make its document: since when, why, how often it was tried, and when it is tried again. Everything else goes on.
/// </summary>
public sealed record SetAside(string Kind, StreamName Stream, string Problem, DateTimeOffset Since, int Tries, DateTimeOffset NextTry);
