namespace Raktar.Api.Http;

/// <summary>Large answers, a piece at a time: written at once, the server would keep a copy of the whole for as long as the client takes to read it.</summary>
internal static class Pieces
{
    /// <summary>The size of a piece.</summary>
    public const int Bytes = 64 * 1024;

    /// <summary>Writes a body; each piece waits until the client has taken most of the ones before.</summary>
    public static async Task WritePieces(this HttpResponse response, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        for (var at = 0; at < body.Length; at += Bytes)
        {
            await response.BodyWriter.WriteAsync(body.Slice(at, Math.Min(Bytes, body.Length - at)), cancellationToken);
        }
    }
}
