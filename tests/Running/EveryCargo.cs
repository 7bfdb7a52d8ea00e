using System.Reflection;
using Xunit.Sdk;

namespace Raktar.Running;

/// <summary>Runs a spec with each cargo: <c>stable</c> and <c>nightly</c>, which are on either side of cargo's new network layer.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal class EveryCargoAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Toolchains.All.Select(cargo => new object[] { cargo });
}

/// <summary>Runs a spec with each cargo over each protocol that the edition speaks: an HTTP API of AWS has no cleartext endpoint.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EveryCargoAndProtocolAttribute : EveryCargoAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        from row in base.GetData(testMethod)
        from protocol in Edition.IsAws ? [Protocols.Http2] : new[] { Protocols.Http1, Protocols.Http2 }
        select new[] { row[0], protocol };
}

/// <summary>The installed cargos.</summary>
internal static class Toolchains
{
    private static readonly Dictionary<string, Lazy<Task<string>>> Problems = new(StringComparer.Ordinal)
    {
        ["stable"] = new(() => Problem("stable")),
        ["nightly"] = new(() => Problem("nightly")),
    };

    /// <summary>Those that a run must have. <c>RAKTAR_NO_NIGHTLY=1</c> is how a machine says that it has no nightly.</summary>
    public static IEnumerable<string> All => Environment.GetEnvironmentVariable("RAKTAR_NO_NIGHTLY") == "1" ? ["stable"] : ["stable", "nightly"];

    /// <summary>What chooses this cargo on a command line.</summary>
    public static string[] Choice(string cargo) => cargo == "nightly" ? ["+nightly"] : [];

    /// <summary>Fails with a sentence when this cargo is not installed.</summary>
    public static async Task IsInstalled(string cargo)
    {
        var problem = await Problems[cargo].Value;
        Assert.True(problem.Length == 0, problem);
    }

    private static async Task<string> Problem(string cargo)
    {
        try
        {
            var ended = await Program.Run("cargo", [.. Choice(cargo), "--version"], environment: [("RUSTUP_AUTO_INSTALL", "0")]);
            return ended.ExitCode == 0
                ? string.Empty
                : $"cargo {cargo} is not installed ({ended.Output.Trim()}); run `rustup toolchain install {cargo}`"
                    + (cargo == "nightly" ? ", or set RAKTAR_NO_NIGHTLY=1 to leave it out" : string.Empty);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return $"cargo is not installed: {e.Message}";
        }
    }
}
