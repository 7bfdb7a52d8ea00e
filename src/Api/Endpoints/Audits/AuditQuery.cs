using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;
using Raktar.Application;
using Raktar.Application.Audit;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Api.Endpoints.Audits;

/// <summary>The audit's filters as they are in addresses, of the API and of the page. What is left empty is not given.</summary>
internal static class AuditQuery
{
    private const string CursorName = "cursor";

    private static readonly string[] Names = ["crate", "actor", "token", "kind", "since", "until", "outcome"];

    /// <summary>What is asked for and from where on, or what is wrong with it. Parameters beside these and <paramref name="others"/> do not exist.</summary>
    public static Outcome<(AuditFilter Filter, AuditPlace? Before)> Read(IQueryCollection query, params string[] others)
    {
        string[] names = [.. Names, .. others, CursorName];
        if (query.Keys.FirstOrDefault(key => !names.Contains(key, StringComparer.Ordinal)) is { } unknown)
        {
            return new InvalidInput($"there is no filter `{unknown}`; there are {string.Join(", ", names.Select(name => $"`{name}`"))}");
        }

        CrateName? crate = null;
        if (query.One("crate") is { } name && !CrateName.TryParse(name, out crate))
        {
            return new InvalidInput($"`{name}` is not a crate's name");
        }

        Login? actor = null;
        if (query.One("actor") is { } login && !Login.TryParse(login, out actor))
        {
            return new InvalidInput($"`{login}` is not a login");
        }

        var token = 0;
        if (query.One("token") is { } number && !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out token))
        {
            return new InvalidInput($"`{number}` is not a token's number");
        }

        var (since, until) = (Time("since"), Time("until"));
        if ((since?.Refusal ?? until?.Refusal) is { } notATime)
        {
            return notATime;
        }

        if (!Enum.TryParse<AuditOutcome>(query.One("outcome") ?? "all", ignoreCase: true, out var outcome)
            || !string.Equals(outcome.ToString(), query.One("outcome") ?? "all", StringComparison.OrdinalIgnoreCase))
        {
            return new InvalidInput($"there is no outcome `{query.One("outcome")}`; there are `all`, `done` and `refused`");
        }

        AuditPlace? before = null;
        if (query.One(CursorName) is { } cursor && (before = PlaceOf(cursor)) is null)
        {
            return new InvalidInput("`cursor` is not one that an earlier page gave");
        }

        var filter = new AuditFilter
        {
            Crate = crate,
            Actor = actor,
            Token = query.One("token") is null ? null : token,
            Kinds = [.. query["kind"].SelectMany(kinds => (kinds ?? string.Empty).Split(',')).Where(kind => kind.Length > 0)],
            Since = since?.Value,
            Until = until?.Value,
            Outcome = outcome,
        };
        return (filter, before);

        // Times to come are good limits too.
        Outcome<DateTimeOffset>? Time(string key) => query.One(key) is { } text ? Instant.Read(text, DateTimeOffset.MaxValue) : default(Outcome<DateTimeOffset>?);
    }

    /// <summary>A parameter, or null where it is missing or empty.</summary>
    public static string? One(this IQueryCollection query, string key) => query[key].ToString() is { Length: > 0 } value ? value : null;

    /// <summary>The same question, for what comes after <paramref name="place"/>; null: from the beginning.</summary>
    public static QueryString From(this IQueryCollection query, AuditPlace? place, params IEnumerable<KeyValuePair<string, string>> others) => QueryString.Create(query
        .Where(pair => !string.Equals(pair.Key, CursorName, StringComparison.Ordinal) && !StringValues.IsNullOrEmpty(pair.Value))
        .Concat(others.Select(other => KeyValuePair.Create(other.Key, new StringValues(other.Value))))
        .Concat(place is { } next ? [KeyValuePair.Create(CursorName, new StringValues(Cursor(next)))] : Array.Empty<KeyValuePair<string, StringValues>>()));

    private static string Cursor(AuditPlace place) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(place.ToString()));

    private static AuditPlace? PlaceOf(string cursor) =>
        cursor.Length <= 1000 && Base64Url.IsValid(cursor) && AuditPlace.TryParse(Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor)), out var place) ? place : null;
}
