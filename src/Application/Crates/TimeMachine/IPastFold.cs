using Raktar.Application.Log;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.TimeMachine;

/// <summary>How a view of a crate follows from its commits: what its projection does, for asking about the past.</summary>
public interface IPastFold<TView>
    where TView : class
{
    /// <summary>The kind of the live view's documents.</summary>
    string Kind { get; }

    /// <summary>The view after these commits of one stream, from the first on, less some versions; null after none.</summary>
    Task<TView?> Fold(IAsyncEnumerable<RecordedCommit> commits, IReadOnlySet<SemVersion> without, CancellationToken cancellationToken);

    /// <summary>About how many bytes of memory a view takes.</summary>
    long MemoryOf(TView view);
}
