namespace Raktar.Running;

/// <summary>One temporary folder for a whole run; it goes when the run ends.</summary>
internal static class Scratch
{
    private static readonly string Root = Create();
    private static int _last;

    /// <summary>A new folder that nobody else uses.</summary>
    public static string Folder(string purpose) =>
        Directory.CreateDirectory(Path.Combine(Root, $"{Interlocked.Increment(ref _last)}-{purpose}")).FullName;

    private static string Create()
    {
        var root = Directory.CreateTempSubdirectory("raktar-cargo-specs-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            ServerProcess.KillAll();
            // The test host does not wait for long: the folder is left to a program that nobody cuts short.
            System.Diagnostics.Process.Start("rm", ["-rf", root]).Dispose();
        };
        return root;
    }
}
