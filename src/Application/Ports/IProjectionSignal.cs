using Raktar.Application.Log;

namespace Raktar.Application.Ports;

/// <summary>Tells the projections that a stream moved.</summary>
public interface IProjectionSignal
{
    /// <summary>
    /// Returns when readers see the commit, or after a bounded time: an append is durable whether or not it is visible yet. Cargo asks for the
    /// index at once after a publish, and only each second from then on; so a short wait here saves it a second. A commit that <paramref name="takesAway"/> something
    /// is waited for longer. Answers whether that is kept from everybody now, or after the time that the document store remembers.
    /// </summary>
    Task<bool> Appended(StreamHead head, bool takesAway);
}
