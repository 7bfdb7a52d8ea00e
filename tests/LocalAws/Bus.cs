using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Raktar.LocalAws;

/// <summary>An event on its way to one function.</summary>
/// <param name="Event">As EventBridge writes it: version, id, detail-type, source, account, time, region, resources, detail.</param>
/// <param name="Function">Which a rule chose.</param>
public sealed record Delivery(JsonObject Event, Function Function);

/// <summary>A delivery that was given up.</summary>
/// <param name="Queue">The ARN of the queue where it is now; null when the template names none.</param>
/// <param name="Delivery">What it was.</param>
/// <param name="Error">How it failed the last time.</param>
public sealed record DeadLetter(string? Queue, Delivery Delivery, string Error);

/// <summary>
/// Plays a template's event bus with its rules, and Lambda's asynchronous invocations: failures are repeated as often as the template says,
/// only without the minutes in between, and become dead letters then. Events arrive more than once, late and in another order on demand.
/// </summary>
public sealed class Bus
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentQueue<JsonObject> _events = [];
    private readonly ConcurrentQueue<DeadLetter> _deadLetters = [];
    private readonly ConcurrentQueue<Delivery> _delivered = [];
    private readonly ConcurrentQueue<Delivery> _dropped = [];
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly List<Func<Task>> _sources = [];
    private readonly List<Delivery> _held = [];
    private readonly Lock _holding = new();
    private readonly List<Rule> _rules;
    private readonly List<Function> _scheduled;
    private bool _holds;
    private int _pending;

    /// <summary>A bus with those rules of the template that are its own, and the template's schedules.</summary>
    public Bus(Deployment deployment, Resource bus, IReadOnlyList<Function> functions)
    {
        Arn = deployment.Arn(bus);
        string?[] names = [deployment.Ref(bus), (string?)deployment.Resolve(bus)["Name"], Arn];
        _rules =
        [
            .. deployment.Template.OfType("AWS::Events::Rule").Select(deployment.Resolve)
                .Where(rule => rule["EventBusName"] is { } its && names.Contains((string)its!) && (string?)rule["State"] is null or "ENABLED")
                .Select(rule => Rule.Read(rule, functions)),
        ];
        _scheduled =
        [
            .. deployment.Template.OfType("AWS::Events::Rule").Select(deployment.Resolve)
                .Where(rule => rule["ScheduleExpression"] is not null && (string?)rule["State"] is null or "ENABLED")
                .SelectMany(rule => Rule.Targets(rule, functions)),
        ];
    }

    /// <summary>Its ARN.</summary>
    public string Arn { get; }

    /// <summary>How many times more than once everything is delivered.</summary>
    public int Duplicates { get; set; }

    /// <summary>Deliveries that get lost, and are remembered in <see cref="Dropped"/>.</summary>
    public Func<Delivery, bool> Drops { get; set; } = _ => false;

    /// <summary>Every event that was put on it.</summary>
    public IReadOnlyList<JsonObject> Events => [.. _events];

    /// <summary>What arrived, in the order of arrival.</summary>
    public IReadOnlyList<Delivery> Delivered => [.. _delivered];

    /// <summary>What got lost.</summary>
    public IReadOnlyList<Delivery> Dropped => [.. _dropped];

    /// <summary>What was given up.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters => [.. _deadLetters];

    /// <summary>Each attempt that failed.</summary>
    public IReadOnlyList<string> Failures => [.. _failures];

    /// <summary>Puts an event on it.</summary>
    public void Put(string source, string detailType, JsonObject detail)
    {
        var happened = Happening(source, detailType, detail);
        _events.Enqueue(happened);
        var matching = _rules.Where(rule => EventPattern.Matches(rule.Pattern, happened)).SelectMany(rule => rule.Functions);
        foreach (var delivery in matching.Select(function => new Delivery(happened, function)))
        {
            if (Drops(delivery))
            {
                _dropped.Enqueue(delivery);
            }
            else
            {
                HoldOrDeliver(delivery);
            }
        }
    }

    /// <summary>Lets the time of every schedule of the template come.</summary>
    public void FireSchedules() =>
        Deliver(_scheduled.Select(function => new Delivery(Happening("aws.events", "Scheduled Event", []), function)));

    /// <summary>From now on nothing is delivered.</summary>
    public void Hold()
    {
        lock (_holding)
        {
            _holds = true;
        }
    }

    /// <summary>Delivers what was held; with a seed in another order, always the same for the same seed.</summary>
    public void Release(int? seed = null)
    {
        Delivery[] held;
        lock (_holding)
        {
            _holds = false;
            held = [.. _held];
            _held.Clear();
        }

        if (seed is { } value)
        {
            new Random(value).Shuffle(held);
        }

        Deliver(held);
    }

    /// <summary>Delivers (again): what was dropped, what became a dead letter, or anything else.</summary>
    public void Deliver(IEnumerable<Delivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            for (var copy = 0; copy <= Duplicates; copy++)
            {
                Interlocked.Increment(ref _pending);
                _ = Attempt(delivery);
            }
        }
    }

    /// <summary>Forgets what happened so far; from now on everything is delivered, once.</summary>
    public void Forget()
    {
        (Duplicates, Drops) = (0, _ => false);
        _events.Clear();
        _deadLetters.Clear();
        _delivered.Clear();
        _dropped.Clear();
        _failures.Clear();
    }

    /// <summary>Waits until everything that was written so far has been delivered, or given up.</summary>
    public async Task Idle()
    {
        foreach (var source in _sources)
        {
            await source();
        }

        await Eventually.Holds(
            () => Task.FromResult(Volatile.Read(ref _pending) == 0),
            Patience,
            () => $"{_pending} deliveries never ended:\n{string.Join('\n', _failures)}");
    }

    private static JsonObject Happening(string source, string detailType, JsonObject detail) => new()
    {
        ["version"] = "0",
        ["id"] = Guid.NewGuid().ToString(),
        ["detail-type"] = detailType,
        ["source"] = source,
        ["account"] = Arns.Account,
        ["time"] = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        ["region"] = LocalServers.Region,
        ["resources"] = new JsonArray(),
        ["detail"] = detail.DeepClone(),
    };

    internal void Follow(Func<Task> caughtUp) => _sources.Add(caughtUp);

    private void HoldOrDeliver(Delivery delivery)
    {
        lock (_holding)
        {
            if (_holds)
            {
                _held.Add(delivery);
                return;
            }
        }

        Deliver([delivery]);
    }

    private async Task Attempt(Delivery delivery)
    {
        try
        {
            for (var retries = delivery.Function.Shape.Retries; ; retries--)
            {
                try
                {
                    await Adapter.HandOver(delivery.Function, delivery.Event);
                    _delivered.Enqueue(delivery);
                    return;
                }
                catch (Exception e)
                {
                    _failures.Enqueue(e.Message);
                    if (retries == 0)
                    {
                        _deadLetters.Enqueue(new(delivery.Function.Shape.DeadLetters, delivery, e.Message));
                        return;
                    }
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }
}
