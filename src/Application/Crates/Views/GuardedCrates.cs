using System.Collections.Concurrent;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>
/// The few crates of which every request must know something before it is answered: restricted ones, those with trusted publishers, those with deleted
/// versions. They are kept in memory, so that asking costs no read; how old the answer may be is the document store's to say, as for tokens. A crate whose
/// documents may lack something is looked up in the log.
/// </summary>
public sealed class GuardedCrates(IDocumentStore documents, IEventStore events, Unprojected unprojected, TimeProvider time) : IDisposable
{
    private static readonly CrateStreams State = new();

    private readonly Followed<Crate> _crates = new(documents, CrateStreams.Kind, body => State.Parse(body).State);

    // What the log said of crates whose documents may lack something, and which version they lacked then.
    private readonly ConcurrentDictionary<string, (long Version, long Looked, Crate Crate)> _asked = new(StringComparer.Ordinal);
    private long _looked;

    /// <summary>The crate if it is one of them, else null.</summary>
    public ValueTask<Crate?> Find(CrateName name, CancellationToken cancellationToken)
    {
        // Before the documents are read: what is projected meanwhile is in them.
        if (!unprojected.IsEmpty && unprojected.Find(StreamName.Of(name)) is { } lacking)
        {
            return FindInLog(StreamName.Of(name), lacking, cancellationToken);
        }

        var current = Refresh(cancellationToken);
        return current.IsCompletedSuccessfully ? new(_crates.Find(name.Canonical)) : Later(current, name);
    }

    /// <summary>
    /// Whether a view of the crate <paramref name="name"/> may be shown to <paramref name="by"/> (null: somebody unknown). <paramref name="crate"/> is what was
    /// found here. Where that is nothing and yet the view says that the crate is restricted, the view is the newer one: what is remembered here is then brought
    /// up to date, so that whoever may see the crate goes on seeing it, and until its owners are known here as well it is there for nobody.
    /// </summary>
    public ValueTask<bool> Shows(CrateName name, Crate? crate, bool isRestricted, Requester? by, CancellationToken cancellationToken)
    {
        return crate is null && isRestricted ? OnceUpdated() : new(MaySee(crate, isRestricted, by));

        async ValueTask<bool> OnceUpdated()
        {
            await Update(cancellationToken);
            return MaySee(_crates.Find(name.Canonical), isRestricted, by);
        }
    }

    /// <summary>The versions that are deleted although documents may still show them: none while nothing fails.</summary>
    public ValueTask<IReadOnlyCollection<SemVersion>> StillShown(CrateName name, CancellationToken cancellationToken) =>
        !unprojected.IsEmpty && unprojected.Find(StreamName.Of(name)) is { } lacking ? DeletedInLog(StreamName.Of(name), lacking, cancellationToken) : new([]);

    /// <summary>All of them.</summary>
    public async ValueTask<IEnumerable<Crate>> All(CancellationToken cancellationToken)
    {
        var lacking = unprojected.Streams;
        await Refresh(cancellationToken);
        if (lacking.Count == 0)
        {
            return _crates.Rows;
        }

        var all = _crates.Rows.ToDictionary(crate => crate.Name!.Canonical, StringComparer.Ordinal);
        foreach (var (stream, version) in lacking.Where(each => each.Key.Kind == StreamName.CrateKind))
        {
            if (await FindInLog(stream, version, cancellationToken) is { } crate)
            {
                all[stream.Key] = crate;
            }
        }

        return all.Values;
    }

    /// <summary>What <paramref name="by"/> (null: somebody unknown) may see of a list of crates.</summary>
    public async ValueTask<Sight> Of(Requester? by, CancellationToken cancellationToken)
    {
        if (unprojected.IsEmpty)
        {
            await Refresh(cancellationToken);
            return new(_crates.Rows, _crates.Find, by);
        }

        var all = (await All(cancellationToken)).ToDictionary(crate => crate.Name!.Canonical, StringComparer.Ordinal);
        return new(all.Values, all.GetValueOrDefault, by);
    }

    /// <inheritdoc/>
    public void Dispose() => _crates.Dispose();

    private static bool MaySee(Crate? crate, bool isRestricted, Requester? by) => crate?.IsVisibleTo(by) ?? !isRestricted;

    private async ValueTask<IReadOnlyCollection<SemVersion>> DeletedInLog(StreamName stream, long lacking, CancellationToken cancellationToken) =>
        [.. (await FindInLog(stream, lacking, cancellationToken))?.Versions.Values.Where(version => version.IsDeleted).Select(version => version.Version) ?? []];

    private async ValueTask<Crate?> FindInLog(StreamName stream, long lacking, CancellationToken cancellationToken)
    {
        if (!_asked.TryGetValue(stream.Key, out var known) || known.Version != lacking || (documents.Remembered > TimeSpan.Zero && !IsRemembered(known.Looked)))
        {
            var now = time.GetTimestamp();
            known = (lacking, now, await Load(stream, cancellationToken));
            Forget();
            _asked[stream.Key] = known;
        }

        if (documents.LastChange(CrateStreams.Kind) is null)
        {
            // Others write the documents, and do not say when they have: what is followed tells it.
            await Refresh(cancellationToken);
            if (!known.Crate.IsGuarded || _crates.VersionOf(stream.Key) >= lacking)
            {
                unprojected.Remove(stream, lacking);
            }
        }

        return known.Crate.IsGuarded ? known.Crate : null;
    }

    private async Task<Crate> Load(StreamName stream, CancellationToken cancellationToken)
    {
        try
        {
            return (await State.Load(events, documents, stream, cancellationToken)).State;
        }
        catch (CorruptCommitException)
        {
            // Nobody knows who may see it, and it must not take down what lists crates: it is there for administrators.
            return Crate.Unpublished with { Name = CrateName.Parse(stream.Key), IsRestricted = true, IsGuarded = true };
        }
    }

    private async ValueTask<Crate?> Later(ValueTask current, CrateName name)
    {
        await current;
        return _crates.Find(name.Canonical);
    }

    private ValueTask Refresh(CancellationToken cancellationToken)
    {
        var looked = Volatile.Read(ref _looked);
        return looked != 0 && (documents.Remembered > TimeSpan.Zero ? IsRemembered(looked) : _crates.IsCurrent())
            ? default
            : Update(cancellationToken);
    }

    private bool IsRemembered(long looked) => time.GetElapsedTime(looked) < documents.Remembered;

    private async ValueTask Update(CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        await _crates.Current(cancellationToken);
        Volatile.Write(ref _looked, now);
    }

    private void Forget()
    {
        var lacking = unprojected.Streams;
        if (_asked.Count <= 100 + (2 * lacking.Count))
        {
            return;
        }

        var keys = lacking.Keys.Select(stream => stream.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var (key, _) in _asked.Where(asked => !keys.Contains(asked.Key)))
        {
            _asked.TryRemove(key, out _);
        }
    }
}

/// <summary>What somebody may see of a list of crates, as of one time.</summary>
public sealed class Sight(IEnumerable<Crate> guarded, Func<string, Crate?> find, Requester? by)
{
    /// <summary>The crates that they may not see, by canonical name, whatever a list says.</summary>
    public IEnumerable<string> Unseen => guarded.Where(crate => !crate.IsVisibleTo(by)).Select(crate => crate.Name!.Canonical);

    /// <summary>Whether they may see a crate of which a list says that it is restricted.</summary>
    public bool Sees(string canonicalName) => find(canonicalName)?.IsVisibleTo(by) == true;
}
