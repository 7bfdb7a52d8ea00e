namespace Raktar.Application.Ports;

/// <summary>Something Raktar cannot work without; the readiness report names each.</summary>
public interface IDependency
{
    /// <summary>Its name in the report: <c>events</c>, <c>documents</c>, <c>blobs</c>, <c>aside</c>, <c>projections</c>.</summary>
    string Name { get; }

    /// <summary>Returns when it works; throws when it does not.</summary>
    Task Probe(CancellationToken cancellationToken);
}
