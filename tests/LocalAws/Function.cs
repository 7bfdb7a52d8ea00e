using System.Collections.Concurrent;

namespace Raktar.LocalAws;

/// <summary>An invocation failed, as Lambda sees it.</summary>
public sealed class InvocationFailedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// A function: the published program under exactly the environment that it would have in Lambda. The first invocation starts it (a cold
/// start); each copy serves one invocation at a time, and stands still between two.
/// </summary>
public sealed class Function : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _program;
    private readonly FunctionOptions _options;
    private readonly SemaphoreSlim _free;
    private readonly ConcurrentStack<Instance> _idle = [];
    private readonly ConcurrentDictionary<Instance, bool> _running = [];
    private readonly ConcurrentQueue<string> _lastWords = [];
    private int _coldStarts;

    private Function(FunctionShape shape, string program, FunctionOptions options, AwsProxy aws)
    {
        (Shape, _program, _options, Aws) = (shape, program, options, aws);
        _free = new SemaphoreSlim(options.MaxInstances);
        Policy = new Iam(shape.Policies);
        aws.Allows = Policy.Allows;
    }

    /// <summary>How the template describes it.</summary>
    public FunctionShape Shape { get; }

    /// <summary>What it may call; its proxy refuses everything else.</summary>
    public Iam Policy { get; }

    /// <summary>Everything that it calls, and where faults are injected.</summary>
    public AwsProxy Aws { get; }

    /// <summary>How often a copy of it was started.</summary>
    public int ColdStarts => Volatile.Read(ref _coldStarts);

    /// <summary>What its copies have said, the ended ones first.</summary>
    public string Output => string.Join('\n', _lastWords.Concat(_running.Keys.Select(instance => instance.Output)));

    /// <summary>Prepares a function; nothing runs before its first invocation.</summary>
    /// <param name="shape">How the template describes it.</param>
    /// <param name="program">The program, such as <c>Raktar.Api.dll</c> in the published folder.</param>
    /// <param name="options">What differs from Lambda.</param>
    public static async Task<Function> Prepare(FunctionShape shape, string program, FunctionOptions? options = null) =>
        new(shape, Path.GetFullPath(program), options ?? new FunctionOptions(), await AwsProxy.Start(shape.Role));

    /// <summary>Its environment: the template's, Lambda's, and where the local servers are.</summary>
    public IReadOnlyDictionary<string, string> Environment()
    {
        var environment = new Dictionary<string, string>(Shape.Environment, StringComparer.Ordinal)
        {
            ["AWS_REGION"] = LocalServers.Region,
            ["AWS_DEFAULT_REGION"] = LocalServers.Region,
            ["AWS_ACCESS_KEY_ID"] = LocalServers.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = LocalServers.SecretKey,
            ["AWS_SESSION_TOKEN"] = "local",
            ["AWS_LAMBDA_FUNCTION_NAME"] = Shape.Id,
            ["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST",
            ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = $"{Shape.MemoryMegabytes}",
            ["LAMBDA_TASK_ROOT"] = Path.GetDirectoryName(_program)!,
            ["TZ"] = ":UTC",
            ["LANG"] = "en_US.UTF-8",
            ["Raktar__Aws__DynamoDbUrl"] = Aws.Url,
            ["Raktar__Aws__S3Url"] = Aws.Url,
            ["Raktar__Aws__KmsUrl"] = Aws.Url,
        };
        // To find .NET; the rest of whoever runs the specs stays out.
        foreach (var name in (string[])["PATH", "DOTNET_ROOT"])
        {
            if (System.Environment.GetEnvironmentVariable(name) is { } value)
            {
                environment[name] = value;
            }
        }

        foreach (var (name, value) in _options.Settings)
        {
            environment[name] = value;
        }

        return environment;
    }

    /// <summary>kill -9 of all its copies; the next invocation is a cold start.</summary>
    public async Task Kill()
    {
        _idle.Clear();
        foreach (var instance in _running.Keys)
        {
            await End(instance);
        }
    }

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Kill();
        await Aws.DisposeAsync();
        _free.Dispose();
    }

    /// <summary>Invokes it with a request; <paramref name="failed"/> says which answers the adapter makes failures of.</summary>
    internal async Task<Answer> Invoke(Func<Upstream, HttpRequestMessage> request, Func<Answer, bool>? failed = null)
    {
        await _free.WaitAsync();
        try
        {
            var instance = await Take();
            Answer answer;
            try
            {
                using var message = request(instance.Program);
                using var deadline = new CancellationTokenSource(Shape.Timeout);
                answer = await instance.Program.Send(message, deadline.Token);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
            {
                // Lambda, too, starts anew after a crash or a timeout.
                await End(instance);
                throw new InvocationFailedException($"{Shape.Role}: {e.Message}\n{instance.Output}", e);
            }

            // A failed one may run on, so that what it says arrives.
            if (_options.Freezes && answer.Status < 500)
            {
                instance.Freeze();
            }

            if (_running.ContainsKey(instance))
            {
                _idle.Push(instance);
            }

            return failed?.Invoke(answer) == true
                ? throw new InvocationFailedException($"{Shape.Role} answered {answer.Status}: {System.Text.Encoding.UTF8.GetString(answer.Body)}")
                : answer;
        }
        finally
        {
            _free.Release();
        }
    }

    private async Task<Instance> Take()
    {
        while (_idle.TryPop(out var instance))
        {
            if (_running.ContainsKey(instance) && !instance.HasExited)
            {
                instance.Thaw();
                return instance;
            }

            await End(instance);
        }

        try
        {
            Interlocked.Increment(ref _coldStarts);
            var instance = await Instance.Start(_program, Environment(), Patience);
            _running[instance] = true;
            return instance;
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            _lastWords.Enqueue(e.Message);
            throw new InvocationFailedException($"{Shape.Role} did not start: {e.Message}", e);
        }
    }

    private async Task End(Instance instance)
    {
        if (_running.TryRemove(instance, out _))
        {
            _lastWords.Enqueue(instance.Output);
            await instance.DisposeAsync();
        }
    }
}

/// <summary>What may differ from Lambda.</summary>
public sealed record FunctionOptions
{
    /// <summary>How many copies may run at once; further invocations wait.</summary>
    public int MaxInstances { get; init; } = 1;

    /// <summary>Whether nothing runs between two invocations, as in Lambda.</summary>
    public bool Freezes { get; init; } = true;

    /// <summary>Variables over the template's.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
