using System.Globalization;
using Raktar.Api.Bodies;
using Raktar.Domain;

namespace Raktar.Api.Endpoints.Crates;

/// <summary>Which part of a long answer is asked for: <c>page</c> and <c>per_page</c>, as crates.io has them.</summary>
internal static class PageQuery
{
    /// <summary>The most that one page holds.</summary>
    public const int MaxPerPage = 100;

    /// <summary>The last page: deeper ones cost more than anybody reads.</summary>
    public const int MaxPage = 1000;

    /// <summary>The answer to what <see cref="Paging"/> does not read.</summary>
    public static readonly InvalidInput NoSuchPage = new(
        $"`page` must be a number from 1 to {MaxPage}, `per_page` a number from 1 (at most {MaxPerPage} are answered), and there is no `seek`");

    /// <summary>The page, from 1, and how much is on it; null: the query asks for no page.</summary>
    public static (int Page, int PerPage)? Paging(IQueryCollection query)
    {
        if (!TryNumber(query, "page", 1, out var page) || !TryNumber(query, "per_page", 10, out var perPage) || page > MaxPage || query.ContainsKey("seek"))
        {
            return null;
        }

        return (page, Math.Min(perPage, MaxPerPage));
    }

    /// <summary>How much there is, and the pages beside this one.</summary>
    public static PageMeta Meta(HttpContext context, int page, int perPage, int total) =>
        new(total, Link(context, page + 1, (long)page * perPage < total), Link(context, page - 1, page > 1));

    /// <summary>The same query for another page; null where there is none.</summary>
    public static string? Link(HttpContext context, int page, bool exists) => exists
        ? QueryString.Create(context.Request.Query
            .Where(pair => !string.Equals(pair.Key, "page", StringComparison.Ordinal))
            .SelectMany(pair => pair.Value.Select(value => KeyValuePair.Create(pair.Key, value)))
            .Append(KeyValuePair.Create<string, string?>("page", page.ToString(CultureInfo.InvariantCulture)))).Value
        : null;

    private static bool TryNumber(IQueryCollection query, string key, int otherwise, out int number)
    {
        number = otherwise;
        return query[key].ToString() is not { Length: > 0 } text
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1);
    }
}
