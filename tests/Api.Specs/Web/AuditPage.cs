using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Application.Audit;
using Raktar.Application.Log;
using Raktar.Domain.Accounts;
using Raktar.Testing;

namespace Raktar.Api.Specs.Web;

/// <summary>The audit as a page.</summary>
public sealed partial class AuditPage(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task It_tells_who_did_what_in_words_and_what_was_refused()
    {
        using var teller = await _server.Account("teller");
        (await RawCrate.Of("told", "1.0.0").Publish(teller)).EnsureSuccessStatusCode();
        (await teller.DeleteAsync("api/v1/crates/told/1.0.0/yank?message=it+%3Cb%3Ebroke%E2%80%AE")).EnsureSuccessStatusCode();
        using var refused = await teller.DeleteAsync("api/v1/crates/told/9.9.9/yank");
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);

        using var admin = await Visitor.Of(_server, "admin");
        var html = await admin.Page("/audit?actor=teller");
        Assert.Equal(
            [
                "tried DELETE /api/v1/crates/{name}/{version}/yank: crate `told` has no version `9.9.9`",
                "yanked told 1.0.0: it <b>broke‹U+202E›",
                "published told 1.0.0 (some B)",
                "created the crate told, owned by teller",
            ],
            What(html));
        Assert.DoesNotContain("<b>broke", html, StringComparison.Ordinal);
        Assert.Contains("<span class=\"badge bad\">404</span>", html, StringComparison.Ordinal);
        Assert.Equal(["yanked told 1.0.0: it <b>broke‹U+202E›"], What(await admin.Page("/audit?crate=told&kind=version-yanked&actor=&since=&until=&outcome=all")));
        Assert.Single(What(await admin.Page("/audit?actor=teller&outcome=refused")));
        Assert.Empty(What(await admin.Page("/audit?actor=teller&until=2020-01-01")));
    }

    [Fact]
    public async Task An_owner_sees_the_audit_of_a_crate_and_of_no_other()
    {
        using var owner = await _server.Account("audited-owner");
        (await RawCrate.Of("audited", "1.0.0").Publish(owner)).EnsureSuccessStatusCode();
        using var other = await _server.Account("audited-other");
        (await RawCrate.Of("audited-not", "1.0.0").Publish(other)).EnsureSuccessStatusCode();

        using var visitor = await Visitor.Of(_server, "audited-owner");
        Assert.Contains("published audited 1.0.0 (some B)", What(await visitor.Page("/audit?crate=Audited")));
        using var foreign = await visitor.Get("/audit?crate=audited-not");
        Assert.Equal((HttpStatusCode.Forbidden, "you are not an owner of `audited-not`"), await foreign.Problem());
        using var all = await visitor.Get("/audit");
        Assert.Equal((HttpStatusCode.Forbidden, "the whole audit is for administrators; give `crate` to see that of a crate of yours"), await all.Problem());
    }

    [Theory]
    [InlineData("limit=5", "there is no filter `limit`; there are `crate`, `actor`, `token`, `kind`, `since`, `until`, `outcome`, `cursor`")]
    [InlineData("crate=a%20b", "`a b` is not a crate's name")]
    [InlineData("since=yesterday", "`yesterday` is not a time; write 2026-11-20T09:30:00Z (RFC 3339, up to 7 digits of a fraction), or 2026-11-20, when that day began in UTC")]
    [InlineData("token=1", "`token` is a number in its account: it needs `actor`")]
    [InlineData("cursor=x", "`cursor` is not one that an earlier page gave")]
    [InlineData("outcome=some", "there is no outcome `some`; there are `all`, `done` and `refused`")]
    [InlineData("since=2026-11-20&until=2026-11-19", "`since` must be before `until`")]
    public async Task A_filter_that_cannot_be_is_refused(string query, string sentence)
    {
        using var admin = await Visitor.Of(_server, "admin");
        using var answer = await admin.Get($"/audit?{query}");
        Assert.Equal((HttpStatusCode.BadRequest, sentence), await answer.Problem());
    }

    [Fact]
    public async Task Pages_follow_one_another_and_exports_have_the_same_filters()
    {
        (await _server.Account("busy", "reader")).Dispose();
        for (var i = 0; i < 90; i++)
        {
            using var put = await _server.Admin.PutAsJsonAsync("api/v1/accounts/busy", new { role = i % 2 == 0 ? "member" : "reader" });
            put.EnsureSuccessStatusCode();
        }

        using var admin = await Visitor.Of(_server, "admin");
        var (seen, pages, path) = (new List<string>(), 0, "/audit?kind=role-changed&actor=admin&since=");
        for (string? next = path; next is not null; pages++)
        {
            var html = await admin.Page(next);
            Assert.InRange(html.Length, 1, 100_000);
            seen.AddRange(What(html).Where(what => what.Contains("busy", StringComparison.Ordinal)));
            Assert.Equal(pages == 0, html.Contains("<svg class=\"chart\"", StringComparison.Ordinal));
            Assert.Equal(pages > 0, html.Contains("href=\"/audit?kind=role-changed&amp;actor=admin\">Newest", StringComparison.Ordinal));
            next = Older().Match(html) is { Success: true } older ? WebUtility.HtmlDecode(older.Groups["path"].Value) : null;
            if (pages == 0)
            {
                var export = WebUtility.HtmlDecode(Export().Match(html).Groups["path"].Value);
                Assert.Equal("/api/v1/audit?kind=role-changed&actor=admin&format=csv", export);
                using var file = await admin.Get(export);
                var lines = (await file.Content.ReadAsStringAsync()).Split("\r\n");
                Assert.Equal(90, lines.Count(line => line.Contains("role-changed", StringComparison.Ordinal) && line.Contains("busy", StringComparison.Ordinal)));
            }
        }

        Assert.Equal(90, seen.Count);
        Assert.InRange(pages, 2, 10);
        Assert.Equal("gave busy the role reader", seen[0]);
        Assert.Equal("gave busy the role member", seen[^1]);
    }

    [Fact]
    public async Task The_timeline_counts_rows_of_each_day_and_says_where_it_is_cut()
    {
        var day = new DateTimeOffset(2020, 1, 1, 12, 0, 0, TimeSpan.Zero);
        var store = _server.Services.GetRequiredService<IAuditStore>();
        await Put("few", day, day, day.AddDays(1), day.AddDays(3));
        await Put("years", day, day.AddDays(119), day.AddDays(120));
        await Put("many", [.. Enumerable.Range(0, 1600).Select(i => day.AddMinutes(i))]);

        using var admin = await Visitor.Of(_server, "admin");
        var few = await admin.Page("/audit?actor=few");
        Assert.Contains("4 rows per day, from 2020-01-01 on; at most 2.", few, StringComparison.Ordinal);
        Assert.Equal(["2020-01-01 2 0", "2020-01-02 1 0", "2020-01-04 1 0"], Counts(few));
        Assert.Equal(3, few.Split("<rect class=\"done\"").Length - 1);

        var years = await admin.Page("/audit?actor=years");
        Assert.Contains("3 rows per 3 days, from 2020-01-01 on; at most 1.", years, StringComparison.Ordinal);
        Assert.Equal(["2020-01-01 1 0", "2020-04-27 1 0", "2020-04-30 1 0"], Counts(years));

        var many = WebUtility.HtmlDecode(await admin.Page("/audit?actor=many"));
        Assert.Contains("The newest 1,500 rows per day, from 2020-01-01 on; at most ", many, StringComparison.Ordinal);
        Assert.Contains("Older ones are not counted: narrow the time to see them.", many, StringComparison.Ordinal);

        Task Put(string actor, params IReadOnlyList<DateTimeOffset> times)
        {
            var stream = StreamName.Parse($"account/{actor}");
            return store.Put(
                stream,
                [.. times.Select((at, i) => new AuditRow
                {
                    At = at, Kind = "role-changed", Account = actor, Actor = Login.Parse(actor), Correlation = "spec", Stream = stream, Version = i + 1, Detail = """{"role":"reader"}""",
                })],
                CancellationToken.None);
        }
    }

    private static List<string> What(string html) =>
        [.. Words().Matches(html).Select(found => Size().Replace(WebUtility.HtmlDecode(found.Groups["what"].Value).Trim(), "(some B)"))];

    private static List<string> Counts(string html) => [.. Count().Matches(html).Select(found => string.Create(
        CultureInfo.InvariantCulture, $"{found.Groups["day"]} {found.Groups["done"]} {found.Groups["refused"]}"))];

    [GeneratedRegex("""<td>(\s*<span class="badge bad">[^<]*</span>)?\s*(?<what>[^<]*)<details>""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Words();

    [GeneratedRegex(@"\(\d+ B\)$", RegexOptions.None, 1000)]
    private static partial Regex Size();

    [GeneratedRegex("""<a href="(?<path>[^"]*)" rel="next">Older""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Older();

    [GeneratedRegex("""<a href="(?<path>[^"]*)" download>CSV""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Export();

    [GeneratedRegex("""<tr><th scope="row">(?<day>[^<]*)</th><td class="number">(?<done>\d+)</td><td class="number">(?<refused>\d+)</td></tr>""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Count();
}
