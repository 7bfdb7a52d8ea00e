using Raktar.Application.Events;
using Raktar.Domain.Accounts;

namespace Raktar.Application;

/// <summary>Who asks: the account behind the token, what it may do, and what the log will say of the request.</summary>
public sealed record Caller(Login Login, Role Role, int Token, string? Client, string Correlation)
{
    /// <summary>Whether the caller may act on everybody's crates and accounts.</summary>
    public bool IsAdmin => Role == Role.Admin;

    /// <summary>The stamp of what this caller appends at <paramref name="at"/>.</summary>
    public Stamp Stamp(DateTimeOffset at) => new(new Actor(Login, Token, Client), Correlation, at);
}
