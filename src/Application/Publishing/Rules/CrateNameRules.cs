using System.IO.Enumeration;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Publishing.Rules;

/// <summary>Which names a registry gives to no crate. They are asked of new crates only: one that has its name keeps it.</summary>
public static class CrateNameRules
{
    // https://learn.microsoft.com/windows/win32/fileio/naming-a-file: cargo could not unpack such a crate on Windows.
    private static readonly string[] WindowsDevices = ["con", "prn", "aux", "nul", "com?", "lpt?"];

    // The crates that code names without declaring them: a dependency of that name would take the place of the real one. Not the other crates of
    // Rust's own sources: nothing is confused with them, and published crates depend on some, such as compiler_builtins and panic_abort.
    private static readonly string[] SysrootNames = ["std", "core", "alloc", "proc_macro", "test"];

    /// <summary>
    /// Why nobody may create a crate of this name under a policy, or null. Patterns are compared as names are: without regard to case or
    /// to <c>-</c> and <c>_</c>. Whether the caller may create crates at all is not asked here.
    /// </summary>
    public static Refusal? Refuse(CrateName name, PublishPolicy policy)
    {
        var isReserved = (WindowsDevices.Any(device => Matches(device, name)) && (name.Lower.Length == 3 || char.IsAsciiDigit(name.Lower[^1])))
            || (policy.ReserveSysrootNames && SysrootNames.Any(reserved => Matches(reserved, name)))
            || policy.ReservedNames.Any(reserved => Matches(reserved, name));
        if (isReserved)
        {
            return new InvalidInput($"crate name `{name}` is reserved");
        }

        return policy.AllowedNames is [] || policy.AllowedNames.Any(allowed => Matches(allowed, name))
            ? null
            : new InvalidInput($"name `{name}` does not match the registry naming rule");
    }

    private static bool Matches(string pattern, CrateName name) =>
        FileSystemName.MatchesSimpleExpression(pattern.ToLowerInvariant().Replace('-', '_'), name.Canonical, ignoreCase: false);
}
