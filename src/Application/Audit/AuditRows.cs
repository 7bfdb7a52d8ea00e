using Raktar.Application.Log;
using Raktar.Domain.Accounts;

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
            Detail = FactDetail.Of(fact),
        });

        string? About(string kind) => string.Equals(stream.Kind, kind, StringComparison.Ordinal) ? stream.Key : null;
    }
}
