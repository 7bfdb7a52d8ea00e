namespace Raktar.Application.Publishing.Rules;

/// <summary>Compares the index URLs of registries.</summary>
internal static class RegistryUrl
{
    /// <summary>How crates.io is named in an index, whichever protocol is used to read it.</summary>
    public const string CratesIo = "https://github.com/rust-lang/crates.io-index";

    private const string SparseCratesIo = "sparse+https://index.crates.io/";

    /// <summary>
    /// Whether both name the same registry: the <c>sparse+</c> prefix, the host's case, a default port and a closing slash do not count.
    /// A closing <c>.git</c> does, or a token could be sent to a registry that merely looks alike (CVE-2026-5222).
    /// </summary>
    public static bool AreSame(string left, string right) => string.Equals(Normalise(left), Normalise(right), StringComparison.Ordinal);

    /// <summary>Whether it is crates.io, by either of its two index URLs.</summary>
    public static bool IsCratesIo(string url) => AreSame(url, CratesIo) || AreSame(url, SparseCratesIo);

    private static string Normalise(string url)
    {
        var plain = url.StartsWith("sparse+", StringComparison.Ordinal) ? url["sparse+".Length..] : url;
        return Uri.TryCreate(plain, UriKind.Absolute, out var uri)
            ? $"{uri.Scheme}://{uri.UserInfo}@{uri.IdnHost}:{uri.Port}{uri.AbsolutePath.TrimEnd('/')}{uri.Query}{uri.Fragment}"
            : plain;
    }
}
