namespace Raktar.Storage.Embedded;

/// <summary>
/// The folder that holds a whole embedded registry: <c>events.db</c> (the log), <c>blobs/</c>, <c>documents.db</c> (rebuildable), <c>aside.db</c> (sessions
/// and the like). One process owns it at a time.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string root, FileStream heldLock, string? notice) => (Root, _lock, Notice) = (root, heldLock, notice);

    /// <summary>The folder, as an absolute path.</summary>
    public string Root { get; }

    /// <summary>What the operator should know of the folder's rights; null: nothing.</summary>
    public string? Notice { get; }

    /// <summary>The log.</summary>
    public string Events => EventsIn(Root);

    /// <summary>The documents.</summary>
    public string Documents => DocumentsIn(Root);

    /// <summary>What is kept beside the log.</summary>
    public string Aside => Path.Combine(Root, "aside.db");

    /// <summary>The blobs.</summary>
    public string Blobs => BlobsIn(Root);

    /// <summary>The log of the registry in a folder, for readers that do not own it.</summary>
    public static string EventsIn(string root) => Path.Combine(root, "events.db");

    /// <summary>The documents of the registry in a folder, for readers that do not own it.</summary>
    public static string DocumentsIn(string root) => Path.Combine(root, "documents.db");

    /// <summary>The blobs of the registry in a folder, for readers that do not own it.</summary>
    public static string BlobsIn(string root) => Path.Combine(root, "blobs");

    /// <summary>Makes the folder where needed and takes it; a folder that another process owns is a <see cref="DataFolderInUseException"/>.</summary>
    public static DataFolder Own(string path)
    {
        var root = Path.GetFullPath(path);
        var notice = FolderModes.Restrict(root);
        try
        {
            return new(root, new FileStream(Path.Combine(root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), notice);
        }
        catch (IOException e) when (File.Exists(Path.Combine(root, "lock")))
        {
            throw new DataFolderInUseException(root, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}

/// <summary>A second process on one data folder.</summary>
public sealed class DataFolderInUseException(string folder, Exception inner)
    : Exception($"the data folder {folder} is in use by another Raktar: stop that one first, or give this one another folder", inner);
