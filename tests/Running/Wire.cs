using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Raktar.Running;

/// <summary>One request and how it was answered.</summary>
internal sealed record Exchange(string Protocol, string Method, string Path, int Status, string? Authorization, bool Conditional)
{
    public bool IsConfig => Path == "/config.json";

    public bool IsDownload => Path.StartsWith("/dl/", StringComparison.Ordinal);

    public bool IsApi => Path.StartsWith("/api/", StringComparison.Ordinal);

    public bool IsIndexFile => !IsConfig && !IsDownload && !IsApi;

    public override string ToString() => $"{Protocol} {Method} {Path} {Status}";
}

/// <summary>A reverse proxy between client and registry that remembers every exchange.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private static readonly HashSet<string> PerConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "TE", "Host", "Expect",
    };

    private readonly ConcurrentQueue<Exchange> _exchanges = [];
    private readonly WebApplication _app;
    private HttpClient? _registry;

    private Wire(string protocol)
    {
        Url = $"{Protocols.Scheme(protocol)}://127.0.0.1:{Ports.Free()}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Configuration["Kestrel:Certificates:Default:Path"] = Certificates.Certificate;
        builder.Configuration["Kestrel:Certificates:Default:KeyPath"] = Certificates.Key;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        });
        builder.WebHost.UseUrls(Url);
        _app = builder.Build();
        _app.Run(context => Pass(context, protocol));
    }

    /// <summary>Where clients go.</summary>
    public string Url { get; }

    /// <summary>All exchanges since the last <see cref="Forget"/>.</summary>
    public IReadOnlyList<Exchange> Exchanges => [.. _exchanges];

    public static async Task<Wire> Start(string protocol)
    {
        var wire = new Wire(protocol);
        await wire._app.StartAsync();
        return wire;
    }

    /// <summary>Says where the registry is.</summary>
    public void LeadTo(string url) => _registry = new HttpClient(Certificates.Trusting()) { BaseAddress = new Uri(url) };

    /// <summary>Forgets what passed so far.</summary>
    public void Forget() => _exchanges.Clear();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _registry?.Dispose();
    }

    private async Task Pass(HttpContext context, string protocol)
    {
        var path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(_registry!.BaseAddress + path[1..]))
        {
            Version = Protocols.Version(protocol),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody)
        {
            request.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, values) in context.Request.Headers.Where(header => !PerConnection.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        var status = StatusCodes.Status502BadGateway;
        try
        {
            using var response = await _registry.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            status = (int)response.StatusCode;
            context.Response.StatusCode = status;
            foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => !PerConnection.Contains(header.Key)))
            {
                context.Response.Headers[name] = values.ToArray();
            }

            Remember();
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (HttpRequestException)
        {
            context.Response.StatusCode = status;
            Remember();
        }

        void Remember() => _exchanges.Enqueue(new(
            context.Request.Protocol,
            context.Request.Method,
            path,
            status,
            context.Request.Headers.Authorization.Count > 0 ? context.Request.Headers.Authorization.ToString() : null,
            context.Request.Headers.IfNoneMatch.Count > 0));
    }
}
