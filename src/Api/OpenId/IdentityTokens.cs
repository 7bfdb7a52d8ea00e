using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Raktar.Application;
using Raktar.Application.TrustedPublishing;
using Raktar.Domain;

namespace Raktar.Api.OpenId;

/// <summary>
/// Checks identity tokens (https://www.rfc-editor.org/rfc/rfc7519, as https://www.rfc-editor.org/rfc/rfc8725 advises): what costs nothing first, then the
/// signature. Whether the token was used before, and which crates trust its run, is for others to say.
/// </summary>
internal sealed class IdentityTokens(TrustedPublishingPolicy policy, IssuerKeys keys, TimeProvider time)
{
    private const int MaxLength = 16 * 1024;
    private const int MaxIdLength = 255;

    // Between two clocks.
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    // GitHub says minutes, GitLab as long as a job may take.
    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(24);

    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    // They run with the rights of the project on what strangers propose: GitHub's claim, and GitLab's, whose merge requests may come from a fork and run in
    // the project that they are for (https://gitlab.com/gitlab-org/gitlab/-/issues/548165). What is published was merged before.
    private static readonly (string Claim, string Trigger)[] BlockedTriggers =
    [
        ("event_name", "pull_request_target"), ("event_name", "workflow_run"), ("pipeline_source", "merge_request_event"), ("pipeline_source", "external_pull_request_event"),
    ];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonWebTokenHandler Signatures = new() { MapInboundClaims = false };

    /// <summary>The run that a token describes, or what is wrong with the token. The issuer out of reach: <see cref="CiIssuerUnavailableException"/>.</summary>
    public async Task<Outcome<CiRun>> Check(string jwt, CancellationToken cancellationToken)
    {
        if (jwt.Length > MaxLength)
        {
            return No($"it has {jwt.Length} characters (max {MaxLength})");
        }

        if (Read(jwt) is not var (header, payload))
        {
            return No("it is not three parts of base64url, two of them JSON objects");
        }

        if ((HeaderProblem(header) ?? PayloadProblem(payload)) is { } problem)
        {
            return No(problem);
        }

        var (issuer, keyId, algorithm) = (Text(payload, "iss")!, Text(header, "kid")!, Text(header, "alg")!);
        var key = await keys.Find(issuer, keyId, cancellationToken);
        if (key is null)
        {
            return No($"its key `{keyId}` is none of the issuer's");
        }

        if (!await IsSigned(jwt, key, issuer, algorithm))
        {
            return No("its signature is not the issuer's");
        }

        var run = new CiRun(issuer, Text(payload, "jti")!, Claims(payload));
        foreach (var (claim, trigger) in BlockedTriggers)
        {
            if (string.Equals(run.Claims.GetValueOrDefault(claim), trigger, StringComparison.Ordinal))
            {
                return new NotAllowed($"a run that was triggered by `{trigger}` must not publish");
            }
        }

        return run;
    }

    private static Unauthenticated No(string problem) => new($"the identity token is refused: {problem}");

    private static (JsonElement Header, JsonElement Payload)? Read(string jwt) =>
        jwt.Split('.') is [var header, var payload, { Length: > 0 } signature] && IsBase64Url(signature) && Object(header) is { } first && Object(payload) is { } second
            ? (first, second)
            : null;

    private static bool IsBase64Url(string part) => part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static JsonElement? Object(string part)
    {
        try
        {
            // The text is what is signed, so it must have one meaning: valid UTF-8, no name twice.
            return IsBase64Url(part) && JsonElement.Parse(StrictUtf8.GetString(Base64Url.DecodeFromChars(part)), Strict) is { ValueKind: JsonValueKind.Object } found && HasWholeTexts(found)
                ? found
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    // Half a surrogate pair can be escaped, and is no text.
    private static bool HasWholeTexts(JsonElement json)
    {
        try
        {
            foreach (var property in json.EnumerateObject())
            {
                _ = (property.Name, property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : null);
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? HeaderProblem(JsonElement header) => Text(header, "alg") switch
    {
        null => "it names no algorithm",
        var algorithm when !Algorithms.Contains(algorithm, StringComparer.Ordinal) => $"the algorithm `{algorithm}` is not accepted",
        _ when header.TryGetProperty("crit", out _) => "it demands extensions",
        // An access token for this registry is as good; tokens of other kinds (logouts, events) are not.
        _ when header.TryGetProperty("typ", out _) && Text(header, "typ")?.ToLowerInvariant() is not ("jwt" or "at+jwt" or "application/at+jwt") => "it is a token of another type",
        _ when string.IsNullOrEmpty(Text(header, "kid")) => "it names no key",
        _ => null,
    };

    private string? PayloadProblem(JsonElement payload)
    {
        var now = time.GetUtcNow();
        var issuer = Text(payload, "iss");
        var (issued, from, end) = (Time(payload, "iat"), Time(payload, "nbf"), Time(payload, "exp"));
        return payload switch
        {
            _ when issuer is null => "it names no issuer",
            _ when !policy.Knows(issuer) => $"its issuer `{issuer}` is not known here",
            _ when !IsForUs(payload) => $"its audience is not `{policy.Audience}`",
            _ when end is null => "it does not say when it ends (`exp`)",
            _ when issued is null => "it does not say when it was issued (`iat`)",
            _ when from is null && payload.TryGetProperty("nbf", out _) => "it does not say from when on it is good (`nbf`)",
            _ when end <= now - Skew => "it has expired",
            _ when issued > now + Skew => "it was issued in the future",
            _ when from > now + Skew => "it is not good yet",
            _ when end - issued > LongestLife => $"it is good for longer than {LongestLife.TotalHours} hours",
            _ when Text(payload, "jti") is not { Length: > 0 and <= MaxIdLength } => $"it has no id (`jti`, 1 to {MaxIdLength} characters)",
            _ => null,
        };
    }

    // One that is for others too could be used here by any of them.
    private bool IsForUs(JsonElement payload)
    {
        if (!payload.TryGetProperty("aud", out var audience))
        {
            return false;
        }

        var only = audience.ValueKind == JsonValueKind.Array && audience.GetArrayLength() == 1 ? audience[0] : audience;
        return only.ValueKind == JsonValueKind.String && only.ValueEquals(policy.Audience);
    }

    private static DateTimeOffset? Time(JsonElement payload, string name) =>
        payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds)
        && seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static Dictionary<string, string> Claims(JsonElement payload)
    {
        var claims = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var claim in payload.EnumerateObject())
        {
            var text = claim.Value.ValueKind switch
            {
                JsonValueKind.String => claim.Value.GetString(),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => claim.Value.GetRawText(),
                _ => null,
            };
            if (text is not null)
            {
                claims.Add(claim.Name, text);
            }
        }

        return claims;
    }

    private async Task<bool> IsSigned(string jwt, JsonWebKey key, string issuer, string algorithm)
    {
        if (!string.IsNullOrEmpty(key.Alg) && !string.Equals(key.Alg, algorithm, StringComparison.Ordinal))
        {
            return false;
        }

        var result = await Signatures.ValidateTokenAsync(jwt, new TokenValidationParameters
        {
            RequireSignedTokens = true,
            ValidAlgorithms = [algorithm],
            IssuerSigningKey = key,
            ValidIssuer = issuer,
            ValidAudience = policy.Audience,
            // Checked before, by the registry's clock.
            ValidateLifetime = false,
        });
        return result.IsValid;
    }
}
