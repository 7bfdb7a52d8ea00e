using System.Buffers;

namespace Raktar.Api.Http;

/// <summary>Bodies, a piece at a time: written at once, the server would keep a copy of the whole for as long as the client takes to read it.</summary>
internal static class Pieces
{
    private const int Bytes = 64 * 1024;

    /// <summary>Writes a body; each piece waits until the client has taken most of the ones before.</summary>
    public static async Task WritePieces(this HttpResponse response, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        // Only once it is started the response hands out the connection's own memory.
        await response.StartAsync(cancellationToken);
        for (var at = 0; at < body.Length; at += Bytes)
        {
            response.BodyWriter.Write(body.Span.Slice(at, Math.Min(Bytes, body.Length - at)));
            await response.BodyWriter.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Writes what is left of a file, read into the connection's own memory. A file that ends before its length leaves the answer too short.</summary>
    public static async Task WriteFile(this HttpResponse response, Stream file, CancellationToken cancellationToken)
    {
        await response.StartAsync(cancellationToken);
        if (file is MemoryStream memory && memory.TryGetBuffer(out var bytes))
        {
            await response.WritePieces(bytes, cancellationToken);
            return;
        }

        var unsent = 0;
        while (await file.ReadAsync(response.BodyWriter.GetMemory(), cancellationToken) is > 0 and var count)
        {
            response.BodyWriter.Advance(count);
            unsent += count;
            if (unsent >= Bytes)
            {
                await response.BodyWriter.FlushAsync(cancellationToken);
                unsent = 0;
            }
        }

        await response.BodyWriter.FlushAsync(cancellationToken);
    }
}
