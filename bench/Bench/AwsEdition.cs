using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Raktar.LocalAws;

namespace Raktar.Bench;

/// <summary>The AWS edition in the shape of its template, on local servers: how it starts, how large it is, what it calls and what that costs.</summary>
internal sealed class AwsEdition(Settings settings, Report report, string work)
{
    private const string Token = "rk_an-administrator-of-the-aws-bench";
    private const int Requests = 20;

    public async Task Everything()
    {
        report.OfAws();
        var (template, folder) = await Synthesise();
        var unpacked = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / 1e6;
        var zip = Path.Combine(work, "package.zip");
        ZipFile.CreateFromDirectory(folder, zip);
        report.AddUnder("package, zipped", new FileInfo(zip).Length / 1e6, "0.0", "MB", 40);
        report.AddUnder("package, unpacked", unpacked, "0.0", "MB", 40);

        await using var shape = await DeployedShape.Start(template, folder, new() { Freezes = false });
        using var client = new HttpClient { BaseAddress = new Uri(shape.Url + "/") };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", Token);
        await SignsIn(client);
        await Calls(shape, client);
        // Last: by now the local servers are warm, and what the commits set going has come to rest.
        await Starts(shape.Api, folder);
        await Starts(shape["index"], folder);
    }

    /// <summary>The administrator of a new registry is there once the first function has looked for it.</summary>
    private static async Task SignsIn(HttpClient client)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromMinutes(1);)
        {
            using var me = await client.GetAsync("api/v1/me");
            if (me.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException("the administrator never came");
    }

    private async Task<(string Template, string Folder)> Synthesise()
    {
        if (Directory.Exists(work))
        {
            Directory.Delete(work, recursive: true);
        }

        Directory.CreateDirectory(work);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "..", "infra", "Raktar.Infra.dll")])
        {
            Environment =
            {
                ["CDK_OUTDIR"] = work,
                ["RAKTAR_ARCHITECTURE"] = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x86_64",
                ["RAKTAR_ADMIN_TOKEN_HASH"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Token))),
            },
        };
        using var infra = Process.Start(start)!;
        await infra.WaitForExitAsync();
        var program = Directory.EnumerateFiles(work, "Raktar.Api.dll", SearchOption.AllDirectories).Single();
        return (Path.Combine(work, "Raktar.template.json"), Path.GetDirectoryName(program)!);
    }

    private async Task Starts(Function function, string folder)
    {
        var (times, memory) = (new List<double>(), 0.0);
        // One more, which counts for nothing: it finds the program's files cold.
        for (var i = 0; i <= settings.Starts; i++)
        {
            var port = Tool.FreePort();
            var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "Raktar.Api.dll")]) { UseShellExecute = false, RedirectStandardOutput = true };
            foreach (var (name, value) in function.Environment())
            {
                start.Environment[name] = value;
            }

            start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";
            var clock = Stopwatch.StartNew();
            using var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            while (!await RaktarServer.Answers(port))
            {
                await Task.Delay(2);
            }

            if (i > 0)
            {
                times.Add(clock.Elapsed.TotalMilliseconds);
            }

            memory = Machine.Memory(process);
            await Tool.Stop(process);
        }

        report.AddUnder($"start to first answer, {function.Shape.Role}", times.Median(), "0", "ms", 1000);
        report.Add(new($"memory after the start, {function.Shape.Role}", $"{Report.Text(memory, "0")} MiB"));
    }

    private async Task Calls(DeployedShape shape, HttpClient client)
    {
        for (var i = 0; i < Requests; i++)
        {
            await SmallRegistry.Publish(client, CrateBuilder.Body("counted", $"1.{SmallRegistry.Text(i)}.0", SmallRegistry.CrateSize));
        }

        await shape.Bus.Idle();
        shape.Functions.ToList().ForEach(function => function.Aws.Forget());
        for (var i = 0; i < Requests; i++)
        {
            await SmallRegistry.Publish(client, CrateBuilder.Body("counted", $"2.{SmallRegistry.Text(i)}.0", SmallRegistry.CrateSize));
        }

        await shape.Bus.Idle();
        Say("publish", shape, invocations: 5, milliseconds: 500 + (5 * 50), fanOut: true);

        await Remembered(shape, client);
        var lines = await client.GetStringAsync("co/un/counted");
        shape.Functions.ToList().ForEach(function => function.Aws.Forget());
        for (var i = 0; i < Requests; i++)
        {
            await client.GetStringAsync("co/un/counted");
        }

        Say("index GET", shape, invocations: 0, milliseconds: 10, fanOut: false, goal: 1);

        var checksum = lines.Split("\"cksum\":\"")[1][..64];
        using var direct = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = client.BaseAddress };
        direct.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", Token);
        shape.Functions.ToList().ForEach(function => function.Aws.Forget());
        for (var i = 0; i < Requests; i++)
        {
            using var redirect = await direct.GetAsync($"dl/counted/1.0.0/{checksum}.crate");
            using var elsewhere = new HttpClient();
            (await elsewhere.GetAsync(redirect.Headers.Location)).EnsureSuccessStatusCode();
        }

        Say("download", shape, invocations: 0, milliseconds: 10, fanOut: false, goal: 0);
    }

    /// <summary>What an instance has looked at before it answers anything, once in five seconds: whose the token is, and which crates are special.</summary>
    private async Task Remembered(DeployedShape shape, HttpClient client)
    {
        await Task.Delay(TimeSpan.FromSeconds(6));
        shape.Functions.ToList().ForEach(function => function.Aws.Forget());
        await client.GetStringAsync("co/un/counted");
        var calls = shape.Functions.SelectMany(function => function.Aws.Calls).Where(IsRemembered).ToList();
        report.Add(new(
            "beside these, per instance and five seconds",
            $"{SmallRegistry.Text(calls.Count(call => call.Index is null))} reads for the token, {SmallRegistry.Text(calls.Count(call => call.Index is not null))} query for the special crates"));
    }

    // The token's are of an account, as documents and in the log; the special crates are asked for by what changed.
    private static bool IsRemembered(AwsCall call) =>
        call.Keys.Any(key => key.StartsWith("account.", StringComparison.Ordinal) || key.StartsWith("account/", StringComparison.Ordinal))
        || (call.Index is "by-change" && call.Keys.Any(key => key.StartsWith("crate-state.", StringComparison.Ordinal)));

    /// <summary>What the requests since the last look called, each on average, and what a million of them cost.</summary>
    private void Say(string request, DeployedShape shape, int invocations, int milliseconds, bool fanOut, double? goal = null)
    {
        var calls = shape.Functions.SelectMany(function => function.Aws.Calls).ToList();
        var counted = calls.Where(call => !IsRemembered(call)).ToList();
        var reads = counted.Where(call => call.Operation is "GetItem" or "Query").ToList();
        var writes = counted.Where(call => call.Operation is "PutItem").ToList();
        var (put, got) = (counted.Count(call => call.Operation is "PutObject"), counted.Count(call => call.Operation is "GetObject"));
        var readUnits = reads.Sum(call => Math.Max(1, Math.Ceiling(call.ResponseBytes * 0.75 / 4096)));
        // An event is in two indexes, a row of the catalogue in one, one of the audit in three, each with a write of its own.
        var writeUnits = writes.Sum(call =>
        {
            var units = Math.Max(1, Math.Ceiling(call.RequestBytes * 0.75 / 1024));
            return call.Caller switch { "api" => units + 2, "catalogue" => 2 * units, "audit" => units + 3, _ => units };
        });
        var what = (string[])[Per(reads.Count, "reads"), Per(writes.Count, "writes"), Per(put, "S3 puts"), Per(got, "S3 gets")];
        report.Add(new(
            $"{request}, AWS calls",
            string.Join(", ", what.Where(text => text.Length > 0)),
            Goal: goal is { } most ? $"{(most > 0 ? SmallRegistry.Text((int)most) : "no")} DynamoDB read" : null,
            Reached: goal is { } g ? reads.Count <= g * Requests : null));
        var dollars = 1.00 + (0.20 * (1 + invocations)) + (milliseconds * 1000 * 0.0000133334)
            + ((readUnits * 0.125) + (writeUnits * 0.625) + (put * 5.00) + (got * 0.40)) / Requests + (fanOut ? 1.00 + 0.40 : 0);
        report.Add(new($"{request}, modelled cost of a million", $"${Report.Text(dollars, "0.00")} ({Report.Text(readUnits / Requests, "0.#")} read units, {Report.Text(writeUnits / Requests, "0.#")} write units each)"));
    }

    private static string Per(int count, string what) => count == 0 ? string.Empty : $"{Report.Text((double)count / Requests, "0.##")} {what}";
}
