using System.Globalization;
using System.Text;

namespace Raktar.Storage.Embedded;

/// <summary>
/// The folder that holds a whole embedded registry: <c>events.db</c> (the log), <c>blobs/</c>, <c>documents.db</c> (rebuildable). One process owns it
/// at a time.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string root, FileStream heldLock) => (Root, _lock) = (root, heldLock);

    /// <summary>The folder, as an absolute path.</summary>
    public string Root { get; }

    /// <summary>The log.</summary>
    public string Events => EventsIn(Root);

    /// <summary>The documents.</summary>
    public string Documents => Path.Combine(Root, "documents.db");

    /// <summary>The blobs.</summary>
    public string Blobs => BlobsIn(Root);

    /// <summary>The log of the registry in a folder, for readers that do not own it.</summary>
    public static string EventsIn(string root) => Path.Combine(root, "events.db");

    /// <summary>The blobs of the registry in a folder, for readers that do not own it.</summary>
    public static string BlobsIn(string root) => Path.Combine(root, "blobs");

    /// <summary>Makes the folder where needed and takes it; a folder that another process owns is a <see cref="DataFolderInUseException"/>.</summary>
    public static DataFolder Own(string path)
    {
        var root = Path.GetFullPath(path);
        Directory.CreateDirectory(root);
        var lockFile = Path.Combine(root, "lock");
        try
        {
            var held = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            held.SetLength(0);
            held.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            held.Flush();
            return new(root, held);
        }
        catch (IOException e) when (File.Exists(lockFile))
        {
            throw new DataFolderInUseException(root, Owner(lockFile), e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static string Owner(string lockFile)
    {
        try
        {
            // Sharing everything takes no lock of its own, so the owner's number can be read.
            using var reader = new StreamReader(new FileStream(lockFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return $"process {reader.ReadToEnd()}";
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}

/// <summary>A second process on one data folder.</summary>
public sealed class DataFolderInUseException(string folder, string owner, Exception inner)
    : Exception($"the data folder {folder} is in use by {owner}: stop that Raktar first, or give this one another folder", inner);
