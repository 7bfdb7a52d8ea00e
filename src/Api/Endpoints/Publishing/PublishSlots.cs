using Raktar.Api.Settings;
using Raktar.Application.Publishing;

namespace Raktar.Api.Endpoints.Publishing;

/// <summary>
/// What publishes share. A publish has a place from its first byte to its answer, room for its crate file from where that begins, and a slot only for the
/// work, which waits for no client. An upload that finds no place waits in line, because cargo never repeats one.
/// </summary>
internal sealed class PublishSlots : IPublishSlots, IDisposable
{
    private const int UnitBytes = 64 * 1024;

    private readonly SharedPlaces _uploads;
    private readonly SharedPlaces _staged;
    private readonly SharedPlaces _inspections;
    private readonly SharedPlaces _work;

    public PublishSlots(RaktarOptions options)
    {
        var limits = options.RateLimits;
        _uploads = new(limits.ConcurrentUploads, Part(limits.ConcurrentUploads, 4), limits.WaitingPublishes, Part(limits.WaitingPublishes, 4));

        // These lines are as long as there are uploads.
        var units = (int)Math.Clamp(limits.StagedBytes / UnitBytes, 1, int.MaxValue / 2);
        _staged = new(units, Part(units, 4), int.MaxValue, int.MaxValue);

        // More at a time than there are processors would end no sooner, and hold the memory of all.
        _inspections = new(Environment.ProcessorCount, Math.Max(1, Environment.ProcessorCount * 3 / 4), int.MaxValue, int.MaxValue);

        var work = limits.ConcurrentPublishes > 0 ? limits.ConcurrentPublishes : 4 * Environment.ProcessorCount;
        _work = new(work, Math.Max(1, work * 3 / 4), int.MaxValue, int.MaxValue);
    }

    /// <summary>A place for one upload; null when the account's own line is full.</summary>
    public ValueTask<IDisposable?> Upload(string account, CancellationToken cancellationToken) => _uploads.Enter(account, 1, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IDisposable> Stage(string account, long bytes, CancellationToken cancellationToken) =>
        (await _staged.Enter(account, (int)Math.Min(1 + (bytes / UnitBytes), int.MaxValue), cancellationToken))!;

    /// <inheritdoc/>
    public async ValueTask<IDisposable> Inspect(string account, CancellationToken cancellationToken) =>
        (await _inspections.Enter(account, 1, cancellationToken))!;

    /// <inheritdoc/>
    public async ValueTask<IDisposable> Work(string account, CancellationToken cancellationToken) => (await _work.Enter(account, 1, cancellationToken))!;

    public void Dispose()
    {
        _uploads.Dispose();
        _staged.Dispose();
        _inspections.Dispose();
        _work.Dispose();
    }

    private static int Part(int all, int divisor) => Math.Max(1, all / divisor);
}
