using Raktar.Application.Audit;
using Raktar.Application.Ports;
using Raktar.Storage.Embedded.Blobs;

namespace Raktar.Storage.Embedded;

/// <summary>The stores of one data folder.</summary>
public sealed class EmbeddedStorage : IStores
{
    private readonly DataFolder? _folder;
    private readonly SqliteEventStore _events;
    private readonly SqliteDocumentStore? _documents;
    private readonly FileBlobStore _blobs;
    private readonly SqliteAsideStore? _aside;

    private EmbeddedStorage(
        DataFolder? folder, SqliteEventStore events, SqliteDocumentStore? documents, FileBlobStore blobs, SqliteAsideStore? aside) =>
        (_folder, _events, _documents, _blobs, _aside) = (folder, events, documents, blobs, aside);

    /// <summary>What the operator should know of the folder; null: nothing.</summary>
    public string? Notice => _folder?.Notice;

    /// <inheritdoc/>
    public IEventStore Events => _events;

    /// <inheritdoc/>
    public IEventFeed Feed => _events;

    /// <summary>Whether there are documents that this program can read; always, where the folder is owned.</summary>
    public bool HasDocuments => _documents is not null;

    /// <inheritdoc/>
    public IDocumentStore Documents => _documents ?? throw new InvalidOperationException("there are no documents");

    /// <inheritdoc/>
    public IAuditStore Audit => _documents?.Audit ?? throw new InvalidOperationException("there are no documents");

    /// <inheritdoc/>
    public IBlobStore Blobs => _blobs;

    /// <summary>What is kept beside the log; not there when opened only to read the log.</summary>
    public IAsideStore Aside => _aside ?? throw new InvalidOperationException("this folder was opened to read");

    /// <summary>Takes a folder and opens everything in it; <paramref name="documents"/> is another file for the documents than the folder's own, to be made there.</summary>
    public static EmbeddedStorage Own(string path, string? documents = null, TimeProvider? time = null)
    {
        var folder = DataFolder.Own(path);
        return new(
            folder,
            SqliteEventStore.Open(folder),
            documents is null ? SqliteDocumentStore.Open(folder.Documents) : SqliteDocumentStore.Begin(documents),
            FileBlobStore.Open(folder),
            new SqliteAsideStore(folder.Aside, time ?? TimeProvider.System));
    }

    /// <summary>Opens the log, the blobs and the documents of a folder that a running registry may own. Nothing is changed.</summary>
    public static EmbeddedStorage OpenToRead(string path)
    {
        var root = Path.GetFullPath(path);
        return File.Exists(DataFolder.EventsIn(root))
            ? new(null, SqliteEventStore.OpenToRead(root), SqliteDocumentStore.OpenToRead(DataFolder.DocumentsIn(root)), FileBlobStore.OpenToRead(root), null)
            : throw new DirectoryNotFoundException($"{root} holds no registry");
    }

    /// <summary>Completes the documents that are made elsewhere, and closes them, so that their file can be moved while the folder is still owned.</summary>
    public async Task CompleteDocuments()
    {
        await _documents!.Complete();
        _documents.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _events.Dispose();
        _documents?.Dispose();
        _aside?.Dispose();
        _folder?.Dispose();
    }
}
