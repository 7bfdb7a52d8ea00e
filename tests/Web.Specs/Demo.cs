using System.Net.Http.Json;
using Raktar.Running;

namespace Raktar.Web.Specs;

/// <summary>A registry with something of everything, shared by the specs that only look and by the pictures of the documentation.</summary>
internal sealed class Demo
{
    private static readonly (string Name, string Description)[] Small =
    [
        ("ledger-core", "Accounts, entries and balances of the ledger"),
        ("ledger-http", "The ledger over HTTP"),
        ("money", "Amounts with a currency, without rounding surprises"),
        ("iban", "Parses and checks international bank account numbers"),
        ("calendar-target2", "Bank holidays of the TARGET2 calendar"),
        ("mt940", "Reads and writes MT940 account statements"),
        ("retry-budget", "Retries with a budget, for clients of busy services"),
        ("trace-context", "Trace context propagation for our services"),
    ];

    private static readonly Lazy<Task<Demo>> Made = new(() => Make(full: true));
    private static readonly Lazy<Task<Demo>> ForAttackers = new(() => Make(full: false));

    /// <summary>The one for all.</summary>
    public static Task<Demo> Shared => Made.Value;

    /// <summary>One that is empty at first, for crates that nobody wants on the pictures.</summary>
    public static Task<Demo> Hostile => ForAttackers.Value;

    public RunningRegistry Raktar { get; private init; } = null!;

    public string Url => Raktar.Url;

    public string AdminToken => Raktar.AdminToken;

    /// <summary>A token of somebody who only publishes.</summary>
    public string AnnsToken { get; private set; } = null!;

    private static async Task<Demo> Make(bool full)
    {
        var demo = new Demo { Raktar = await RunningRegistry.Start(Protocols.Http1, wired: false, Registries.NoThrottle) };
        if (full)
        {
            await demo.Fill();
        }

        return demo;
    }

    private async Task Fill()
    {
        AnnsToken = await Raktar.Account("ann", "publisher");
        await Raktar.Account("bob", "member");
        foreach (var path in (string[])["teams/payments", "teams/payments/members/ann"])
        {
            (await Raktar.Client.PutAsync($"api/v1/{path}", null)).EnsureSuccessStatusCode().Dispose();
        }

        using var ann = Protocols.Client(Protocols.Http1, Url, AnnsToken);
        foreach (var (name, description) in Small)
        {
            (await RawCrate.Of(name, "0.4.0", description: description).Publish(ann)).EnsureSuccessStatusCode().Dispose();
        }

        await Payments(ann);
        (await ann.DeleteAsync($"api/v1/crates/payments/1.0.0/yank?message={Uri.EscapeDataString("rounds half cents up; use 1.0.1")}")).EnsureSuccessStatusCode().Dispose();
        (await Raktar.Client.PostAsync("api/v1/audit/checkpoints", null)).EnsureSuccessStatusCode().Dispose();
        await Raktar.Settled();
    }

    private async Task Payments(HttpClient ann)
    {
        var cargo = await CargoWorld.For("stable", Raktar, AnnsToken);
        foreach (var version in (string[])["0.9.0", "1.0.0", "1.0.1", "1.1.0"])
        {
            var folder = cargo.Library(
                "payments",
                version,
                """
                money = { version = "0.4", registry = "raktar" }
                iban = { version = "0.4", registry = "raktar", optional = true }
                ledger-core = { version = "0.4", registry = "raktar", default-features = false }
                """,
                package: """
                readme = "README.md"
                repository = "https://git.example.com/payments"
                homepage = "https://payments.example.com"
                keywords = ["payments", "money", "sepa"]
                categories = ["finance"]
                rust-version = "1.70"
                """);
            await File.AppendAllTextAsync(Path.Combine(folder, "Cargo.toml"),
                """

                [features]
                default = ["sepa"]
                sepa = ["dep:iban", "batch"]
                batch = []
                full = ["sepa", "batch", "instant"]
                instant = ["sepa"]

                """);
            await File.WriteAllTextAsync(Path.Combine(folder, "README.md"), Readme);
            (await cargo.Publishing(folder)).Succeeded();
        }

        (await ann.PutAsJsonAsync("api/v1/crates/payments/owners", new { users = (string[])["team:payments"] })).EnsureSuccessStatusCode().Dispose();
    }

    private const string Readme =
        """
        # payments

        Orders, batches and their states, as the **payments** team runs them. See [the source](src/lib.rs) and
        [the handbook](https://payments.example.com/handbook).

        ## Use

        ```rust
        let order = payments::Order::new("DE89 3704 0044 0532 0130 00", money::eur(12, 50));
        order.send()?;
        ```

        | state | means |
        |---|---|
        | `open` | nobody has looked yet |
        | `sent` | the bank has it |

        1. Orders are made.
        2. Batches are sent.
           - every hour
           - or when they are full

        ![a diagram](https://payments.example.com/diagram.png)

        """;
}
