namespace Raktar.Running;

/// <summary>What runs the registry: one process, or the functions of its AWS edition.</summary>
internal interface IServer : IAsyncDisposable
{
    /// <summary>Where it listens.</summary>
    string Url { get; }

    /// <summary>The administrator's token, once the first start is over.</summary>
    string? AdminToken { get; }

    /// <summary>Starts it. <paramref name="publicUrl"/> is what clients use.</summary>
    Task Start(string publicUrl, IReadOnlyDictionary<string, string> settings);

    /// <summary>Whether it can still come to serve; a sentence when not.</summary>
    string? Problem { get; }

    /// <summary>kill -9.</summary>
    Task Kill();

    /// <summary>Asks it to stop, and waits until it has.</summary>
    Task Stop();

    /// <summary>Runs one of its commands on the same storage.</summary>
    Task<Ended> Command(string[] arguments, IReadOnlyDictionary<string, string> settings);

    /// <summary>What it has said so far.</summary>
    string Output();
}
