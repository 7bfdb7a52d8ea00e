using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Projections.Following;

namespace Raktar.Api.Background;

/// <summary>Runs all projections in this process.</summary>
internal sealed class ProjectionsService(LogFollower follower, IEventFeed feed, Unprojected unprojected, ILogger<ProjectionsService> log)
    : BackgroundService, IProjectionSignal, IDependency
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(10);

    public string Name => "projections";

    public async Task<bool> Appended(StreamHead head, bool takesAway)
    {
        unprojected.Add(head.Stream, head.Version);
        try
        {
            // Where every commit comes through this process the log is asked for what is not projected, so all that was appended is in force.
            return await follower.Projected(head.Stream).WaitAsync(takesAway && feed.Poll is not null ? LongPatience : Patience) || feed.Poll is null;
        }
        catch (TimeoutException)
        {
            log.LogWarning("{Stream} is not visible after {Patience}; it is durable and will be", head.Stream, Patience);
            return feed.Poll is null;
        }
    }

    public Task Probe(CancellationToken cancellationToken) => follower.Failing is var failing and > 0
        ? throw new InvalidOperationException($"{failing} streams cannot be projected")
        : Task.CompletedTask;

    /// <summary>Before anything is served, readers must see all that was ever acknowledged: a crash or deleted documents must not look like missing crates.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await follower.Begin(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await follower.End();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => follower.Follow(stoppingToken);
}
