using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Raktar.Storage.Embedded;

/// <summary>
/// Who may read the data folder: source that is nobody else's business is in it, and keys. Only its owner; and the folder's group, where
/// somebody gave it the right on purpose (<c>chmod 750</c>), for a backup, say.
/// </summary>
internal static partial class FolderModes
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>
    /// Makes the folder where needed and takes the rights of others away; from then on whatever this process makes, in the folder or not,
    /// is for nobody else. Answers what the operator should know, or null.
    /// </summary>
    public static string? Restrict(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            // What is made in a folder has its rights, and those are the operator's.
            Directory.CreateDirectory(folder);
            return null;
        }

        Directory.CreateDirectory(folder, Owner);
        var before = File.GetUnixFileMode(folder);
        var notice = (before & Others) == UnixFileMode.None ? null : Narrow(folder, before);
        // Open to others, its group's rights are no sign that somebody meant them either.
        var isForGroup = (File.GetUnixFileMode(folder) & (Others | UnixFileMode.GroupRead)) == UnixFileMode.GroupRead;
        // The files of SQLite as well, which no call of ours makes.
        _ = Umask((uint)(Others | (isForGroup ? UnixFileMode.GroupWrite : Group)));
        return notice;
    }

    [UnsupportedOSPlatform("windows")]
    private static string Narrow(string folder, UnixFileMode before)
    {
        if ((before & UnixFileMode.OtherWrite) != UnixFileMode.None || !IsRegistrys(folder))
        {
            return $"Everybody on this machine can read the data folder {folder}, and other things are in it: "
                + "what is made there from now on is for its owner only; a folder of its own would be better";
        }

        try
        {
            File.SetUnixFileMode(folder, before & ~(Group | Others));
            return $"Everybody on this machine could read the data folder {folder}; now only its owner can. "
                + "`chmod 750` lets its group, and the next start keeps that";
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return $"Everybody on this machine can read the data folder {folder}, and it belongs to another user, so that it stays so: "
                + "`chmod 750` or `chmod 700` changes it";
        }
    }

    // Else it could be the home of somebody, or of other programs.
    private static bool IsRegistrys(string folder) =>
        File.Exists(DataFolder.EventsIn(folder)) || !Directory.EnumerateFileSystemEntries(folder).Any();

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint Umask(uint mask);
}
