using System.Buffers.Text;
using System.Text;
using Raktar.Application.Publishing.Rules;

namespace Raktar.Application.Publishing.Archives;

/// <summary>
/// The records of a pax extended header that concern one entry: lines of <c>LENGTH KEY=VALUE</c>.
/// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
/// </summary>
/// <param name="Path">The entry's path, or null.</param>
/// <param name="Size">The entry's size, or null.</param>
internal sealed record PaxRecords(byte[]? Path, ulong? Size)
{
    // Writers use a handful; this many keys per entry would only be work.
    private const int MaxRecords = 64;

    /// <summary>Reads the records; what is wrong with them, or null. Keys without influence on content or path (times, owners) are skipped.</summary>
    public static string? Read(ReadOnlySpan<byte> bytes, out PaxRecords records)
    {
        records = new(null, null);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!bytes.IsEmpty)
        {
            if (!TrySplit(ref bytes, out var key, out var value))
            {
                return "a pax record is malformed";
            }

            if (keys.Count == MaxRecords)
            {
                return $"an entry has too many pax records (max {MaxRecords})";
            }

            if (!keys.Add(key))
            {
                return $"pax record {Quote.Of(key)} is repeated";
            }

            switch (key)
            {
                case "path":
                    records = records with { Path = value.ToArray() };
                    break;

                // No sign: two readers must not differ on it.
                case "size" when Utf8Parser.TryParse(value, out ulong size, out var used) && used == value.Length && char.IsAsciiDigit((char)value[0]):
                    records = records with { Size = size };
                    break;

                case "size" or "linkpath" or "hdrcharset" or "SCHILY.realsize":
                case not null when key.StartsWith("GNU.sparse.", StringComparison.Ordinal):
                    return $"pax record {Quote.Of(key)} is not allowed";
            }
        }

        return null;
    }

    private static bool TrySplit(ref ReadOnlySpan<byte> bytes, out string key, out ReadOnlySpan<byte> value)
    {
        key = string.Empty;
        value = default;
        if (bytes[0] is < (byte)'1' or > (byte)'9' || !Utf8Parser.TryParse(bytes, out int length, out var digits) || length > bytes.Length || length < digits + 2)
        {
            return false;
        }

        var record = bytes[digits..length];
        var equals = record.IndexOf((byte)'=');
        if (record[0] != ' ' || record[^1] != '\n' || equals < 2)
        {
            return false;
        }

        key = Encoding.UTF8.GetString(record[1..equals]);
        value = record[(equals + 1)..^1];
        bytes = bytes[length..];
        return true;
    }
}
