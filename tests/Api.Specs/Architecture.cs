using Raktar.Api.CommandLine;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>The rooms of the program, from the ground up: who may see whom. What each is for is in docs/architecture.md.</summary>
public sealed class Architecture
{
    private static readonly string[] Rooms =
    [
        "Settings", "Bodies", "Http", "OpenId", "Background", "Access",
        "Endpoints.Publishing", "Endpoints.Crates", "Endpoints.Index", "Endpoints.Accounts", "Endpoints.Audits", "Endpoints.Operation",
        "Web.Frame", "Web.Parts", "Web.Readmes", "Web.Crates.Parts", "Web.Crates", "Web.TokenPages", "Web.SignIn", "Web.Me", "Web.Versions", "Web.Audits", "Web.Admin", "Web",
        "Hosting", "CommandLine",
    ];

    [Fact]
    public void A_room_uses_only_what_is_below() => Assert.Equal(string.Empty, string.Join('\n', Floors.ArrowsUp(typeof(RaktarCommand).Assembly, "Raktar.Api", Rooms)));
}
