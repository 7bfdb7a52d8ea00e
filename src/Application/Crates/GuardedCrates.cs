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

    /// <summary>Whether <paramref name="by"/> (null: somebody unknown) may see the crate. Crates that do not exist are visible: there is nothing to hide.</summary>
    public ValueTask<bool> IsVisible(CrateName name, Identity? by, CancellationToken cancellationToken)
    {
        var found = Find(name, cancellationToken);
        return found.IsCompletedSuccessfully ? new(found.Result?.IsVisibleTo(by) ?? true) : VisibleLater(found, by);
    }

    /// <summary>All of them.</summary>
    public async ValueTask<IEnumerable<Crate>> All(CancellationToken cancellationToken)
    {
        await Refresh(cancellationToken);
        return _crates.Rows;
    }

    /// <summary>The names of those that <paramref name="by"/> (null: somebody unknown) may not see.</summary>
    public async ValueTask<HashSet<CrateName>> HiddenFrom(Identity? by, CancellationToken cancellationToken) =>
        (await All(cancellationToken)).Where(crate => !crate.IsVisibleTo(by)).Select(crate => crate.Name!).ToHashSet();

    /// <inheritdoc/>
    public void Dispose() => _crates.Dispose();

    private static async ValueTask<bool> VisibleLater(ValueTask<Crate?> found, Identity? by) => (await found)?.IsVisibleTo(by) ?? true;

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
