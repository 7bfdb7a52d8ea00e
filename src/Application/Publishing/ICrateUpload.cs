using Raktar.Domain;

namespace Raktar.Application.Publishing;

/// <summary>The crate file of a publish, still on its way: nothing of it is read before it is known to be welcome.</summary>
public interface ICrateUpload
{
    /// <summary>Reads how many bytes are announced; too many, or none, is the refusal.</summary>
    Task<Outcome<long>> Length(CancellationToken cancellationToken);

    /// <summary>The bytes; ends early when the client does.</summary>
    Stream Content { get; }

    /// <summary>Checks that nothing follows the announced bytes.</summary>
    Task<Refusal?> End(CancellationToken cancellationToken);
}
