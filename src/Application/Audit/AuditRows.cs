using System.Globalization;
using System.Text.Json;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Ci;
using Raktar.Domain.Crates;
using Raktar.Domain.Registry;

namespace Raktar.Application.Audit;

/// <summary>The one place that makes rows of facts.</summary>
public static class AuditRows
{
    /// <summary>A row per fact of a commit, in order.</summary>
    public static IEnumerable<AuditRow> Of(RecordedCommit recorded)
    {
        var commit = recorded.Commit;
        var (stream, actor) = (commit.Stream, commit.Actor);
        return commit.Events.Select((fact, i) => new AuditRow
        {
            At = commit.At,
            Kind = EventCodec.StoredNameOf(fact),
            Crate = About(StreamName.CrateKind),
            Account = About(StreamName.AccountKind),
            Team = About(StreamName.TeamKind) ?? fact switch
            {
                TeamJoined e => e.Team.Text,
                TeamLeft e => e.Team.Text,
                _ => null,
            },
            Actor = actor.Account,
            Token = actor.Token,
            Ci = actor.Ci,
            Client = actor.Client,
            Correlation = commit.Correlation,
            Stream = stream,
            Version = commit.FirstVersion + i,
            First = commit.FirstVersion,
            Commit = recorded.Hash,
            Detail = AuditRow.JsonObject(json => Write(json, fact)),
        });

        string? About(string kind) => string.Equals(stream.Kind, kind, StringComparison.Ordinal) ? stream.Key : null;
    }

    private static void Write(Utf8JsonWriter json, DomainEvent fact)
    {
        if (!OfCrates(json, fact) && !OfAccounts(json, fact) && !OfTrustedPublishing(json, fact) && !OfTheRegistry(json, fact))
        {
            throw new InvalidOperationException($"the audit does not know {fact.GetType().Name}");
        }
    }

    private static bool OfCrates(Utf8JsonWriter json, DomainEvent fact)
    {
        switch (fact)
        {
            case CrateCreated e:
                json.WriteString("name", e.Name.Text);
                json.WriteString("owner", e.Owner.Text);
                break;
            case VersionPublished e:
                json.WriteString("version", e.Version.ToString());
                json.WriteString("checksum", e.Checksum.Hex);
                json.WriteNumber("size", e.Size);
                break;
            case VersionYanked e:
                json.WriteString("version", e.Version.ToString());
                json.Optional("reason", e.Reason);
                break;
            case VersionUnyanked e:
                json.WriteString("version", e.Version.ToString());
                break;
            case OwnerAdded e:
                json.WriteString("owner", e.Owner.Text);
                break;
            case OwnerRemoved e:
                json.WriteString("owner", e.Owner.Text);
                break;
            case VisibilityChanged e:
                json.WriteBoolean("restricted", e.Restricted);
                json.List("readers", e.Readers.Select(team => team.Text));
                break;
            case VersionDeleted e:
                json.WriteString("version", e.Version.ToString());
                json.WriteString("reason", e.Reason);
                json.WriteString("restorable_until", Moment(e.RestorableUntil));
                break;
            case CrateRespelled e:
                json.WriteString("name", e.Name.Text);
                break;
            case VersionRestored e:
                json.WriteString("version", e.Version.ToString());
                break;
            default:
                return false;
        }

        return true;
    }

    private static bool OfAccounts(Utf8JsonWriter json, DomainEvent fact)
    {
        switch (fact)
        {
            case AccountRegistered e:
                json.WriteString("role", Word(e.Role));
                break;
            case RoleChanged e:
                json.WriteString("role", Word(e.Role));
                break;
            case TokenIssued e:
                json.WriteNumber("token", e.Id);
                json.WriteString("name", e.Name);
                json.List("scopes", e.Scopes.Select(scope => scope.Word()));
                json.List("crates", e.Crates.Select(pattern => pattern.ToString()));
                json.Optional("expires_at", e.ExpiresAt is { } end ? Moment(end) : null);
                break;
            case TokenRevoked e:
                json.WriteNumber("token", e.Id);
                json.Optional("reason", e.Reason);
                break;
            case IdentityLinked e:
                json.WriteString("issuer", e.Issuer);
                json.WriteString("subject", e.Subject);
                break;
            case IdentityUnlinked e:
                json.WriteString("issuer", e.Issuer);
                json.WriteString("subject", e.Subject);
                break;
            case AccountDisabled e:
                json.WriteString("reason", e.Reason);
                break;
            case AccountEnabled e:
                json.Optional("reason", e.Reason);
                break;
            case TeamJoined or TeamLeft or TeamCreated:
                // The team has a field of its own.
                break;
            default:
                return false;
        }

        return true;
    }

    private static bool OfTrustedPublishing(Utf8JsonWriter json, DomainEvent fact)
    {
        switch (fact)
        {
            case TrustedPublisherAdded e:
                json.WriteNumber("trusted_publisher", e.Id);
                json.WriteString("issuer", e.Issuer);
                json.WriteStartObject("claims");
                foreach (var rule in e.Claims)
                {
                    json.WriteString(rule.Claim, rule.Value);
                }

                json.WriteEndObject();
                break;
            case TrustedPublisherRemoved e:
                json.WriteNumber("trusted_publisher", e.Id);
                break;
            case TrustedOnlyChanged e:
                json.WriteBoolean("only", e.Only);
                break;
            case CiTokenIssued e:
                json.List("crates", e.Crates.Select(crate => crate.Name.Text));
                json.WriteString("issuer", e.Issuer);
                json.WriteString("run", e.Run);
                json.WriteString("expires_at", Moment(e.ExpiresAt));
                break;
            case CiTokenRevoked e:
                json.Optional("reason", e.Reason);
                break;
            default:
                return false;
        }

        return true;
    }

    private static bool OfTheRegistry(Utf8JsonWriter json, DomainEvent fact)
    {
        switch (fact)
        {
            case CheckpointMade e:
                json.WriteNumber("number", e.Number);
                json.WriteString("at", Moment(e.At));
                json.WriteNumber("streams", e.Streams);
                json.WriteNumber("commits", e.Commits);
                json.WriteString("root", e.Root.Hex);
                break;
            case CheckpointRequested or SessionsEnded:
                break;
            default:
                return false;
        }

        return true;
    }

    private static void Optional(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void List(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        values.ToList().ForEach(json.WriteStringValue);
        json.WriteEndArray();
    }

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static string Word(Role role) => role.ToString().ToLowerInvariant();
}
