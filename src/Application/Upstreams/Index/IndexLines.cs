using System.Text.Json;
using Raktar.Domain;

namespace Raktar.Application.Upstreams.Index;

/// <summary>What the mirror has to know of one line of an upstream's index file: how its crate and version are spelled there, and the crate file's checksum.</summary>
public sealed record IndexLine(string Name, string Version, Checksum Checksum);

/// <summary>
/// Reads index files as upstreams write them: with any order of keys, blanks, line ends and unknown fields, lines that are empty or say the same version again.
/// Only lines of which nothing can be used are passed over, as cargo does.
/// </summary>
public static class IndexLines
{
    private const byte LineFeed = (byte)'\n';

    /// <summary>
    /// Whether it is an index file of the crate: every line is a JSON object, and one of them at least describes a version of the crate. What a proxy says when
    /// it is in trouble is not one, nor is a file that was cut.
    /// </summary>
    public static bool AreOf(string lowerName, ReadOnlySpan<byte> file)
    {
        var isOfCrate = false;
        for (var rest = file; !rest.IsEmpty;)
        {
            var line = Next(ref rest);
            if (line.IsEmpty)
            {
                continue;
            }

            if (!TryRead(line, out var read))
            {
                return false;
            }

            isOfCrate |= read is not null && read.Name.Equals(lowerName, StringComparison.OrdinalIgnoreCase);
        }

        return isOfCrate;
    }

    /// <summary>The line of a version, by its text; where several say it, that of the checksum, or else the first.</summary>
    public static IndexLine? Find(string lowerName, ReadOnlySpan<byte> file, string version, Checksum? checksum)
    {
        for (var rest = file; !rest.IsEmpty;)
        {
            var line = Next(ref rest);
            if (!line.IsEmpty && TryRead(line, out var read) && read is not null
                && read.Version.Equals(version, StringComparison.Ordinal)
                && read.Name.Equals(lowerName, StringComparison.OrdinalIgnoreCase)
                && (checksum is null || checksum == read.Checksum))
            {
                return read;
            }
        }

        return null;
    }

    /// <summary>The next line without its end, of which blanks and a carriage return are part.</summary>
    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf(LineFeed);
        var line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return line.Trim(" \t\r"u8);
    }

    /// <summary>False: it is no JSON object. Null: one that says no version.</summary>
    private static bool TryRead(ReadOnlySpan<byte> line, out IndexLine? read)
    {
        read = null;
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            var (name, version, checksum) = ((string?)null, (string?)null, (string?)null);
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("name"u8))
                {
                    name = TextOf(ref json);
                }
                else if (json.ValueTextEquals("vers"u8))
                {
                    version = TextOf(ref json);
                }
                else if (json.ValueTextEquals("cksum"u8))
                {
                    checksum = TextOf(ref json);
                }
                else
                {
                    json.Skip();
                }
            }

            // To the end: what stands behind the object makes the line none.
            while (json.Read())
            {
            }

            read = name is not null && version is not null && Checksum.TryParse(checksum, out var sum) ? new(name, version, sum) : null;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string? TextOf(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String)
        {
            json.Skip();
            return null;
        }

        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            // It is no UTF-8.
            return null;
        }
    }
}
