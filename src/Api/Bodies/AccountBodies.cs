using System.Text.Json.Serialization;

namespace Raktar.Api.Bodies;

internal sealed record RoleRequest(string? Role);

internal sealed record AccountBody(int Id, string Login, string Role, IReadOnlyList<string> Teams, bool Disabled);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DisabledRequest(bool? Disabled, string? Reason);

internal sealed record MeBody(OwnerBody User, string Role, int? TokenId, IReadOnlyList<string> Teams, IReadOnlyList<string> EndpointScopes, IReadOnlyList<string> CrateScopes);

internal sealed record AccountsBody(IReadOnlyList<AccountBody> Accounts);

internal sealed record TeamBody(string Name, IReadOnlyList<string> Members);
