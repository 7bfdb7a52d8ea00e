using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Raktar.Api.Http;

/// <summary>What a client can unpack, as it says in <c>Accept-Encoding</c> (https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3).</summary>
internal static class AcceptedCodings
{
    private const string Gzip = "gzip";

    /// <summary>
    /// Whether the answer goes out gzipped: the client takes gzip, and does not prefer it plain. A client that takes neither gets it plain,
    /// since there is nothing else that it could get.
    /// </summary>
    public static bool TakesGzip(this HttpRequest request)
    {
        var accepted = request.Headers.AcceptEncoding;
        // Every build asks for hundreds of index files, and cargo names codings without weights.
        return accepted.Count == 1 && accepted[0]!.AsSpan().IndexOfAny(';', '*') < 0 ? Names(accepted[0], Gzip) : IsGzipPreferred(accepted);
    }

    private static bool Names(ReadOnlySpan<char> codings, string wanted)
    {
        foreach (var coding in codings.Split(','))
        {
            if (codings[coding].Trim().Equals(wanted, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsGzipPreferred(StringValues accepted)
    {
        (double? gzip, double? identity, double? any) = (null, null, null);
        foreach (var line in accepted)
        {
            foreach (var item in (line ?? string.Empty).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var parts = item.Split(';', 2, StringSplitOptions.TrimEntries);
                var weight = parts.Length == 1 ? 1 : WeightOf(parts[1]);
                switch (parts[0].ToLowerInvariant())
                {
                    case Gzip:
                        gzip = weight;
                        break;
                    case "identity":
                        identity = weight;
                        break;
                    case "*":
                        any = weight;
                        break;
                }
            }
        }

        var wanted = gzip ?? any ?? 0;
        return wanted > 0 && wanted >= (identity ?? 0);
    }

    // What is no weight asks for nothing: plain is always readable.
    private static double WeightOf(string parameter) =>
        parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
        && double.TryParse(parameter.AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)
        && weight <= 1 ? weight : 0;
}
