using Raktar.Application.Accounts;
using Raktar.Application.Audit;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Projections.Crates;

namespace Raktar.Projections;

/// <summary>
/// All projections. A stream that moved is read and decoded once for all of them: the same while the registry runs, on a rebuild, where documents are compared with
/// the log, and in a function of its own.
/// </summary>
public sealed class Projectors(IStreamReader events, IDocumentStore documents, IAuditStore audit) : IDisposable
{
    // One in a process at a time, whatever stream it is of.
    private readonly LargeDocuments _large = new();

    /// <summary>The kinds of all documents, each with the kind of streams that it is made of.</summary>
    public static IReadOnlyDictionary<string, string> Kinds { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [IndexFile.Kind] = StreamName.CrateKind,
        [CrateStreams.Kind] = StreamName.CrateKind,
        [CrateDetails.Kind] = StreamName.CrateKind,
        [CatalogueRow.Kind] = StreamName.CrateKind,
        [AccountStreams.Kind] = StreamName.AccountKind,
    };

    /// <summary>The names of all projections.</summary>
    public static IEnumerable<string> Names => [.. Kinds.Keys, AuditProjector.Name];

    /// <summary>
    /// Whether a document cannot be made because of what its stream holds, so that trying again would end the same. What else fails is an outage, or a bug.
    /// </summary>
    public static bool IsImpossible(Exception e) => e is DocumentTooLargeException or CorruptCommitException;

    /// <summary>The projections that follow a stream, in the order in which readers need them; for once, as what was read is kept.</summary>
    public IReadOnlyList<IProjector> Of(StreamName stream)
    {
        var read = new ReadStream(events);
        var audits = new AuditProjector(read, audit);
        return stream.Kind switch
        {
            StreamName.CrateKind =>
            [
                On(new IndexProjection()),
                On(new StateProjection<Domain.Crates.Crate>(new CrateStreams(), crate => crate.IsGuarded)),
                On(new CrateDetailsProjection()),
                On(new CatalogueProjection()),
                audits,
            ],
            StreamName.AccountKind =>
            [
                On(new StateProjection<Domain.Accounts.Account>(new AccountStreams(), isFollowed: _ => true, Aliases)),
                audits,
            ],
            _ => [audits],
        };

        Projector<T> On<T>(IProjection<T> projection)
            where T : class => new(projection, read, documents, _large);
    }

    /// <inheritdoc/>
    public void Dispose() => _large.Dispose();

    private static IReadOnlyCollection<string> Aliases(Domain.Accounts.Account account) =>
    [
        .. account.Tokens.Values.Where(token => !token.IsRevoked).Select(token => token.Hash.Hex),
        .. account.Identity is { } identity ? [AccountStreams.AliasOf(identity)] : Array.Empty<string>(),
    ];
}
