using System.Globalization;
using System.Text;

namespace Raktar.Specs.Publishing.CrateFiles;

/// <summary>One tar entry as a test wants it, right or wrong: what is not set is as cargo writes it.</summary>
internal sealed record TestEntry(string Path, byte[] Content)
{
    public TestEntry(string path, string content = "")
        : this(path, Encoding.UTF8.GetBytes(content))
    {
    }

    public char Type { get; init; } = '0';

    public string Mode { get; init; } = "0000644";

    /// <summary>The size field as it stands in the header; null for the true one.</summary>
    public byte[]? Size { get; init; }

    public byte[]? RawPath { get; init; }

    public bool Posix { get; init; }

    /// <summary>Changes the header before its checksum is made.</summary>
    public Action<byte[]>? Change { get; init; }

    /// <summary>Changes the header after its checksum was made.</summary>
    public Action<byte[]>? Damage { get; init; }

    public static TestEntry Directory(string path) => new(path) { Type = '5', Mode = "0000755" };

    public static TestEntry LongName(string path) => new("././@LongLink", path + "\0") { Type = 'L' };

    public static TestEntry Pax(params (string Key, string Value)[] records) =>
        RawPax(string.Concat(records.Select(record => PaxRecord(record.Key, record.Value))));

    public static TestEntry RawPax(string content) => new("PaxHeaders.0/x", content) { Type = 'x', Posix = true };

    public static string PaxRecord(string key, string value)
    {
        var rest = $" {key}={value}\n";
        var bytes = Encoding.UTF8.GetByteCount(rest);
        var length = bytes + 1;
        while (length != bytes + length.ToString(CultureInfo.InvariantCulture).Length)
        {
            length++;
        }

        return length.ToString(CultureInfo.InvariantCulture) + rest;
    }

    public byte[] ToBytes()
    {
        var header = new byte[512];
        (RawPath ?? Encoding.UTF8.GetBytes(Path)).AsSpan().CopyTo(header);
        Encoding.ASCII.GetBytes(Mode).CopyTo(header, 100);
        "0000000"u8.CopyTo(header.AsSpan(108));
        "0000000"u8.CopyTo(header.AsSpan(116));
        (Size ?? Encoding.ASCII.GetBytes(Convert.ToString(Content.Length, 8).PadLeft(11, '0'))).CopyTo(header, 124);
        "00000000001"u8.CopyTo(header.AsSpan(136));
        header[156] = (byte)Type;
        (Posix ? "ustar\000"u8 : "ustar  \0"u8).CopyTo(header.AsSpan(257));
        Change?.Invoke(header);
        Sign(header);
        Damage?.Invoke(header);
        return [.. header, .. Content, .. new byte[(512 - (Content.Length % 512)) % 512]];
    }

    private static void Sign(byte[] header)
    {
        "        "u8.CopyTo(header.AsSpan(148));
        var sum = header.Sum(b => b);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
    }
}

/// <summary>Tar archives for tests.</summary>
internal static class TestTar
{
    public const string Root = "demo-1.0.0";

    public static readonly TestEntry Manifest = new($"{Root}/Cargo.toml", "[package]\nname = \"demo\"\nversion = \"1.0.0\"\n");

    /// <summary>The manifest, then the entries, then the end marker.</summary>
    public static byte[] Crate(params TestEntry[] entries) => Archive([Manifest, .. entries]);

    public static byte[] Archive(params TestEntry[] entries) => [.. Unended(entries), .. new byte[1024]];

    public static byte[] Unended(params TestEntry[] entries) => [.. entries.SelectMany(entry => entry.ToBytes())];

    /// <summary>A file below the root.</summary>
    public static TestEntry File(string path, string content = "") => new($"{Root}/{path}", content);
}
