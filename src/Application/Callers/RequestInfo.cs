namespace Raktar.Application.Callers;

/// <summary>What the log says of a request besides its caller: the client's user agent, and the name by which the server's own log has the request.</summary>
public sealed record RequestInfo(string? Client, string Correlation);
