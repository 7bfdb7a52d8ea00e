namespace Raktar.Api.Settings;

/// <summary>What becomes of images in READMEs (<c>Raktar:Web:ReadmeImages</c>).</summary>
public enum ReadmeImages
{
    /// <summary>A link with the image's words: nothing is fetched from other hosts.</summary>
    Link,

    /// <summary>Shown, from https only: other hosts learn who reads.</summary>
    Https,
}
