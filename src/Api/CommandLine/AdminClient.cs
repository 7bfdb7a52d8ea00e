using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Raktar.Api.Settings;

namespace Raktar.Api.CommandLine;

/// <summary>Commands that ask the running registry, as its administrator.</summary>
internal static class AdminClient
{
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    /// <summary>Insists on http to another machine.</summary>
    public static readonly Option<bool> AllowHttp = new("--allow-http")
    {
        Description = "Send the token over http to another machine too, where anybody on the way can read it",
    };

    /// <summary>
    /// Runs <paramref name="work"/> with a client that has an administrator's token: <c>Raktar__AdminToken</c>, or the file admin-token in
    /// the data folder. Paths are relative to the registry's root. Whatever goes wrong on the way, or is answered by something that is no
    /// registry, is a <see cref="SettingsException"/>.
    /// </summary>
    public static async Task<T> Ask<T>(ParseResult parsed, Func<HttpClient, Task<T>> work, CancellationToken cancellationToken)
    {
        var options = RaktarCommand.ClientOptions(parsed);
        var address = new Uri(options.PublicUrl + "/");
        if (address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback && !parsed.GetValue(AllowHttp))
        {
            throw new SettingsException(
                $"anybody on the way to {address} could read the administrator's token: "
                + "use https, or say --allow-http if nobody else is on that network");
        }

        var token = options.AdminToken ?? await ReadToken(options.DataFolder, cancellationToken);
        // Beside the output, which may go into a file.
        Console.Error.WriteLine($"raktar: asking {address}");
        // A redirect would take the request to an address that nobody gave.
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = address,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            return await work(client);
        }
        catch (HttpRequestException e)
        {
            throw new SettingsException($"no registry answers at {options.PublicUrl} ({e.Message}): start it, or say --public-url");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SettingsException($"{options.PublicUrl} did not answer in time");
        }
        // Whatever reading it trips over: there is no end of what a stranger may answer.
        catch (Exception e) when (e is not (SettingsException or OperationCanceledException or IOException))
        {
            throw NoRegistry(address);
        }
    }

    /// <summary>The JSON of an answer; a refusal is a <see cref="SettingsException"/> with its sentence.</summary>
    public static async Task<JsonElement> Answer(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if ((int)response.StatusCode is >= 300 and < 400)
        {
            throw new SettingsException(
                $"{response.RequestMessage!.RequestUri!.GetLeftPart(UriPartial.Authority)} wants to send the request elsewhere, "
                + $"to `{response.Headers.Location}`: if that is the registry's address, say --public-url");
        }

        JsonElement answer;
        try
        {
            using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            answer = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw NoRegistry(response.RequestMessage!.RequestUri!, response.StatusCode);
        }

        return response.IsSuccessStatusCode
            ? answer
            : throw new SettingsException($"the registry refused: {answer.GetProperty("errors")[0].GetProperty("detail").GetString()}");
    }

    private static SettingsException NoRegistry(Uri address, HttpStatusCode? status = null) => new(
        $"{address.GetLeftPart(UriPartial.Authority)} answers, but not as a registry does"
        + (status is { } code ? $" (status {(int)code}): " : ": ")
        + "look at the address, --public-url says another");

    private static async Task<string> ReadToken(string dataFolder, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Path.GetFullPath(dataFolder), "admin-token");
        return File.Exists(file)
            ? (await File.ReadAllTextAsync(file, cancellationToken)).Trim()
            : throw new SettingsException($"no administrator's token: {file} is not there; set Raktar__AdminToken");
    }
}
