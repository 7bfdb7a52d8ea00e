using Raktar.Application.Ports;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates;

/// <summary>
/// The few crates of which every request must know something before it is answered: restricted ones, those with trusted publishers, those with deleted
/// versions. They are kept in memory, so that asking costs no read; how old the answer may be is the document store's to say, as for tokens.
/// </summary>
public sealed class GuardedCrates(IDocumentStore documents, TimeProvider time) : IDisposable
{
    private static readonly CrateStreams State = new();

    private readonly Followed<Crate> _crates = new(documents, CrateStreams.Kind, body => State.Parse(body).State);
    private long _looked;

    /// <summary>The crate if it is one of them, else null.</summary>
    public ValueTask<Crate?> Find(CrateName name, CancellationToken cancellationToken)
    {
        var current = Refresh(cancellationToken);
        return current.IsCompletedSuccessfully ? new(_crates.Find(name.Canonical)) : Later(current, name);
    }

    /// <summary>
    /// Whether a view of a crate may be shown to <paramref name="by"/> (null: somebody unknown). <paramref name="crate"/> is what was found here. Where that is
    /// nothing and yet the view says that the crate is restricted, the view is the newer one, as of a crate that is restricted from its first moment: until its
    /// owners are known here as well, it is there for nobody.
    /// </summary>
    public static bool Shows(Crate? crate, bool isRestricted, Identity? by) => crate?.IsVisibleTo(by) ?? !isRestricted;

    /// <summary>All of them.</summary>
    public async ValueTask<IEnumerable<Crate>> All(CancellationToken cancellationToken)
    {
        await Refresh(cancellationToken);
        return _crates.Rows;
    }

    /// <summary>Which rows of the catalogue <paramref name="by"/> (null: somebody unknown) may see.</summary>
    public async ValueTask<Func<CatalogueRow, bool>> ShownTo(Identity? by, CancellationToken cancellationToken)
    {
        await Refresh(cancellationToken);
        return row => Shows(_crates.Find(row.Name.Canonical), row.IsRestricted, by);
    }

    /// <inheritdoc/>
    public void Dispose() => _crates.Dispose();

    private async ValueTask<Crate?> Later(ValueTask current, CrateName name)
    {
        await current;
        return _crates.Find(name.Canonical);
    }

    private ValueTask Refresh(CancellationToken cancellationToken)
    {
        var looked = Volatile.Read(ref _looked);
        return looked != 0 && (documents.Remembered > TimeSpan.Zero ? time.GetElapsedTime(looked) < documents.Remembered : _crates.IsCurrent())
            ? default
            : Update(cancellationToken);
    }

    private async ValueTask Update(CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        await _crates.Current(cancellationToken);
        Volatile.Write(ref _looked, now);
    }
}
