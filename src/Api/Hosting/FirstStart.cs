using Raktar.Api.Settings;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Hosting;

/// <summary>
/// Makes the account <c>admin</c> and its first token. In an embedded registry it runs once the projections follow the log and before anything is served:
/// whoever is answered at all can sign in.
/// </summary>
internal sealed class FirstStart(RaktarOptions options, Streams<Account> accounts, TimeProvider time) : IHostedService
{
    private static readonly Caller Raktar = Caller.Registry("first-start");

    /// <summary>The administrator's first token, if it was made just now.</summary>
    public string? Token { get; private set; }

    /// <summary>The file that the first token is kept in.</summary>
    public string TokenFile => Path.Combine(Path.GetFullPath(options.DataFolder), "admin-token");

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.AdminTokenHash is { Length: > 0 })
        {
            await Preset(accounts, options.PresetHash!, time);
        }
        else
        {
            Token = await Run(accounts, options.AdminToken, TokenFile, time);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Sees to it that the administrator has the token that the operator set; a changed setting is a new token. Once made it is not made again,
    /// also when it was revoked meanwhile. Where there are too many tokens the oldest goes, so that nothing keeps a registry from starting.
    /// Any number of processes may do so at once.
    /// </summary>
    public static async Task Preset(Streams<Account> accounts, Checksum hash, TimeProvider time)
    {
        var outcome = await accounts.Change(StreamName.Of(Login.Admin), Raktar, admin => AccountDecider.Preset(admin, hash, time.GetUtcNow()), CancellationToken.None);
        if (outcome.Refusal is { } refusal)
        {
            throw new SettingsException(refusal.Sentence);
        }
    }

    /// <summary>Answers a new admin token, or null when there was one before. <paramref name="tokenFile"/> gets it too (mode 0600).</summary>
    private static async Task<string?> Run(Streams<Account> accounts, string? preset, string tokenFile, TimeProvider time)
    {
        var (admin, _) = await accounts.Load(StreamName.Of(Login.Admin), CancellationToken.None);
        var isFirst = admin.Tokens.Count == 0;
        var text = preset ?? (isFirst ? Tokens.Create() : null);
        if (isFirst)
        {
            // The file first: a crash in between leaves a file that the next start overwrites, never an admin whose token nobody has.
            await WriteSecret(tokenFile, text!);
        }

        if (text is not null)
        {
            await Preset(accounts, Tokens.Hash(text), time);
        }

        return isFirst ? text : null;
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
}
