using Raktar.Api.Settings;
using Raktar.Application.Callers;
using Raktar.Application.Ports;
using Raktar.Application.Proofs;

namespace Raktar.Api.Background;

/// <summary>Makes a checkpoint as often as <see cref="CheckpointOptions.Every"/> says, where anything moved; counts from the last one, over restarts.</summary>
internal sealed class CheckpointService(
    CheckpointMaker maker, IEventStore events, RaktarOptions options, TimeProvider time, ILogger<CheckpointService> log) : BackgroundService
{
    // A start has better things to do; and a failure may have passed.
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    /// <summary>The name under which checkpoints are made that nobody asked for.</summary>
    public static Caller Raktar { get; } = Caller.Registry("checkpoint");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var every = options.Checkpoints.Every;
        var wait = every < Soon ? every : Soon;
        while (true)
        {
            try
            {
                await Task.Delay(wait, time, stoppingToken);
                var last = (await CheckpointHistory.Read(events, stoppingToken)).Last;
                var left = last is null ? TimeSpan.Zero : last.At + every - time.GetUtcNow();
                if (left <= TimeSpan.Zero)
                {
                    await Make(stoppingToken);
                    left = every;
                }

                // A timer knows no more than some weeks; and the clock may be set.
                wait = left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.LogError(e, "No checkpoint could be made; trying again");
                wait = Soon;
            }
        }
    }

    private async Task Make(CancellationToken cancellationToken)
    {
        if (await maker.Make(Raktar, always: false, cancellationToken) is { } made)
        {
            log.LogInformation("Checkpoint {Number} signs {Commits} commits of {Streams} streams", made.Checkpoint.Number, made.Checkpoint.Commits, made.Checkpoint.Streams);
            if (made.Contradiction is { } contradiction)
            {
                log.LogCritical("The log is not what the checkpoint before signed: {Contradiction}. `raktar verify` names all of it", contradiction);
            }
        }
    }
}
