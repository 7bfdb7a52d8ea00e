using Raktar.Application.Crates;
using Raktar.Application.Events;
using Raktar.Domain.Crates;

namespace Raktar.Application.Ports;

/// <summary>How the index file of a crate follows from its commits: what its projection does, for asking about the past.</summary>
public interface IIndexFold
{
    /// <summary>The file after these commits of one stream, from the first on, less some versions; null after none.</summary>
    IndexFile? Fold(IEnumerable<RecordedCommit> commits, IReadOnlySet<SemVersion> without);
}
