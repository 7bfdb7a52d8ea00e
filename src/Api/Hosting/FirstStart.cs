using MediatR;
using Raktar.Application;
using Raktar.Application.Accounts;
using Raktar.Application.Events;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Hosting;

/// <summary>Makes the account <c>admin</c> and its token when the log has none.</summary>
internal static class FirstStart
{
    private static readonly Caller Raktar = new(Login.Raktar, Role.Admin, Token: 0, Client: null, Correlation: "first-start");

    /// <summary>Answers the new admin token, or null when there was an admin before. <paramref name="tokenFile"/> gets it too (mode 0600).</summary>
    public static async Task<string?> Run(IServiceProvider services, string? preset, string tokenFile)
    {
        var (admin, _) = await services.GetRequiredService<Streams<Account>>().Load(StreamName.Of(Login.Admin), CancellationToken.None);
        var sender = services.GetRequiredService<IMediator>();
        if (admin.Tokens.Count > 0)
        {
            // A changed preset is a new token: the operator asks for it by restarting.
            if (preset is not null && admin.Tokens.Values.All(token => token.Hash != Tokens.Hash(preset)))
            {
                (await sender.Send(new IssueToken(Raktar, Login.Admin, "preset", preset))).OrThrow();
            }

            return null;
        }

        // The file first: a crash in between leaves a file that the next start overwrites, never an admin whose token nobody has.
        var text = preset ?? Tokens.Create();
        await WriteSecret(tokenFile, text);
        (await sender.Send(new PutAccount(Raktar, Login.Admin, Role.Admin))).OrThrow();
        (await sender.Send(new IssueToken(Raktar, Login.Admin, "first start", text))).OrThrow();
        return text;
    }

    private static async Task WriteSecret(string path, string text)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = new FileStream(path, options);
        await file.WriteAsync(System.Text.Encoding.ASCII.GetBytes(text + "\n"));
        file.Flush(flushToDisk: true);
    }

    private static void OrThrow<T>(this Outcome<T> outcome)
    {
        if (outcome.Refusal is { } refusal)
        {
            throw new InvalidOperationException(refusal.Sentence);
        }
    }
}
