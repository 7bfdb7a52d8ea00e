using System.Text;

namespace Raktar.Api.Specs.Fuzzing;

/// <summary>Something that takes bytes from strangers: what it is tried on, and what must hold whatever they are.</summary>
internal sealed record Target(string Name, IReadOnlyList<byte[]> Seeds, IReadOnlyList<byte[]> Tokens, Func<byte[], Task> Try)
{
    /// <summary>Numbers and characters at which every reader of text has its edges.</summary>
    private static readonly string[] Edges =
    [
        "\0", "\n", "\r\n", "\t", " ", "\u00a0", "\u200b", "\u202e", "\ufeff", "\ufffd", "é", "ß", "İ", "🦀", "\\", "\"", "'", "/", "..", "%00", "%2e", "%",
        "0", "-1", "1e999", "255", "65536", "2147483648", "4294967295", "18446744073709551615", "99999999999999999999", "true", "null", "NaN",
    ];

    /// <summary>Tokens of a format, with the edges.</summary>
    public static IReadOnlyList<byte[]> Words(params string[] tokens) =>
        [.. tokens.Concat(Edges).Select(Encoding.UTF8.GetBytes), [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]];
}
