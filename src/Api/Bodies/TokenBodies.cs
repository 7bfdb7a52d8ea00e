using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Raktar.Application;
using Raktar.Application.Accounts;
using Raktar.Application.Accounts.TokenChanges;
using Raktar.Application.Callers;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Bodies;

/// <summary>Tokens in crates.io's words, in and out.</summary>
internal static class TokenBodies
{
    /// <summary>The command that a request asks for, or what is wrong with it.</summary>
    public static Outcome<IssueToken> ToCommand(this TokenRequest request, Caller by, Login login)
    {
        if (request.Name is not { } name)
        {
            return new InvalidInput("field `name` is missing");
        }

        var (scopes, crates) = (ScopesOf(request.EndpointScopes ?? []), PatternsOf(request.CrateScopes ?? []));
        if ((scopes.Refusal ?? crates.Refusal) is { } wrong)
        {
            return wrong;
        }

        DateTimeOffset? end = null;
        if (request.ExpiredAt.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
        {
            if (request.ExpiredAt.ValueKind != JsonValueKind.String
                || !DateTimeOffset.TryParse(request.ExpiredAt.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            {
                return new InvalidInput("field `expired_at` must be a time such as `2027-01-31T00:00:00Z`, or null for a token that never ends");
            }

            end = at;
        }

        return new IssueToken(by, login, name)
        {
            Scopes = request.EndpointScopes is null ? null : scopes.Value,
            Crates = request.CrateScopes is null ? null : crates.Value,
            ExpiresAt = end,
            ForEver = request.ExpiredAt.ValueKind == JsonValueKind.Null,
        };
    }

    /// <summary>Scopes as people write them, or which of them is none.</summary>
    public static Outcome<IReadOnlyList<TokenScope>> ScopesOf(IEnumerable<string> words)
    {
        var scopes = new List<TokenScope>();
        foreach (var word in words)
        {
            if (TokenScopes.Parse(word) is not { } scope)
            {
                return new InvalidInput($"unknown scope `{word}`; there are {string.Join(", ", Enum.GetValues<TokenScope>().Select(s => $"`{s.Word()}`"))}");
            }

            scopes.Add(scope);
        }

        return scopes;
    }

    /// <summary>Patterns as people write them, or which of them is none.</summary>
    public static Outcome<IReadOnlyList<CratePattern>> PatternsOf(IEnumerable<string> texts)
    {
        var patterns = new List<CratePattern>();
        foreach (var text in texts)
        {
            if (!CratePattern.TryParse(text, out var pattern))
            {
                return new InvalidInput($"crate pattern `{text}` is invalid; use a name, the beginning of names with a `*` behind it, or `*`");
            }

            patterns.Add(pattern);
        }

        return patterns;
    }

    /// <summary>A token as crates.io describes one; with its text when it was just made.</summary>
    public static TokenBody ToBody(this IssuedToken token, IReadOnlyDictionary<int, DateTimeOffset>? uses = null, string? text = null) => new()
    {
        Id = token.Id,
        Name = token.Name,
        EndpointScopes = token.Scopes.Words(),
        CrateScopes = token.Crates.Words(),
        CreatedAt = token.IssuedAt,
        LastUsedAt = uses?.TryGetValue(token.Id, out var at) == true ? at : null,
        ExpiredAt = token.ExpiresAt,
        Revoked = token.IsRevoked,
        Token = text,
    };

    /// <summary>Scopes as people write them.</summary>
    public static IReadOnlyList<string> Words(this IEnumerable<TokenScope> scopes) => [.. scopes.Select(scope => scope.Word())];

    /// <summary>Patterns as people wrote them.</summary>
    public static IReadOnlyList<string> Words(this IEnumerable<CratePattern> patterns) => [.. patterns.Select(pattern => pattern.Text)];
}

/// <summary>Unknown fields are refused here: a caller who asks for narrower scopes must not get a wider token.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TokenRequest
{
    public string? Name { get; init; }

    public IReadOnlyList<string>? EndpointScopes { get; init; }

    public IReadOnlyList<string>? CrateScopes { get; init; }

    /// <summary>When it ends (RFC 3339); null: never; absent: the registry's rule.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement ExpiredAt { get; init; }
}

/// <summary>crates.io's frame of the same.</summary>
internal sealed record MyTokenRequest(TokenRequest? ApiToken);

internal sealed record TokenBody
{
    public required int Id { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> EndpointScopes { get; init; }

    public required IReadOnlyList<string> CrateScopes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset? ExpiredAt { get; init; }

    public required bool Revoked { get; init; }

    /// <summary>The text; only in the answer that made it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }
}

internal sealed record TokensBody(IReadOnlyList<TokenBody> Tokens);

internal sealed record MyTokensBody(IReadOnlyList<TokenBody> ApiTokens);

internal sealed record MyTokenBody(TokenBody ApiToken);

internal sealed record LeakedTokenRequest(string? Token);
