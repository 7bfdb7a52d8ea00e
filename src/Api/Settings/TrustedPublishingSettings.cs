using Raktar.Application.TrustedPublishing;

namespace Raktar.Api.Settings;

/// <summary>Reads <c>Raktar:TrustedPublishing:*</c>.</summary>
internal static class TrustedPublishingSettings
{
    /// <summary>The policy with its default audience; anything wrong is a <see cref="SettingsException"/>.</summary>
    public static TrustedPublishingPolicy Complete(this TrustedPublishingPolicy policy, string publicUrl)
    {
        foreach (var (issuer, at) in policy.Issuers.Select((issuer, at) => (issuer.Url, at)))
        {
            if (!Uri.TryCreate(issuer, UriKind.Absolute, out var url) || url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0
                || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
            {
                throw new SettingsException($"Raktar:TrustedPublishing:Issuers:{at}:Url `{issuer}` is not an https URL (http only on this machine)");
            }
        }

        if (policy.Issuers.GroupBy(issuer => issuer.Url, StringComparer.Ordinal).FirstOrDefault(same => same.Skip(1).Any()) is { Key: var twice })
        {
            throw new SettingsException($"Raktar:TrustedPublishing:Issuers has `{twice}` twice");
        }

        // As the official GitHub action derives it from its input `url`.
        return policy.Audience.Length > 0 ? policy : policy with { Audience = publicUrl[(publicUrl.IndexOf("://", StringComparison.Ordinal) + 3)..] };
    }
}
