using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Raktar.LocalAws;

/// <summary>Plays a template's pipe: from a table's stream, through its filters and its input template, to a bus or a queue.</summary>
public sealed class Pipe : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly DynamoDbClient _dynamoDb;
    private readonly TableStream _stream;
    private readonly List<JsonObject> _filters;
    private readonly string _inputTemplate;
    private readonly Action<JsonObject> _put;
    private readonly Task _flow;
    private int _emptyRounds;

    private Pipe(Deployment deployment, Resource pipe, Bus bus)
    {
        var properties = deployment.Resolve(pipe);
        var queue = deployment.Template.OfType("AWS::SQS::Queue").FirstOrDefault(queue => deployment.Arn(queue) == (string)properties["Target"]!);
        if (((string)properties["Target"]! != bus.Arn && queue is null) || properties["Enrichment"] is not null)
        {
            throw new NotSupportedException($"{pipe.Id} must lead straight to the bus or to a queue");
        }

        var filters = properties["SourceParameters"]?["FilterCriteria"]?["Filters"]?.AsArray() ?? [];
        _filters = [.. filters.Select(filter => JsonNode.Parse((string)filter!["Pattern"]!)!.AsObject())];
        var target = properties["TargetParameters"]!;
        _inputTemplate = (string)target["InputTemplate"]!;
        if (queue is not null)
        {
            _put = Messages.Enqueue;
        }
        else
        {
            var parameters = target["EventBridgeEventBusParameters"]!;
            var (source, detailType) = ((string)parameters["Source"]!, (string)parameters["DetailType"]!);
            _put = detail => bus.Put(source, detailType, detail);
        }

        _dynamoDb = new DynamoDbClient(deployment.Servers.DynamoDbUrl);
        _stream = new TableStream((string)properties["Source"]!, _dynamoDb);
        _flow = Flow();
    }

    /// <summary>What came into its queue, if it leads to one.</summary>
    public ConcurrentQueue<JsonObject> Messages { get; } = [];

    /// <summary>Starts it at the beginning of the stream.</summary>
    public static Pipe Start(Deployment deployment, Resource pipe, Bus bus)
    {
        var started = new Pipe(deployment, pipe, bus);
        bus.Follow(started.CaughtUp);
        return started;
    }

    /// <summary>Waits until all that was written before this call is on the bus.</summary>
    public async Task CaughtUp()
    {
        // The round that is under way may have begun before this call; the next one did not.
        var before = Volatile.Read(ref _emptyRounds);
        await Eventually.Holds(
            async () =>
            {
                if (_flow.IsCompleted)
                {
                    await _flow;
                }

                return Volatile.Read(ref _emptyRounds) >= before + 2;
            },
            Patience,
            () => "the pipe never came to the end of the stream");
    }

    /// <summary>Stops it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _flow;
        }
        catch (OperationCanceledException)
        {
            // It was waiting.
        }
        finally
        {
            _dynamoDb.Dispose();
            _stop.Dispose();
        }
    }

    private async Task Flow()
    {
        while (!_stop.IsCancellationRequested)
        {
            var records = await _stream.Read();
            foreach (var record in records.Where(record => _filters.Count == 0 || _filters.Exists(filter => EventPattern.Matches(filter, record))))
            {
                _put(InputTemplate.Render(_inputTemplate, record).AsObject());
            }

            if (records.Count == 0)
            {
                Interlocked.Increment(ref _emptyRounds);
                await Task.Delay(Pause, _stop.Token);
            }
        }
    }
}
