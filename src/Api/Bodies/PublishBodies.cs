namespace Raktar.Api.Bodies;

internal sealed record PublishedBody(PublishWarnings Warnings);

internal sealed record PublishWarnings(IReadOnlyList<string> InvalidCategories, IReadOnlyList<string> InvalidBadges, IReadOnlyList<string> Other);

internal sealed record DeletionRequest(string? Reason);
