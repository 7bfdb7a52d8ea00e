using System.Globalization;
using Raktar.Domain;

namespace Raktar.Api.Web.Frame;

/// <summary>What the routes of pages have in common.</summary>
internal static class PageRoutes
{
    /// <summary>Deeper pages cost more than anybody reads.</summary>
    public const int MaxPage = 10_000;

    /// <summary>What <see cref="PageOf"/> refuses.</summary>
    public static readonly InvalidInput NoSuchPage = new($"`page` is a number from 1 (max {MaxPage})");

    /// <summary>Marks a route as one of a page or of its form: what it refuses, it refuses with a page.</summary>
    public static RouteHandlerBuilder IsPage(this RouteHandlerBuilder route) => route.WithMetadata(WebPage.Mark).ExcludeFromDescription();

    /// <summary>Which page of many is asked for, from 1; null: that is no page.</summary>
    public static int? PageOf(HttpContext context) =>
        context.Request.Query["page"].ToString() is not { Length: > 0 } text ? 1
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page is >= 1 and <= MaxPage ? page
        : null;
}
