namespace Raktar.LocalAws;

/// <summary>What the programs that run on Node need.</summary>
internal static class NodeModules
{
    /// <summary>Installs what a folder's lock file names, if that was never done. Test projects may run at the same time.</summary>
    public static async Task Install(string folder)
    {
        await using var turn = await Turn(folder);
        if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
        {
            await using var npm = await Child.Start("npm", ["ci"], folder);
            if (await npm.Ended(TimeSpan.FromMinutes(5)) is not 0)
            {
                throw new InvalidOperationException($"npm ci failed:\n{npm.Output}");
            }
        }
    }

    private static async Task<FileStream> Turn(string folder)
    {
        FileStream? turn = null;
        await Eventually.Holds(
            () =>
            {
                try
                {
                    turn = new FileStream(Path.Combine(folder, "obj", "npm.lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
                }
                catch (IOException)
                {
                    // Another process is installing.
                }

                return Task.FromResult(turn is not null);
            },
            TimeSpan.FromMinutes(5),
            () => "another process never finished npm ci");
        return turn!;
    }
}
