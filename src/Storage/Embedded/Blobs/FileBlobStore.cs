using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Raktar.Application.Ports;

namespace Raktar.Storage.Embedded.Blobs;

/// <summary>
/// Blobs as files under their key. A blob is written beside, flushed to disk, and renamed into place, so that a name is only ever seen with all its
/// bytes; then the folders are flushed, so that the name survives a power cut too.
/// </summary>
internal sealed class FileBlobStore : IBlobStore, IDependency, IDisposable
{
    private readonly string _root;
    private readonly string _staging;

    private readonly SmallFiles _small = new();

    // Folders of which it is known that their own names, and those above them, are on disk.
    private readonly ConcurrentDictionary<string, bool> _durable = new(StringComparer.Ordinal);

    private FileBlobStore(string root) => (_root, _staging) = (root, Path.Combine(root, "staging"));

    public string Name => "blobs";

    /// <summary>The blobs of a folder that this process owns; what an earlier process left half written is removed.</summary>
    public static FileBlobStore Open(DataFolder folder)
    {
        var store = new FileBlobStore(folder.Blobs);
        if (Directory.Exists(store._staging))
        {
            Directory.Delete(store._staging, recursive: true);
        }

        Directory.CreateDirectory(store._staging);
        return store;
    }

    /// <summary>The blobs of a folder that another process may own; only for reading.</summary>
    public static FileBlobStore OpenToRead(string root) => new(DataFolder.BlobsIn(root));

    public ValueTask<IStagedBlob> Stage(CancellationToken cancellationToken) => new(Guard<IStagedBlob>(() => new StagedFile(this)));

    public ValueTask<Stream?> Open(BlobKey key, CancellationToken cancellationToken) => new(Guard(() =>
    {
        try
        {
            var file = new FileInfo(Path.Combine(_root, key.Path));
            return _small.Find(file) ?? new BlobFile(File.OpenHandle(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }));

    public Uri? Link(BlobKey key) => null;

    public IAsyncEnumerable<BlobKey> Checkpoints(CancellationToken cancellationToken) => Guard(() =>
    {
        var folder = new DirectoryInfo(Path.Combine(_root, "checkpoints"));
        return folder.Exists ? folder.GetFiles().Select(file => BlobKey.FindCheckpoint($"checkpoints/{file.Name}")).OfType<BlobKey>().ToList() : [];
    }).ToAsyncEnumerable();

    public Task Remove(BlobKey key, CancellationToken cancellationToken) => Guard(() =>
    {
        try
        {
            File.Delete(Path.Combine(_root, key.Path));
        }
        catch (DirectoryNotFoundException)
        {
            // It was never there.
        }

        return Task.CompletedTask;
    });

    public async Task Probe(CancellationToken cancellationToken)
    {
        await using var staged = await Stage(cancellationToken);
        await staged.Write(new byte[] { 0 }, cancellationToken);
    }

    public void Dispose() => _small.Dispose();

    private static T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException("blobs", e);
        }
    }

    /// <summary>
    /// Flushes a folder, and those above it up to the root or to one whose name is known to be on disk: a rival may have made any of them a moment
    /// ago and not have flushed it yet.
    /// </summary>
    private void FlushNames(string innermost)
    {
        var flushed = new List<string>();
        for (var folder = innermost; ; folder = Path.GetDirectoryName(folder)!)
        {
            FlushFolder(folder);
            if (folder.Length <= _root.Length || _durable.ContainsKey(folder))
            {
                break;
            }

            flushed.Add(folder);
        }

        // The innermost folder is a version's, and seldom written to again.
        flushed.Skip(1).ToList().ForEach(folder => _durable[folder] = true);
    }

    private static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Libc.Open(path, 0);
        var flushed = descriptor >= 0 && Libc.Fsync(descriptor) == 0;
        _ = descriptor >= 0 && Libc.Close(descriptor) == 0;
        if (!flushed)
        {
            throw new IOException($"cannot flush the folder {path}");
        }
    }

    private sealed class StagedFile : IStagedBlob
    {
        private readonly FileBlobStore _store;
        private readonly string _path;
        private readonly SafeFileHandle _file;
        private long _length;

        public StagedFile(FileBlobStore store)
        {
            _store = store;
            _path = Path.Combine(store._staging, Guid.CreateVersion7().ToString("N"));
            // Shared: it keeps its name's readers out otherwise, from the moment it is in place until the publish is answered.
            _file = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }

        public ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => new(Guard(() =>
        {
            RandomAccess.Write(_file, bytes.Span, _length);
            _length += bytes.Length;
            return Task.CompletedTask;
        }));

        public Stream Read() => new BlobFile(_file);

        public ValueTask<int> ReadAt(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            new(Guard(() => RandomAccess.Read(_file, buffer.Span, offset)));

        public Task Keep(BlobKey key, CancellationToken cancellationToken) => Task.Run(
            () => Guard(() =>
            {
                var target = Path.Combine(_store._root, key.Path);
                if (!File.Exists(target))
                {
                    RandomAccess.FlushToDisk(_file);
                    Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                    File.Move(_path, target, overwrite: true);
                }

                _store.FlushNames(Path.GetDirectoryName(target)!);
                return true;
            }),
            cancellationToken);

        public ValueTask DisposeAsync()
        {
            _file.Dispose();
            File.Delete(_path);
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>.NET opens no folders; POSIX does, to flush them (https://man7.org/linux/man-pages/man2/fsync.2.html).</summary>
internal static partial class Libc
{
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);
}
