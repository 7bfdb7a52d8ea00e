using System.Globalization;
using System.Text.Json;

namespace Raktar.Bench;

/// <summary>A registry filled by real publishes.</summary>
internal static class SmallRegistry
{
    /// <summary>The crate whose index file has a typical size.</summary>
    public const string Indexed = "indexed";
    public const string IndexPath = "/in/de/indexed";
    private const int IndexedVersions = 20;
    public const int CrateSize = 20_000;

    public static async Task Fill(HttpClient client, int crates)
    {
        for (var i = 0; i < IndexedVersions; i++)
        {
            await Publish(client, CrateBuilder.Body(Indexed, Version(i), CrateSize));
        }

        await Publish(client, CrateBuilder.Body("kilobytes", "1.0.0", 50 * 1000));
        await Publish(client, CrateBuilder.Body("megabytes", "1.0.0", 5 * 1000 * 1000));
        await Parallel.ForAsync(0, crates, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            for (var version = 0; version <= i % 5; version++)
            {
                await Publish(client, CrateBuilder.Body($"crate-{Text(i)}", Version(version), CrateSize));
            }
        });
    }

    public static string Version(int i) => $"1.{Text(i)}.0";

    public static string Text(int i) => i.ToString(CultureInfo.InvariantCulture);

    public static async Task Publish(HttpClient client, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        using var answer = await client.PutAsync(new Uri("/api/v1/crates/new", UriKind.Relative), content);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"a publish failed: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>The path of the only version's download, by the template in config.json.</summary>
    public static async Task<string> DownloadPath(HttpClient client, string indexPath)
    {
        using var line = JsonDocument.Parse(await client.GetStringAsync(new Uri(indexPath, UriKind.Relative)));
        string Field(string name) => line.RootElement.GetProperty(name).GetString()!;
        return $"/dl/{Field("name")}/{Field("vers")}/{Field("cksum")}.crate";
    }

    /// <summary>Puts the index file, as Raktar serves it, where nginx finds it. Answers Raktar's ETags: plain, and gzipped.</summary>
    public static async Task<(string Plain, string Gzip)> CopyIndex(HttpClient client, string nginxFiles)
    {
        var target = Path.Combine(nginxFiles, IndexPath[1..]);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var plain = await Get(client, gzip: false);
        var gzip = await Get(client, gzip: true);
        await File.WriteAllBytesAsync(target, plain.Body);
        await File.WriteAllBytesAsync($"{target}.gz", gzip.Body);
        File.SetLastWriteTimeUtc($"{target}.gz", File.GetLastWriteTimeUtc(target));
        return (plain.ETag, gzip.ETag);
    }

    /// <summary>The index file's ETag as a server answers it.</summary>
    public static async Task<string> ETag(HttpClient client, string server)
    {
        using var answer = await client.GetAsync(new Uri(server + IndexPath));
        return answer.EnsureSuccessStatusCode().Headers.ETag!.ToString();
    }

    private static async Task<(byte[] Body, string ETag)> Get(HttpClient client, bool gzip)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, IndexPath);
        if (gzip)
        {
            request.Headers.AcceptEncoding.ParseAdd("gzip");
        }

        using var answer = await client.SendAsync(request);
        return (await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(), answer.Headers.ETag!.ToString());
    }
}
