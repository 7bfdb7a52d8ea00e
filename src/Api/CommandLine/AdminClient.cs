using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.Api.Hosting;

namespace Raktar.Api.CommandLine;

/// <summary>Commands that ask the running registry, as its administrator.</summary>
internal static class AdminClient
{
    /// <summary>A client with an administrator's token: <c>Raktar__AdminToken</c>, or the file admin-token in the data folder. Paths are relative to the registry's root.</summary>
    public static async Task<HttpClient> Create(RaktarOptions options, CancellationToken cancellationToken)
    {
        var token = options.AdminToken ?? await ReadToken(options.DataFolder, cancellationToken);
        var client = new HttpClient { BaseAddress = new Uri(options.PublicUrl + "/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>The JSON of an answer; a refusal is a <see cref="SettingsException"/> with its sentence.</summary>
    public static async Task<JsonElement> Answer(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return response.IsSuccessStatusCode
            ? answer
            : throw new SettingsException($"the registry refused: {answer.GetProperty("errors")[0].GetProperty("detail").GetString()}");
    }

    /// <summary>What to say when there is none.</summary>
    public static SettingsException NoAnswer(RaktarOptions options, HttpRequestException e) =>
        new($"no registry answers at {options.PublicUrl} ({e.Message}): start it, or say --public-url");

    private static async Task<string> ReadToken(string dataFolder, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Path.GetFullPath(dataFolder), "admin-token");
        return File.Exists(file)
            ? (await File.ReadAllTextAsync(file, cancellationToken)).Trim()
            : throw new SettingsException($"no administrator's token: {file} is not there; set Raktar__AdminToken");
    }
}
