using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Raktar.Application.Events;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Audit;

/// <summary>The one place that makes rows of facts.</summary>
public static class AuditRows
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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
            Actor = actor.Account,
            Token = actor.Token,
            Client = actor.Client,
            Correlation = commit.Correlation,
            Stream = stream,
            Version = commit.FirstVersion + i,
            First = commit.FirstVersion,
            Commit = recorded.Hash,
            Detail = JsonObject(json => Write(json, fact)),
        });

        string? About(string kind) => string.Equals(stream.Kind, kind, StringComparison.Ordinal) ? stream.Key : null;
    }

    /// <summary>A JSON object as text.</summary>
    internal static string JsonObject(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static void Write(Utf8JsonWriter json, DomainEvent fact)
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
                Optional("reason", e.Reason);
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
            case AccountRegistered e:
                json.WriteString("role", Word(e.Role));
                break;
            case RoleChanged e:
                json.WriteString("role", Word(e.Role));
                break;
            case TokenIssued e:
                json.WriteNumber("token", e.Id);
                json.WriteString("name", e.Name);
                break;
            case TokenRevoked e:
                json.WriteNumber("token", e.Id);
                break;
            default:
                throw new InvalidOperationException($"the audit does not know {fact.GetType().Name}");
        }

        void Optional(string name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }
    }

    private static string Word(Role role) => role.ToString().ToLowerInvariant();
}
