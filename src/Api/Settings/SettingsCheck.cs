using System.Globalization;
using Raktar.Application.Accounts;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;

namespace Raktar.Api.Settings;

/// <summary>What cannot be meant is a <see cref="SettingsException"/> that names the setting; nothing starts with it.</summary>
internal static class SettingsCheck
{
    private const int MaxUndoDays = 3650;

    /// <summary>Checks all that needs no more than itself.</summary>
    public static void All(RaktarOptions options)
    {
        Publishing(options);
        People(options);
        Keeping(options);
    }

    private static void Publishing(RaktarOptions options)
    {
        foreach (var limit in typeof(PublishLimits).GetProperties())
        {
            if (Convert.ToInt64(limit.GetValue(options.Limits), CultureInfo.InvariantCulture) < 1)
            {
                throw new SettingsException($"Raktar:Limits:{limit.Name} must be at least 1");
            }
        }

        if (options.Limits.CrateBytes > uint.MaxValue)
        {
            throw new SettingsException($"Raktar:Limits:CrateBytes must be at most {uint.MaxValue}: cargo's upload format cannot say more");
        }

        if (options.Public && options.Policy.NewCratesRestricted)
        {
            throw new SettingsException(
                "Raktar:Policy:NewCratesRestricted does not go with Raktar:Public: a registry that is open to everybody has no restricted crates");
        }

        if (options.Policy.RegistryName is { } name && (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
        {
            throw new SettingsException($"Raktar:Policy:RegistryName `{name}` is no name of a registry for cargo: letters, digits, `-` and `_`");
        }

        if (options.RateLimits is { ConcurrentUploads: < 1 } or { StagedBytes: < 1 } or { ConcurrentPublishes: < 0 } or { WaitingPublishes: < 0 })
        {
            throw new SettingsException(
                "Raktar:RateLimits:ConcurrentUploads and :StagedBytes must be at least 1, :ConcurrentPublishes and :WaitingPublishes at least 0");
        }
    }

    private static void People(RaktarOptions options)
    {
        if (options.Tokens.DefaultDays < 1 || options.Tokens.MaxDays < 0)
        {
            throw new SettingsException("Raktar:Tokens:DefaultDays must be at least 1, Raktar:Tokens:MaxDays at least 0 (any)");
        }

        if (options.AdminToken is { } token && (token.Length is < 16 or > 200 || !token.All(c => c is > ' ' and < '\x7f')))
        {
            throw new SettingsException("Raktar:AdminToken must have 16 to 200 printable ASCII characters without spaces; `raktar token new --offline` makes one");
        }

        if (options.AdminTokenHash is { Length: > 0 } hash && !Checksum.TryParse(hash, out _))
        {
            throw new SettingsException("Raktar:AdminTokenHash must be the 64 lower-case hexadecimal digits that `raktar token new --offline` prints");
        }

        if (options.Sessions.Hours < 1 || options.Sessions.IdleMinutes < 1)
        {
            throw new SettingsException("Raktar:Sessions:Hours and Raktar:Sessions:IdleMinutes must be at least 1");
        }

        if (options.Sessions.PerAccount is < 1 or > SessionPolicy.MostPerAccount)
        {
            throw new SettingsException($"Raktar:Sessions:PerAccount must be 1 to {SessionPolicy.MostPerAccount}");
        }

        foreach (var network in options.ReadFrom)
        {
            ReadingNetworks.Parse(network);
        }
    }

    private static void Keeping(RaktarOptions options)
    {
        if (options.Deletion.UndoDays is < 0 or > MaxUndoDays)
        {
            throw new SettingsException($"Raktar:Deletion:UndoDays must be 0 to {MaxUndoDays}");
        }

        if (options.Audit.RefusedDays is < 0 or > 36500)
        {
            throw new SettingsException("Raktar:Audit:RefusedDays must be 0 to 36500");
        }

        if (options.Audit.RefusedPerMinute < 0)
        {
            throw new SettingsException("Raktar:Audit:RefusedPerMinute must be at least 0");
        }

        if (options.Audit.UnknownPerMinute < 0)
        {
            throw new SettingsException("Raktar:Audit:UnknownPerMinute must be at least 0");
        }

        if (options.Checkpoints.Every < TimeSpan.Zero || (options.Checkpoints.Every > TimeSpan.Zero && options.Checkpoints.Every < TimeSpan.FromSeconds(1)))
        {
            throw new SettingsException("Raktar:Checkpoints:Every must be a time of at least one second, such as `1.00:00:00` for a day, or 0 for never");
        }
    }
}
