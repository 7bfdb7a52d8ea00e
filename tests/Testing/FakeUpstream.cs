using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Raktar.Testing;

/// <summary>A sparse registry of static files on this machine, which gets into trouble on command and counts what it is asked.</summary>
internal sealed class FakeUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Question> _questions = new();

    private FakeUpstream(WebApplication app) => _app = app;

    /// <summary>Its address, without a slash at the end.</summary>
    public string Url => _app.Urls.First();

    /// <summary>What an answer says of its age, verbatim; null: nothing.</summary>
    public string? CacheControl { get; set; } = "public,max-age=600";

    /// <summary>Whether documents have an ETag.</summary>
    public bool HasETags { get; set; } = true;

    /// <summary>Whether documents say when they were last changed.</summary>
    public bool HasDates { get; set; }

    /// <summary>Whether index files go out gzipped to whoever takes that.</summary>
    public bool Gzips { get; set; }

    /// <summary>What happens to a request instead of an answer; answers whether anything did.</summary>
    public Func<HttpContext, Task<bool>>? Trouble { get; set; }

    /// <summary>All that it was asked, in order.</summary>
    public IReadOnlyList<Question> Questions => [.. _questions];

    public static async Task<FakeUpstream> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var upstream = new FakeUpstream(app);
        app.Run(upstream.Answer);
        await app.StartAsync();
        upstream.Configure($"{upstream.Url}/files/{{crate}}/{{crate}}-{{version}}.crate");
        return upstream;
    }

    /// <summary>Says where crate files are.</summary>
    public void Configure(string dl) => _files["/config.json"] = Encoding.UTF8.GetBytes($$"""{"dl":"{{dl}}","api":"https://crates.io"}""");

    /// <summary>How often a path was asked for.</summary>
    public int Asked(string path) => _questions.Count(question => string.Equals(question.Path, path, StringComparison.Ordinal));

    /// <summary>Puts a file there, or another in its place.</summary>
    public void Put(string path, byte[] bytes) => _files[path] = bytes;

    /// <inheritdoc cref="Put(string, byte[])"/>
    public void Put(string path, string text) => Put(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Takes a file away.</summary>
    public void Remove(string path) => _files.TryRemove(path, out _);

    /// <summary>Publishes a version: its crate file, and its line at the end of the index file.</summary>
    public void Publish(RawCrate crate)
    {
        _files[FilePath(crate)] = crate.File;
        _files.AddOrUpdate(IndexPath(crate.Name), _ => Encoding.UTF8.GetBytes(Line(crate)), (_, lines) => [.. lines, .. Encoding.UTF8.GetBytes(Line(crate))]);
    }

    public static string FilePath(RawCrate crate) => $"/files/{crate.Name}/{crate.Name}-{crate.Version}.crate";

    /// <summary>An index line as crates.io has them.</summary>
    public static string Line(RawCrate crate) =>
        $$"""{"name":"{{crate.Name}}","vers":"{{crate.Version}}","deps":[],"cksum":"{{RawCrate.Checksum(crate.File)}}","features":{},"yanked":false,"pubtime":"2026-11-01T12:00:00Z"}""" + "\n";

    public static string IndexPath(string crate)
    {
        var name = crate.ToLowerInvariant();
        return name.Length switch
        {
            1 => $"/1/{name}",
            2 => $"/2/{name}",
            3 => $"/3/{name[0]}/{name}",
            _ => $"/{name[..2]}/{name[2..4]}/{name}",
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task Answer(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        _questions.Enqueue(new(
            request.Path.Value!, request.Headers.IfNoneMatch, request.Headers.IfModifiedSince, request.Headers.Authorization, request.Headers.UserAgent));
        if (Trouble is { } trouble && await trouble(context))
        {
            return;
        }

        if (!_files.TryGetValue(request.Path.Value!, out var bytes))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var tag = $"\"{RawCrate.Checksum(bytes)[..16]}\"";
        response.Headers.CacheControl = CacheControl;
        if (HasETags)
        {
            response.Headers.ETag = tag;
        }

        // One second for each byte: another length is another date.
        var date = DateTimeOffset.UnixEpoch.AddSeconds(bytes.Length).ToString("R", CultureInfo.InvariantCulture);
        if (HasDates)
        {
            response.Headers.LastModified = date;
        }

        if ((HasETags && request.Headers.IfNoneMatch == tag) || (HasDates && request.Headers.IfModifiedSince == date))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (Gzips && request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal))
        {
            using var zipped = new MemoryStream();
            await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(bytes);
            }

            (bytes, response.Headers.ContentEncoding) = (zipped.ToArray(), "gzip");
        }

        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}

/// <summary>What an upstream was asked, and with which headers.</summary>
internal sealed record Question(string Path, string? IfNoneMatch, string? IfModifiedSince, string? Authorization, string? UserAgent);
