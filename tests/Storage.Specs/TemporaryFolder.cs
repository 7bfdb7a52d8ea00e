namespace Raktar.Storage.Specs;

/// <summary>A folder of one test, gone after it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("raktar-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
