using Microsoft.Net.Http.Headers;
using Raktar.Application.Crates.Files;
using Raktar.Domain;

namespace Raktar.Api.Endpoints.Index;

/// <summary>Answers with crate files.</summary>
internal static class CrateFileAnswers
{
    // A checksum names its bytes for ever, but a version may be deleted, and what somebody known may see others may not. So a cache of several people's keeps
    // only what everybody may see, and not for long.
    private const string Shared = "public, max-age=3600";
    private const string Own = "private, max-age=31536000, immutable";

    /// <summary>A crate file under its name, of an address that has its checksum or, unless <paramref name="isForEver"/>, only its version.</summary>
    public static IResult CrateFileAnswer(this HttpContext context, CrateFile crateFile, string fileName, bool isForEver, bool isForAll)
    {
        if (crateFile.Link is { } link)
        {
            // Cargo follows it and leaves its token behind. The link is good for minutes only, and for whoever has it.
            context.Response.Headers.CacheControl = "no-store";
            return Results.Redirect(link.AbsoluteUri, permanent: false, preserveMethod: true);
        }

        context.Response.SetCrateFileCaching(isForEver, isForAll);
        if (WholeFile.Suits(context.Request))
        {
            context.Response.SetCrateFileName(crateFile.Checksum, fileName);
            return new WholeFile(crateFile.Content!, ContentType);
        }

        return Results.Stream(
            crateFile.Content!,
            ContentType,
            fileName,
            entityTag: new EntityTagHeaderValue($"\"{crateFile.Checksum}\""),
            enableRangeProcessing: true);
    }

    /// <summary>What crate files are.</summary>
    public const string ContentType = "application/gzip";

    /// <summary>A version is asked for anew each time where its checksum is not in the address: it may be deleted.</summary>
    public static void SetCrateFileCaching(this HttpResponse response, bool isForEver, bool isForAll)
    {
        response.Headers.CacheControl = isForEver ? (isForAll ? Shared : Own) : isForAll ? "public, no-cache" : "private, no-cache";
        response.Headers.Vary = "Authorization";
    }

    /// <summary>What the framework says of a file, where it is not asked to answer with it.</summary>
    public static void SetCrateFileName(this HttpResponse response, Checksum checksum, string fileName)
    {
        response.Headers.ETag = $"\"{checksum}\"";
        response.Headers.ContentDisposition = $"attachment; filename={fileName}; filename*=UTF-8''{fileName}";
    }
}
