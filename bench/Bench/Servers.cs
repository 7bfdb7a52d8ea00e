using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Raktar.Bench;

/// <summary>A running Raktar.</summary>
internal sealed class RaktarServer : IAsyncDisposable
{
    private RaktarServer(Process process, string url, string data, TimeSpan start) => (Process, Url, Data, Start) = (process, url, data, start);

    public Process Process { get; }

    public string Url { get; }

    public string Data { get; }

    /// <summary>How long the first 200 of /health took, from the start of the process.</summary>
    public TimeSpan Start { get; }

    public string Token => File.ReadAllText(Path.Combine(Data, "admin-token")).Trim();

    public static string Program => Path.Combine(AppContext.BaseDirectory, "..", "raktar", "Raktar.Api.dll");

    public static async Task<RaktarServer> Begin(string data)
    {
        var port = Tool.FreePort();
        var url = $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";
        var clock = Stopwatch.StartNew();
        var process = Process.Start(new ProcessStartInfo("dotnet", [Program, "serve", "--data", data, "--urls", url]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        while (!await Answers(port))
        {
            if (process.HasExited || clock.Elapsed > TimeSpan.FromMinutes(1))
            {
                // Else it goes on, beside everything that is measured after it.
                process.Kill();
                throw new InvalidOperationException("Raktar does not start");
            }

            await Task.Delay(2);
        }

        var start = clock.Elapsed;
        // The first start writes its token right after it begins to listen.
        for (var tries = 0; !File.Exists(Path.Combine(data, "admin-token")) && tries < 500; tries++)
        {
            await Task.Delay(10);
        }

        return new(process, url, data, start);
    }

    public HttpClient Client()
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { BaseAddress = new Uri(Url) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", Token);
        client.DefaultRequestHeaders.UserAgent.ParseAdd(Wrk.Cargo);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Tool.Stop(Process);
        Process.Dispose();
    }

    // A bare socket: an HTTP client's own start would be measured too, and exceptions by the hundred would take a good part of a core.
    public static async Task<bool> Answers(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var connecting = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, port) };
            var connected = new TaskCompletionSource();
            connecting.Completed += (_, _) => connected.SetResult();
            if (socket.ConnectAsync(connecting))
            {
                await connected.Task;
            }

            if (connecting.SocketError != SocketError.Success)
            {
                return false;
            }

            await socket.SendAsync("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"u8.ToArray());
            var answer = new byte[4096];
            var count = await socket.ReceiveAsync(answer);
            return Encoding.ASCII.GetString(answer, 0, count).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>nginx on the same bytes.</summary>
internal sealed class NginxServer : IAsyncDisposable
{
    private readonly Process _process;

    private NginxServer(Process process, string url, string files) => (_process, Url, Files) = (process, url, files);

    public string Url { get; }

    /// <summary>The folder of the index files.</summary>
    public string Files { get; }

    public static async Task<NginxServer> Begin(string work, string data)
    {
        var root = Path.Combine(work, "nginx");
        var files = Path.Combine(root, "index");
        Directory.CreateDirectory(files);
        var port = Tool.FreePort();
        var configuration = Path.Combine(root, "nginx.conf");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            user {{Environment.UserName}};
            worker_processes auto;
            daemon off;
            pid {{root}}/nginx.pid;
            error_log {{root}}/error.log;
            events { worker_connections 1024; }
            http {
              access_log off;
              sendfile on;
              tcp_nopush on;
              tcp_nodelay on;
              etag on;
              open_file_cache max=10000 inactive=60s;
              open_file_cache_valid 60s;
              keepalive_timeout 65;
              keepalive_requests 1000000000;
              server_tokens off;
              default_type text/plain;
              client_body_temp_path {{root}}/body;
              proxy_temp_path {{root}}/proxy;
              fastcgi_temp_path {{root}}/fastcgi;
              uwsgi_temp_path {{root}}/uwsgi;
              scgi_temp_path {{root}}/scgi;
              server {
                listen 127.0.0.1:{{port}} backlog=1024;
                location / { root {{files}}; gzip_static on; }
                location /dl/ { alias {{data}}/blobs/crates/; default_type application/gzip; }
              }
            }
            """);
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/nginx", ["-p", root, "-c", configuration, "-e", Path.Combine(root, "error.log")]))!;
        await Task.Delay(500);
        return process.HasExited
            ? throw new InvalidOperationException($"nginx does not start: {await File.ReadAllTextAsync(Path.Combine(root, "error.log"))}")
            : new(process, $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}", files);
    }

    public async ValueTask DisposeAsync()
    {
        await Tool.Stop(_process);
        _process.Dispose();
    }
}
