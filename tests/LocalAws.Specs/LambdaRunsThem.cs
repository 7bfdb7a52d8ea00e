using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Raktar.LocalAws.Specs;

public sealed class LambdaRunsThem
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task One_invocation_at_a_time_in_as_many_copies_as_may_run()
    {
        await using var stub = await Deploy(new() { ApiInstances = 2 });
        using var silence = stub.Shape.Api.Aws.Inject(Fault.Silence);
        var held = stub.Client.PostAsync("commits/crate/foo/1", null);
        await Eventually.Holds(() => Task.FromResult(silence.Hits > 0), Patience, stub.Shape.Output);
        Assert.Equal(1, stub.Shape.Api.ColdStarts);

        using var beside = await stub.Client.GetAsync("echo/x");
        Assert.Equal(HttpStatusCode.OK, beside.StatusCode);
        Assert.Equal(2, stub.Shape.Api.ColdStarts);
        using var answer = await held;
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
    }

    [Fact]
    public async Task Nothing_runs_between_two_invocations()
    {
        await using var stub = await Deploy(new());
        var process = await stub.Client.GetFromJsonAsync<int>("process");
        // The answer may be here before the kernel has stopped every thread.
        await Eventually.Holds(() => Task.FromResult(State(process) == 'T'), Patience, () => $"it is not stopped but {State(process)}");
        Assert.Equal(process, await stub.Client.GetFromJsonAsync<int>("process"));
        await stub.Shape.Api.Kill();
        Assert.False(Directory.Exists($"/proc/{process}"));
    }

    [Fact]
    public async Task Clients_may_speak_http2_over_tls()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
        await using var stub = await Deploy(new() { Certificate = certificate });
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetCertHashString() == certificate.GetCertHashString() },
        });
        client.DefaultRequestVersion = HttpVersion.Version20;
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        foreach (var status in (HttpStatusCode[])[HttpStatusCode.NoContent, HttpStatusCode.ResetContent, HttpStatusCode.NotModified])
        {
            using var empty = await client.GetAsync($"{stub.Shape.Url}/status/{(int)status}");
            Assert.Equal(status, empty.StatusCode);
        }

        using var answer = await client.GetAsync($"{stub.Shape.Url}/echo/x");

        Assert.StartsWith("https://", stub.Shape.Url, StringComparison.Ordinal);
        Assert.Equal(HttpVersion.Version20, answer.Version);
        var echo = await answer.Content.ReadAsStringAsync();
        Assert.Contains("\"protocol\":\"HTTP/1.1\"", echo, StringComparison.Ordinal);
        Assert.Contains("\"X-Forwarded-Proto\":\"https\"", echo, StringComparison.OrdinalIgnoreCase);
    }

    private static char State(int process)
    {
        var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
        return stat[stat.LastIndexOf(')') + 2];
    }

    private static async Task<Deployed> Deploy(DeployedShapeOptions options)
    {
        var stub = new Deployed { Options = options };
        await stub.InitializeAsync();
        return stub;
    }
}
