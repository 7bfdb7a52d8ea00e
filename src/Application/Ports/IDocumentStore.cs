using System.IO.Hashing;
using Raktar.Application.Crates.Changes;

namespace Raktar.Application.Ports;

/// <summary>What the projections wrote: documents that can be thrown away and rebuilt.</summary>
public interface IDocumentStore
{
    /// <summary>How old an answer from memory may be, here and where others remember what they read: zero where that costs nothing.</summary>
    TimeSpan Remembered { get; }

    /// <summary>The key of every document, in no order; of those that come or go meanwhile perhaps not.</summary>
    IAsyncEnumerable<DocumentKey> Keys(CancellationToken cancellationToken);

    /// <summary>The document with its parts, or null.</summary>
    ValueTask<Document?> Get(DocumentKey key, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the document on condition that the stored one still has <paramref name="expectedVersion"/> (0: that there is none);
    /// else <see cref="DocumentMovedException"/>. Parts that are stored already in the same place are not written again.
    /// </summary>
    Task Put(DocumentKey key, Document document, long expectedVersion, CancellationToken cancellationToken);

    /// <summary>Takes away a document that should never have been there, if there is one. Its aliases may remain; they lead to nothing.</summary>
    Task Remove(DocumentKey key, CancellationToken cancellationToken);

    /// <summary>The document of a kind that was put with this alias, or null. A store may answer from memory for a bounded time, which it documents.</summary>
    ValueTask<Document?> Find(string kind, string alias, CancellationToken cancellationToken);

    /// <summary>The number of the last change of a followed document of the kind (0: none yet); null where others write too.</summary>
    long? LastChange(string kind);

    /// <summary>
    /// The followed documents of a kind that were written after the change <paramref name="afterChange"/> (0: ever), in no order, none forgotten; some perhaps
    /// again, all without their parts. Cheap when there are none: readers that keep a copy in memory ask before every use.
    /// </summary>
    IAsyncEnumerable<ChangedDocument> Changes(string kind, long afterChange, CancellationToken cancellationToken);
}

/// <summary>Which document: its kind (one per projection) and the key of the stream it is folded from.</summary>
public readonly record struct DocumentKey(string Kind, string Key)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind}/{Key}";
}

/// <summary>A document: its bytes, and the version of the stream's last fact that is folded into it.</summary>
public sealed class Document(long version, ReadOnlyMemory<byte> body)
{
    /// <summary>
    /// What all bodies look like. Documents of another format are not there for a store: they are made anew from the log. Raise it with every change of a
    /// stored view.
    /// </summary>
    public const int Format = 8;

    private object? _view;

    /// <summary>
    /// Whether followers of the kind hear of the document. Once followed it must stay so, or its followers keep an old copy.
    /// </summary>
    public bool IsFollowed { get; init; }

    /// <summary>The stream's version folded into it.</summary>
    public long Version { get; } = version;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Body { get; } = body;

    /// <summary>
    /// What most new facts leave as it is, in order. A document of a long history is cut into parts so that one more fact need not write all of it again.
    /// </summary>
    public IReadOnlyList<DocumentPart> Parts { get; init; } = [];

    /// <summary>How many bytes body and parts have.</summary>
    public long Length => Body.Length + Parts.Sum(part => (long)part.Bytes.Length);

    /// <summary>Other names to find it by. Only writers fill this; names are added, never taken back, so what is found must be looked at.</summary>
    public IReadOnlyCollection<string> Aliases { get; init; } = [];

    /// <summary>The parsed form, made once and kept with the document: a cached document costs no parsing.</summary>
    public T View<T>(Func<Document, T> parse)
        where T : class => (T)(_view ??= parse(this));

    /// <summary>The parsed form, from whoever made the bytes of it: then nobody has to parse them.</summary>
    public object MadeOf
    {
        init => _view = value;
    }
}

/// <summary>A part of a document, and what tells it from another in the same place.</summary>
public sealed class DocumentPart(ReadOnlyMemory<byte> bytes)
{
    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    /// <summary>A hash of the bytes: enough to see a change, nothing to trust.</summary>
    public byte[] Hash => field ??= XxHash128.Hash(Bytes.Span);
}

/// <summary>A document that changed, with the store's number for that change, to ask after.</summary>
public sealed record ChangedDocument(string Key, Document Document, long Change);

/// <summary>Another projector wrote the document first: fold again from what it left.</summary>
public sealed class DocumentMovedException(DocumentKey key, long expected) : Exception($"document {key} is past version {expected}");
