using Raktar.Application.Audit;
using Raktar.Application.Ports;

namespace Raktar.Storage;

/// <summary>The stores of a registry, wherever it keeps them.</summary>
public interface IStores : IDisposable
{
    /// <summary>The log.</summary>
    IEventStore Events { get; }

    /// <summary>Which streams moved.</summary>
    IEventFeed Feed { get; }

    /// <summary>The documents.</summary>
    IDocumentStore Documents { get; }

    /// <summary>The audit's rows.</summary>
    IAuditStore Audit { get; }

    /// <summary>The blobs.</summary>
    IBlobStore Blobs { get; }

    /// <summary>What is kept beside the log.</summary>
    IAsideStore Aside { get; }
}
