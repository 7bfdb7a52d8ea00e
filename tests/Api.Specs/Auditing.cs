using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Api.Endpoints.Audits;
using Raktar.Application.Audit;
using Raktar.Application.Log;
using Raktar.Domain.Accounts;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>Who did what, when, with what; and who may read it.</summary>
public sealed class Auditing(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task Each_change_shows_up_with_who_when_client_and_token()
    {
        var start = TimeProvider.System.GetUtcNow();
        var ann = await _server.Account("changing-ann");
        ann.DefaultRequestHeaders.UserAgent.ParseAdd("cargo/1.95.0");
        await _server.Account("changing-bob");
        await Publish(ann, "Changing-Crate", "1.0.0");
        await Ok(ann.DeleteAsync("api/v1/crates/changing-crate/1.0.0/yank?message=unsound"));
        await Ok(ann.PutAsync("api/v1/crates/changing-crate/1.0.0/unyank", null));
        await Ok(ann.PutAsJsonAsync("api/v1/crates/changing-crate/owners", new { users = (string[])["changing-bob"] }));
        await Ok(_server.Admin.DeleteAsync("api/v1/accounts/changing-ann/tokens/1"));
        var end = TimeProvider.System.GetUtcNow();

        var rows = await Entries("crate=Changing_crate");
        Assert.Equal(
            ["owner-added", "version-unyanked", "version-yanked", "version-published", "crate-created"], rows.Select(row => row.Kind));
        Assert.All(rows, row =>
        {
            Assert.Equal(("changing-ann", 1, "cargo/1.95.0", "changing_crate", false), (row.Actor!.Text, row.Token, row.Client, row.Crate, row.Refused));
            Assert.InRange(row.At, start, end);
            Assert.NotEmpty(row.Correlation);
            Assert.NotNull(row.Commit);
        });
        Assert.Equal([5L, 4, 3, 2, 1], rows.Select(row => row.Version));
        Assert.Equal("""{"version":"1.0.0","reason":"unsound"}""", rows[2].Detail);
        Assert.Equal("""{"name":"Changing-Crate","owner":"changing-ann"}""", rows[4].Detail);

        var account = (await Entries("actor=admin&kind=account-registered,token-issued&kind=token-revoked&limit=500")).Where(row => row.Account == "changing-ann").ToList();
        Assert.Equal(["token-revoked", "token-issued", "account-registered"], account.Select(row => row.Kind));
        Assert.DoesNotContain("hash", account[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_while_others_publish_are_every_row_once()
    {
        var ann = await _server.Account("paging-ann");
        for (var version = 0; version < 12; version++)
        {
            await Publish(ann, "paging", $"1.0.{version}");
        }

        var before = await Entries("actor=paging-ann");
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await Publish(ann, $"paging-{i}", "1.0.0");
            }
        });
        await Published("paging_0");
        var seen = new List<AuditRow>();
        for (string? next = "api/v1/audit?actor=paging-ann&limit=3"; next is not null;)
        {
            var page = await _server.Admin.Json(next);
            seen.AddRange(Rows(page));
            next = page.GetProperty("next").GetString();
        }

        await stop.CancelAsync();
        await publishing;
        Assert.Equal(seen.Count, seen.Select(row => row.Place).Distinct().Count());
        Assert.Equal(seen.OrderByDescending(row => row.Place), seen);
        Assert.Equal(before, seen.Where(row => row.Crate == "paging"));
        Assert.Contains(seen, row => row.Crate == "paging_0");

        async Task Published(string crate)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while ((await Entries($"crate={crate}")).Count == 0)
            {
                deadline.Token.ThrowIfCancellationRequested();
            }
        }
    }

    [Fact]
    public async Task Filters_narrow_together()
    {
        var (ann, bob) = (await _server.Account("narrow-ann"), await _server.Account("narrow-bob"));
        await Publish(ann, "narrow", "1.0.0");
        await Ok(ann.PutAsJsonAsync("api/v1/crates/narrow/owners", new { users = (string[])["narrow-bob"] }));
        await Publish(bob, "narrow", "1.1.0");
        await Ok(bob.DeleteAsync("api/v1/crates/narrow/1.0.0/yank"));
        await Publish(bob, "narrow-other", "1.0.0");
        var all = await Entries("crate=narrow");
        Assert.Equal(5, all.Count);
        Assert.Equal(["version-yanked", "version-published"], (await Entries("crate=narrow&actor=narrow-bob")).Select(row => row.Kind));
        Assert.Equal(2, (await Entries("actor=narrow-bob&kind=version-published&token=1")).Count);
        Assert.Empty(await Entries("actor=narrow-bob&token=2"));
        Assert.Equal(["1.1.0", "1.0.0"], (await Entries("crate=narrow&kind=version-published")).Select(row => JsonDocument.Parse(row.Detail).RootElement.GetProperty("version").GetString()));
        var middle = Uri.EscapeDataString(all[2].At.ToOffset(TimeSpan.FromHours(2)).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffK", CultureInfo.InvariantCulture));
        Assert.Equal(all.Where(row => row.At >= all[2].At), await Entries($"crate=narrow&since={middle}"));
        Assert.Equal(all.Where(row => row.At < all[2].At), await Entries($"crate=narrow&until={middle}"));
        Assert.Equal(all, await Entries($"crate=narrow&since={all[0].At:yyyy-MM-dd}&until={all[0].At.AddDays(1):yyyy-MM-dd}"));
        Assert.Empty(await Entries($"crate=narrow&until={all[0].At:yyyy-MM-dd}"));
        Assert.Empty(await Entries("crate=no-such-crate"));
    }

    [Fact]
    public async Task The_whole_is_for_administrators_and_a_crate_s_for_its_owners_too()
    {
        var (owner, stranger, member) = (await _server.Account("may-owner"), await _server.Account("may-stranger"), await _server.Account("may-member", "member"));
        await Ok(_server.Admin.PutAsync("api/v1/teams/may-team", null));
        await Ok(_server.Admin.PutAsync("api/v1/teams/may-team/members/may-member", null));
        await Publish(owner, "may", "1.0.0");
        await Ok(owner.PutAsJsonAsync("api/v1/crates/may/owners", new { users = (string[])["team:may-team"] }));
        foreach (var client in (HttpClient[])[owner, member, _server.Admin])
        {
            Assert.Contains("version-published", Rows(await client.Json("api/v1/audit?crate=may")).Select(row => row.Kind));
        }

        Assert.Equal((HttpStatusCode.Forbidden, "you are not an owner of `may`"), await Refused(stranger, "crate=may"));
        Assert.Equal(HttpStatusCode.Forbidden, (await Refused(owner, "actor=may-owner")).Status);
        Assert.Equal((HttpStatusCode.NotFound, "crate `may-not-be` does not exist"), await Refused(owner, "crate=may-not-be"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Refused(_server.Nobody, "crate=may")).Status);

        await Ok(owner.PutAsJsonAsync("api/v1/crates/may/visibility", new { restricted = true }));
        Assert.Equal((HttpStatusCode.NotFound, "crate `may` does not exist"), await Refused(stranger, "crate=may"));
        Assert.Contains("visibility-changed", Rows(await owner.Json("api/v1/audit?crate=may")).Select(row => row.Kind));
    }

    [Theory]
    [InlineData("crate=..", "`..` is not a crate's name")]
    [InlineData("crate=a&crate=b", "`a,b` is not a crate's name")]
    [InlineData("actor=-", "`-` is not a login")]
    [InlineData("actor=admin&token=x", "`x` is not a token's number")]
    [InlineData("token=1", "`token` is a number in its account: it needs `actor`")]
    [InlineData("kind=publish", "there is no kind `publish`; the kinds are `account-disabled`, ")]
    [InlineData("since=yesterday", "`yesterday` is not a time; write 2026-11-20T09:30:00Z")]
    [InlineData("until=2026-11-25T16:30:00", "`2026-11-25T16:30:00` is not a time; write ")]
    [InlineData("until=2026-11-25T16:30:00+01:00", "`2026-11-25T16:30:00 01:00` is not a time; write ")]
    [InlineData("since=2026-11-25&until=2026-11-25", "`since` must be before `until`")]
    [InlineData("outcome=1", "there is no outcome `1`; there are `all`, `done` and `refused`")]
    [InlineData("limit=0", "`limit` must be a number from 1 (max 500)")]
    [InlineData("limit=501", "`limit` must be a number from 1 (max 500)")]
    [InlineData("limit=x&format=csv", "`limit` must be a number from 1")]
    [InlineData("cursor=%21", "`cursor` is not one that an earlier page gave")]
    [InlineData("cursor=AAAA", "`cursor` is not one that an earlier page gave")]
    [InlineData("format=xml", "there is no format `xml`; there are `json`, `jsonl` and `csv`")]
    [InlineData("crates=foo", "there is no filter `crates`; there are `crate`, `actor`, ")]
    public async Task A_wrong_filter_is_told(string query, string sentence)
    {
        var (status, detail) = await Refused(_server.Admin, query);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith(sentence, detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jsonl_and_csv_are_the_same_rows_and_no_formula()
    {
        var ann = await _server.Account("export-ann");
        ann.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "=HYPERLINK(\"x\",\"y, z\")");
        for (var version = 0; version < 7; version++)
        {
            await Publish(ann, "exported", $"1.0.{version}");
        }

        await Ok(ann.DeleteAsync($"api/v1/crates/exported/1.0.0/yank?message={Uri.EscapeDataString("\"it's\", 'bad'\nand é")}"));
        var rows = await Entries("crate=exported");
        Assert.Equal(9, rows.Count);

        using var jsonl = await _server.Admin.GetAsync("api/v1/audit?crate=exported&format=jsonl");
        Assert.Equal("application/jsonl", jsonl.Content.Headers.ContentType!.ToString());
        var lines = (await jsonl.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal(string.Empty, lines[^1]);
        Assert.Equal(rows, lines[..^1].Select(line => AuditRow.Parse(System.Text.Encoding.UTF8.GetBytes(line))));

        using var accepting = new HttpRequestMessage(HttpMethod.Get, "api/v1/audit?crate=exported");
        accepting.Headers.Accept.ParseAdd("text/csv");
        using var csv = await _server.Admin.SendAsync(accepting);
        Assert.Equal("text/csv", csv.Content.Headers.ContentType!.MediaType);
        var records = Csv.Parse(await csv.Content.ReadAsStringAsync());
        Assert.Equal(AuditFormats.CsvHeader.TrimEnd().Split(','), records[0]);
        Assert.Equal(rows, records.Skip(1).Select(record => Csv.RowOf(record) with { First = rows.Single(row => row.Version == long.Parse(record[11], CultureInfo.InvariantCulture)).First }));
        Assert.All(records.SelectMany(record => record), field => Assert.False(field.Length > 0 && field[0] is '=' or '+' or '-' or '@' or '\t' or '\r', field));

        using var few = await _server.Admin.GetAsync("api/v1/audit?crate=exported&format=jsonl&limit=2");
        Assert.Equal(2, (await few.Content.ReadAsStringAsync()).Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("json")]
    [InlineData("jsonl")]
    [InlineData("csv")]
    public async Task Head_has_the_headers_and_no_body(string format)
    {
        using var get = await _server.Admin.GetAsync($"api/v1/audit?format={format}&crate=nothing");
        using var head = await _server.Admin.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"api/v1/audit?format={format}&crate=nothing"));
        Assert.Equal((HttpStatusCode.OK, get.Content.Headers.ContentType), (head.StatusCode, head.Content.Headers.ContentType));
        Assert.Equal("no-store", head.Headers.CacheControl!.ToString());
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    [Trait("Needs", "seconds")]
    public async Task A_large_export_holds_a_page_in_memory_not_the_whole()
    {
        const int Rows = 50_000;
        var store = _server.Services.GetRequiredService<IAuditStore>();
        var (stream, start) = (StreamName.Parse("crate/large_export"), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var detail = $$"""{"text":"{{new string('x', 1500)}}"}""";
        foreach (var chunk in Enumerable.Range(1, Rows).Chunk(1000))
        {
            await store.Put(stream, [.. chunk.Select(version => new AuditRow
            {
                At = start.AddSeconds(version),
                Kind = "version-yanked",
                Crate = "large_export",
                Actor = Login.Parse("large"),
                Token = 1,
                Correlation = "spec",
                Stream = stream,
                Version = version,
                First = version,
                Detail = detail,
            })], CancellationToken.None);
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var response = await _server.Admin.GetAsync("api/v1/audit?actor=large&format=jsonl", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var (count, bytes, most) = (0, 0L, 0L);
        while (await reader.ReadLineAsync() is { } line)
        {
            bytes += line.Length;
            if (++count % 5000 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        Assert.Equal(Rows, count);
        Assert.True(bytes > 80_000_000, $"{bytes} bytes");
        // Other specs run in this process too.
        Assert.True(most < bytes / 2, $"{most} bytes of {bytes} in memory");
    }

    private static async Task Publish(HttpClient client, string name, string version)
    {
        using var answer = await RawCrate.Of(name, version).Publish(client);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task Ok(Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<(HttpStatusCode Status, string Detail)> Refused(HttpClient client, string query)
    {
        using var answer = await client.GetAsync($"api/v1/audit?{query}");
        return await answer.Error();
    }

    private static List<AuditRow> Rows(JsonElement page) =>
        [.. page.GetProperty("entries").EnumerateArray().Select(entry => AuditRow.Parse(System.Text.Encoding.UTF8.GetBytes(entry.GetRawText())))];

    private async Task<List<AuditRow>> Entries(string query) => Rows(await _server.Admin.Json($"api/v1/audit?{query}"));
}

/// <summary>Reads CSV as RFC 4180 says, and a row of the audit out of it.</summary>
internal static class Csv
{
    public static List<List<string>> Parse(string text)
    {
        var (records, record, field, quoted) = (new List<List<string>>(), new List<string>(), new System.Text.StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"' when quoted && i + 1 < text.Length && text[i + 1] == '"':
                    field.Append('"');
                    i++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    record.Add(field.ToString());
                    field.Clear();
                    break;
                case '\r' when !quoted && text[i + 1] == '\n':
                    record.Add(field.ToString());
                    field.Clear();
                    records.Add(record);
                    record = [];
                    i++;
                    break;
                default:
                    field.Append(text[i]);
                    break;
            }
        }

        Assert.Empty(record);
        return records;
    }

    public static AuditRow RowOf(List<string> record)
    {
        var fields = record.Select(field => field.Length == 0 ? null : field[0] == '\'' ? field[1..] : field).ToList();
        return new()
        {
            At = DateTimeOffset.Parse(fields[0]!, CultureInfo.InvariantCulture),
            Kind = fields[1]!,
            Crate = fields[2],
            Account = fields[3],
            Team = fields[4],
            Actor = fields[5] is { } actor ? Login.Parse(actor) : null,
            Token = Number(fields[6]),
            Ci = fields[7],
            Client = fields[8],
            Correlation = fields[9]!,
            Stream = StreamName.Parse(fields[10]!),
            Version = long.Parse(fields[11]!, CultureInfo.InvariantCulture),
            Commit = fields[12] is { } commit ? Domain.Checksum.Parse(commit) : null,
            Refused = fields[13] == "true",
            Status = Number(fields[14]),
            Sentence = fields[15],
            Detail = fields[16]!,
        };
    }

    private static int? Number(string? text) => text is null ? null : int.Parse(text, CultureInfo.InvariantCulture);
}
