using Raktar.Application.Audit;
using Raktar.Application.Events;
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
        var stored = await Stored(stream, cancellationToken);
        var right = new Dictionary<AuditPlace, AuditRow>();
        await Read(0);
        if (stored.Keys.Any(place => place.Version > right.Count))
        {
            // The log may have been read before the rows were.
            await Read(right.Count);
        }

        var wrong = stored.Keys.Where(place => !right.ContainsKey(place)).ToList();
        var missing = right.Values.Where(row => !stored.TryGetValue(row.Place, out var there) || there != row).OrderBy(row => row.Version).ToList();
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

    private static AuditLane Lane(StreamName stream) => new(AuditIndex.Stream, stream.ToString());

    private async Task<Dictionary<AuditPlace, AuditRow>> Stored(StreamName stream, CancellationToken cancellationToken)
    {
        var stored = new Dictionary<AuditPlace, AuditRow>();
        AuditPlace? next = AuditPlace.Newest;
        while (next is { } before)
        {
            var slice = await audit.Read(Lane(stream), AuditPlace.Oldest, before, AtATime, cancellationToken);
            foreach (var row in slice.Rows)
            {
                stored[row.Place] = row;
            }

            next = slice.Reached;
        }

        return stored;
    }
}
