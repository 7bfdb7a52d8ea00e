using System.Net;
using Amazon.Runtime;
using Raktar.Application.Ports;

namespace Raktar.Storage.Aws;

/// <summary>
/// Calls of one store: each attempt has a time limit and is repeated with growing, random pauses by the SDK's standard retry mode
/// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html); all attempts together have a deadline well under the 30 seconds after
/// which cargo gives up. Whatever fails then is the store's failure, whoever's fault it was.
/// </summary>
internal sealed class AwsCalls(string store, TimeSpan deadline)
{
    private const int Retries = 4;

    /// <summary>The settings that hold for every client.</summary>
    public static T Configure<T>(T config, string? url, TimeSpan attempt)
        where T : ClientConfig
    {
        config.RetryMode = RequestRetryMode.Standard;
        config.MaxErrorRetry = Retries;
        config.Timeout = attempt;
        config.ConnectTimeout = TimeSpan.FromSeconds(2);
        if (url is not null)
        {
            config.ServiceURL = url;
            config.AuthenticationRegion = Environment.GetEnvironmentVariable("AWS_REGION") ?? "us-east-1";
        }

        return config;
    }

    /// <summary>Makes a call; answers that mean something to the caller are <paramref name="meant"/> and come through.</summary>
    public async Task<T> Make<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken, Func<AmazonServiceException, bool>? meant = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(deadline);
        try
        {
            return await call(limit.Token);
        }
        catch (AmazonServiceException e) when (meant?.Invoke(e) == true)
        {
            throw;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is AmazonClientException or AmazonServiceException or OperationCanceledException
            or HttpRequestException or WebException or IOException or TimeoutException)
        {
            throw new StoreUnavailableException(store, e);
        }
    }
}
