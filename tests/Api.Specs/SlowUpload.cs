using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>A publish over a connection of its own, sent piece by piece.</summary>
internal sealed class SlowUpload : IAsyncDisposable
{
    private readonly TcpClient _tcp = new();
    private NetworkStream _stream = null!;

    /// <summary>Sends the head of a publish, which announces so many bytes of body.</summary>
    public static async Task<SlowUpload> Begin(Server server, HttpClient who, int announced)
    {
        var upload = new SlowUpload();
        var url = new Uri(server.Url);
        await upload._tcp.ConnectAsync(url.Host, url.Port);
        upload._tcp.NoDelay = true;
        upload._stream = upload._tcp.GetStream();
        var token = who.DefaultRequestHeaders.GetValues("Authorization").Single();
        var head = $"PUT /api/v1/crates/new HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: {token}\r\nContent-Length: {announced}\r\n\r\n";
        await upload._stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        return upload;
    }

    /// <summary>Sends the head, the metadata and the announcement of the crate file, and of that only the first byte.</summary>
    public static async Task<SlowUpload> Stall(Server server, HttpClient who, RawCrate crate, int announced)
    {
        var metadata = crate.Metadata();
        var upload = await Begin(server, who, sizeof(int) + metadata.Length + sizeof(int) + announced);
        await upload.Send([.. Length(metadata.Length), .. metadata, .. Length(announced), crate.File[0]]);
        return upload;
    }

    /// <summary>A length as cargo writes it.</summary>
    public static byte[] Length(int length)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)length);
        return bytes;
    }

    public Task Send(byte[] bytes) => _stream.WriteAsync(bytes).AsTask();

    /// <summary>Sends a part of the bytes at each tick, until they are all sent or the server has answered.</summary>
    public async Task Trickle(byte[] bytes, int atATime, TimeSpan tick)
    {
        using var clock = new PeriodicTimer(tick);
        for (var at = 0; at < bytes.Length && !_stream.DataAvailable; at += atATime)
        {
            await Send(bytes[at..Math.Min(bytes.Length, at + atATime)]);
            await clock.WaitForNextTickAsync();
        }
    }

    /// <summary>The status and the whole of the answer.</summary>
    public async Task<(string Status, string Answer)> Answer()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (!answer.ToString().Contains("]}", StringComparison.Ordinal) && await _stream.ReadAsync(buffer, deadline.Token) is > 0 and var read)
        {
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return (answer.ToString().Split(' ')[1], answer.ToString());
    }

    public ValueTask DisposeAsync()
    {
        _tcp.Dispose();
        return ValueTask.CompletedTask;
    }
}
