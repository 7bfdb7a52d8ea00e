using System.Net;
using System.Text;
using Raktar.Testing;

namespace Raktar.Api.Specs.Fuzzing;

/// <summary>The same over HTTP: bodies of publishes, and questions in addresses. Whatever comes is answered, and never with 5xx.</summary>
internal static class Doors
{
    private static readonly string[] Addresses =
    [
        "api/v1/crates?q=json+parser&per_page=10&page=1&sort=downloads", "api/v1/crates?keyword=a&category=b&letter=c&all_keywords=a+b&ids[]=x&user_id=1&include_yanked=no",
        "api/v1/crates/taken?include=versions,keywords", "api/v1/crates/taken/reverse_dependencies?page=2&per_page=5", "api/v1/audit?crate=taken&since=2026-01-01&until=2026-12-31&outcome=done",
        "api/v1/audit?cursor=AAAA&actor=admin&token=1&kind=version-published", "crates/taken?at=2026-11-27T12:00:00Z", "crates/taken/1.0.0/files/src/lib.rs?at=2026-11-27",
        "search?q=a&keyword=b&page=2&at=2026-11-27", "at/2026-11-27T12:00:00Z/ta/ke/taken", "ta/ke/taken", "dl/taken/1.0.0/download", "crates/taken/versions?page=3", "diff?from=2026-01-01&to=2026-02-01",
        "api/v1/changes?since=2026-01-01&until=2026-02-01", "admin/audit?crate=x&cursor=y", "api/v1/accounts/ann", "api/v1/crates/taken/1.0.0/dependencies", "api/v1/audit/proof/taken/1.0.0",
    ];

    public static IEnumerable<Target> Of(Server server) => [Publish(server), Questions(server)];

    private static Target Publish(Server server) => new(
        "publish",
        [RawCrate.Of("taken", "1.0.0").Body(), RawCrate.Of("taken", "1.1.0", manifest: "[features]\na = []\n").Body(), RawCrate.Of("Other-Crate", "0.1.0").Body()],
        Target.Words("\"vers\":\"", "1.0.1", "\"deps\":[", "{", "}", "\u001f\u008b", "\0\0\0\0", "\u0001\0\0\0"),
        async input =>
        {
            using var content = new ByteArrayContent(input);
            using var answer = await server.Admin.PutAsync("api/v1/crates/new", content);
            await Answered(answer);
        });

    private static Target Questions(Server server) => new(
        "question",
        [.. Addresses.Select(Encoding.UTF8.GetBytes)],
        Target.Words("?", "&", "=", "[]", "+", "%20", "%2F", "%00", "%ff", "%F0%9F%A6%80", "q=", "page=", "per_page=", "sort=", "at=", "cursor=", "since=", "2026-11-27T12:00:00.0000001%2B14:00", "0001-01-01", "9999-12-31T23:59:59Z", "crate=", "ids[]="),
        async input =>
        {
            // What no client can send, and the fragment, stays here.
            var address = new string([.. Encoding.UTF8.GetString(input).Select(c => c is > ' ' and < '\x7f' and not ('#' or '\\') ? c : '.').Take(4000)]).TrimStart('/');
            if (!Uri.TryCreate($"{server.Url}/{address}", UriKind.Absolute, out var uri) || uri.Authority != new Uri(server.Url).Authority)
            {
                return;
            }

            using var answer = await server.Admin.GetAsync(uri);
            await Answered(answer);
        });

    private static async Task Answered(HttpResponseMessage answer) =>
        Assert.True(answer.StatusCode < HttpStatusCode.InternalServerError, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
}
