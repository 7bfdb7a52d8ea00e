using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Raktar.LocalAws;

/// <summary>
/// Stands between one caller and the local servers: remembers every call, refuses what AWS would refuse but they do not,
/// and makes calls fail on demand.
/// </summary>
public sealed class AwsProxy : IAsyncDisposable
{
    private readonly ConcurrentQueue<AwsCall> _calls = [];
    private readonly ConcurrentQueue<InjectedFault> _faults = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly string _caller;
    private readonly Upstream _dynamoDb;
    private readonly Upstream _s3;
    private readonly DynamoDbClient _tables;
    private readonly DynamoDbCalls _dynamoDbCalls;
    private WebApplication? _app;

    private AwsProxy(string caller, LocalServers servers)
    {
        _caller = caller;
        _dynamoDb = new Upstream(servers.DynamoDbUrl);
        _s3 = new Upstream(servers.S3Url);
        _tables = new DynamoDbClient(servers.DynamoDbUrl);
        _dynamoDbCalls = new DynamoDbCalls(caller, _tables);
    }

    /// <summary>Where the caller finds DynamoDB, S3 and KMS.</summary>
    public string Url => _app!.Urls.Single();

    /// <summary>Every call since the last <see cref="Forget"/>, in the order of their ends.</summary>
    public IReadOnlyList<AwsCall> Calls => [.. _calls];

    /// <summary>Calls for which this is false are answered with access denied. Everything is allowed at first.</summary>
    public Func<AwsCall, bool> Allows { get; set; } = _ => true;

    /// <summary>Starts a proxy for one caller.</summary>
    public static async Task<AwsProxy> Start(string caller)
    {
        var proxy = new AwsProxy(caller, await LocalServers.Start());
        proxy._app = await Web.Serve(proxy.Pass);
        return proxy;
    }

    /// <summary>Makes the next calls fail, as many as it says and only those that match; without a number until the fault is disposed.</summary>
    public InjectedFault Inject(Fault fault, int times = int.MaxValue, Func<AwsCall, bool>? when = null)
    {
        var injected = new InjectedFault(fault, times, when ?? (_ => true));
        _faults.Enqueue(injected);
        return injected;
    }

    /// <summary>Forgets the calls so far.</summary>
    public void Forget() => _calls.Clear();

    /// <summary>Closes it; calls that wait for an answer are cut.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _app!.DisposeAsync();
        _dynamoDb.Dispose();
        _s3.Dispose();
        _tables.Dispose();
        _closing.Dispose();
    }

    private async Task Pass(HttpContext context)
    {
        var body = S3Calls.Unchunk(context.Request, await Web.Body(context.Request));
        var call = context.Request.Headers["X-Amz-Target"] is [{ } target]
            ? LocalKms.IsFor(target) ? LocalKms.Read(_caller, target, body) : await _dynamoDbCalls.Read(target, body)
            : S3Calls.Read(_caller, context.Request, body);
        call = call with { RequestBytes = body.Length };
        var fault = _faults.FirstOrDefault(fault => fault.Takes(call))?.Fault;
        call = call with { Fault = fault };
        if (fault is Fault.CutBefore)
        {
            _calls.Enqueue(call);
            context.Abort();
            return;
        }

        var answer = fault is Fault.Throttled or Fault.ThroughputExceeded or Fault.InternalError
            ? ErrorAnswers.Of(call, fault.Value)
            : Refused(call, context.Request) ?? Corrected(call, await Forward(call, context.Request, body));
        if (fault is Fault.InternalErrorAfter)
        {
            answer = ErrorAnswers.Of(call, fault.Value);
        }

        if (fault is Fault.CutAfter or Fault.Silence)
        {
            _calls.Enqueue(call);
            if (fault is Fault.Silence)
            {
                await Gone(context);
            }

            context.Abort();
            return;
        }

        _calls.Enqueue(call with { Status = answer.Status, ResponseBytes = answer.Body.Length });
        await Web.Send(context.Response, answer, cut: fault is Fault.CutAnswer);
    }

    private async Task<Answer> Forward(AwsCall call, HttpRequest request, byte[] body)
    {
        if (call.Service == "kms")
        {
            return LocalKms.Make(call, body);
        }

        var server = call.Service == "s3" ? _s3 : _dynamoDb;
        using var copy = server.Copy(request, body);
        return await server.Send(copy);
    }

    /// <summary>The local S3 server neither wants credentials nor verifies checksums, and neither server knows policies.</summary>
    private Answer? Refused(AwsCall call, HttpRequest request) => call switch
    {
        { Service: "s3", Presigned: false } when request.Headers.Authorization.Count == 0 => ErrorAnswers.Denied(call),
        _ when !Allows(call) => ErrorAnswers.Denied(call),
        { Sha256: not null, Sha256IsRight: false } => ErrorAnswers.WrongChecksum(),
        _ => null,
    };

    /// <summary>Who may not list a bucket is not told that an object is missing.</summary>
    private Answer Corrected(AwsCall call, Answer answer) =>
        call is { Action: "s3:GetObject" } && answer.Status == StatusCodes.Status404NotFound
            && !Allows(Iam.Listing(call))
            ? ErrorAnswers.Denied(call)
            : answer;

    private async Task Gone(HttpContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _closing.Token);
        var gone = new TaskCompletionSource();
        await using var registered = either.Token.Register(gone.SetResult);
        await gone.Task;
    }
}
