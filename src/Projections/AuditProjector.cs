using Raktar.Application.Audit;
using Raktar.Application.Log;
using Raktar.Application.Ports;

namespace Raktar.Projections;

/// <summary>
/// The audit: a row per fact of every stream, instead of a document per stream. The rows of a stream are written in its order, so the newest one says what
/// is there, and what a crash or a lost notice left out is written by the next call.
/// </summary>
public sealed class AuditProjector(IStreamReader events, IAuditStore audit) : IProjector
{
    /// <summary>Its kind, and its role on AWS.</summary>
    public const string Name = "audit";

    private const int AtATime = 500;

    /// <inheritdoc/>
    public string Kind => Name;

    /// <inheritdoc/>
    public async Task CatchUp(StreamName stream, CancellationToken cancellationToken)
    {
        var last = await audit.Read(Lane(stream), AuditPlace.Oldest, AuditPlace.Newest, 1, cancellationToken);
        var newest = last.Rows.Count > 0 ? last.Rows[0] : null;
        var rows = new List<AuditRow>();
        // From its commit on, which may have been written in part.
        await foreach (var recorded in events.ReadOutline(stream, (newest?.First ?? 1) - 1, cancellationToken))
        {
            rows.AddRange(AuditRows.Of(recorded).Where(row => newest is null || row.Version > newest.Version));
            if (rows.Count >= AtATime)
            {
                await audit.Put(stream, rows, cancellationToken);
                rows.Clear();
            }
        }

        if (rows.Count > 0)
        {
            await audit.Put(stream, rows, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> Rebuild(StreamName stream, CancellationToken cancellationToken)
    {
        // Rows before facts: what the registry appends meanwhile is no row that should not be there.
        var stored = await audit.Filed(stream, cancellationToken).ToDictionaryAsync(filed => filed.Place, cancellationToken: cancellationToken);
        var right = new Dictionary<AuditPlace, AuditRow>();
        await Read(0);
        if (stored.Keys.Any(place => place.Version > right.Count))
        {
            // The log may have been read before the rows were.
            await Read(right.Count);
        }

        var wrong = stored.Keys.Where(place => !right.ContainsKey(place)).ToList();
        var missing = right.Values.Where(row => !stored.TryGetValue(row.Place, out var there) || there.Row != row || !there.IsFiledRight).OrderBy(row => row.Version).ToList();
        if (wrong.Count > 0)
        {
            await audit.Delete(stream, wrong, cancellationToken);
        }

        if (missing.Count > 0)
        {
            await audit.Put(stream, missing, cancellationToken);
        }

        return wrong.Count > 0 || missing.Count > 0;

        async Task Read(long after)
        {
            await foreach (var recorded in events.ReadOutline(stream, after, cancellationToken))
            {
                foreach (var row in AuditRows.Of(recorded))
                {
                    right[row.Place] = row;
                }
            }
        }
    }

    /// <inheritdoc/>
    public async Task<Comparison> Compare(StreamName stream, CancellationToken cancellationToken)
    {
        // Rows before facts: then every row has its fact.
        var stored = await audit.Filed(stream, cancellationToken).ToListAsync(cancellationToken);
        if (stored.FirstOrDefault(filed => !filed.IsFiledRight) is { Row: { } astray })
        {
            return new($"the row of version {astray.Version} is not found by what it says", null);
        }

        var at = 0;
        for (var (version, isMore) = (0L, true); isMore;)
        {
            isMore = false;
            await foreach (var recorded in events.Read(stream, version, cancellationToken))
            {
                isMore = true;
                version = recorded.Commit.LastVersion;
                foreach (var row in AuditRows.Of(recorded))
                {
                    if (at == stored.Count)
                    {
                        return new(null, recorded);
                    }

                    if (stored[at++].Row != row)
                    {
                        return new($"the row of version {row.Version} is missing or not what the log says", null);
                    }
                }
            }
        }

        return new(at < stored.Count ? $"there are {stored.Count} rows for the {at} facts of the log" : null, null);
    }

    private static AuditLane Lane(StreamName stream) => new(AuditIndex.Stream, stream.ToString());
}
