using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Publishing;

public class NamingNewCrates
{
    [Theory]
    [InlineData("con")]
    [InlineData("PRN")]
    [InlineData("aux")]
    [InlineData("nul")]
    [InlineData("com0")]
    [InlineData("Lpt9")]
    [InlineData("std")]
    [InlineData("Core")]
    [InlineData("alloc")]
    [InlineData("proc-macro")]
    [InlineData("proc_macro")]
    [InlineData("test")]
    public void Some_names_are_reserved(string name) =>
        Assert.Equal(new InvalidInput($"crate name `{name}` is reserved"), CrateNameRules.Refuse(CrateName.Parse(name), new()));

    [Theory]
    [InlineData("serde")]
    [InlineData("comx")]
    [InlineData("com10")]
    [InlineData("console")]
    [InlineData("stdx")]
    [InlineData("proc-macro2")]
    [InlineData("rustcx")]
    [InlineData("rustc-hash")]
    [InlineData("rustc_version")]
    [InlineData("compiler_builtins")]
    [InlineData("panic_abort")]
    [InlineData("unwind")]
    [InlineData("rustc-ast")]
    public void Others_are_free(string name) => Assert.Null(CrateNameRules.Refuse(CrateName.Parse(name), new()));

    [Theory]
    [InlineData("std", true)]
    [InlineData("proc-macro", true)]
    [InlineData("aux", false)]
    public void Rusts_own_names_can_be_set_free_but_not_those_of_devices(string name, bool free) =>
        Assert.Equal(free, CrateNameRules.Refuse(CrateName.Parse(name), new() { ReserveSysrootNames = false }) is null);

    [Theory]
    [InlineData("acme-core", "crate name `acme-core` is reserved")]
    [InlineData("ACME_core", "crate name `ACME_core` is reserved")]
    [InlineData("acme", null)]
    [InlineData("secret", "crate name `secret` is reserved")]
    [InlineData("secrets", null)]
    public void A_registry_reserves_names_of_its_own(string name, string? sentence) => Assert.Equal(
        sentence, CrateNameRules.Refuse(CrateName.Parse(name), new() { ReservedNames = ["Acme_*", "secret"] })?.Sentence);

    [Theory]
    [InlineData("acme-core", null)]
    [InlineData("Acme_Core", null)]
    [InlineData("tool", null)]
    [InlineData("other", "name `other` does not match the registry naming rule")]
    public void A_registry_may_have_a_naming_rule(string name, string? sentence) => Assert.Equal(
        sentence, CrateNameRules.Refuse(CrateName.Parse(name), new() { AllowedNames = ["acme-*", "tool"] })?.Sentence);
}
