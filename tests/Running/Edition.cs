using System.Reflection;
using System.Runtime.InteropServices;

namespace Raktar.Running;

/// <summary>Which edition the specs see: the embedded one, or with <c>RAKTAR_EDITION=aws</c> the shape in which it is deployed to AWS.</summary>
internal static class Edition
{
    private static readonly Lazy<Task<(string Template, string Program)>> Made = new(Synthesise);

    public static bool IsAws { get; } = Environment.GetEnvironmentVariable("RAKTAR_EDITION") == "aws";

    /// <summary>How a download is answered: with the bytes, or on AWS with where they are.</summary>
    public static int Downloaded => IsAws ? 307 : 200;

    /// <summary>The template, and the folder of the program as it would be uploaded; made once, by the CDK app.</summary>
    public static Task<(string Template, string Program)> Deployable => Made.Value;

    private static async Task<(string Template, string Program)> Synthesise()
    {
        var infra = typeof(Edition).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Raktar.Infra").Value!;
        var folder = Scratch.Folder("template");
        var isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        (await Program.Run(
            "dotnet",
            [infra],
            folder,
            [("CDK_OUTDIR", folder), ("RAKTAR_ARCHITECTURE", isArm ? "arm64" : "x86_64"), ("RAKTAR_ADMIN_TOKEN_HASH", AwsServer.TokenHash)],
            patience: TimeSpan.FromMinutes(5))).Succeeded();
        var program = Directory.EnumerateFiles(folder, "Raktar.Api.dll", SearchOption.AllDirectories).Single();
        return (Path.Combine(folder, "Raktar.template.json"), Path.GetDirectoryName(program)!);
    }
}

/// <summary>A spec of the embedded edition alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EmbeddedFactAttribute : FactAttribute
{
    public EmbeddedFactAttribute() => Skip = Edition.IsAws ? "of the embedded edition" : null;
}

/// <summary>A spec of the embedded edition alone, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EmbeddedTheoryAttribute : TheoryAttribute
{
    public EmbeddedTheoryAttribute() => Skip = Edition.IsAws ? "of the embedded edition" : null;
}

/// <summary>A spec of the AWS edition alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AwsFactAttribute : FactAttribute
{
    public AwsFactAttribute() => Skip = Edition.IsAws ? null : "of the AWS edition: RAKTAR_EDITION=aws";
}
