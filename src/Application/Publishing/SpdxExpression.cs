using System.Text.RegularExpressions;

namespace Raktar.Application.Publishing;

/// <summary>
/// Whether a licence is an SPDX expression of common ids, as crates.io would take it: <c>/</c> for OR and the older GNU ids with <c>+</c>
/// are tolerated, and besides <c>LicenseRef-*</c> and <c>Proprietary</c>, which private crates use.
/// Source: https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/. The ids are those in use, not SPDX's whole list.
/// </summary>
internal sealed class SpdxExpression
{
    private static readonly Regex Token = new(@"[()/]|[A-Za-z0-9.:\-]+\+?", RegexOptions.NonBacktracking);

    private static readonly HashSet<string> Ids = new(StringComparer.Ordinal)
    {
        "0BSD", "AFL-3.0", "AGPL-1.0", "AGPL-1.0-only", "AGPL-1.0-or-later", "AGPL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later",
        "Apache-1.0", "Apache-1.1", "Apache-2.0", "APSL-2.0", "Artistic-1.0", "Artistic-1.0-Perl", "Artistic-2.0", "Beerware",
        "BlueOak-1.0.0", "BSD-1-Clause", "BSD-2-Clause", "BSD-2-Clause-Patent", "BSD-2-Clause-Views", "BSD-3-Clause",
        "BSD-3-Clause-Clear", "BSD-3-Clause-LBNL", "BSD-4-Clause", "BSD-Source-Code", "BSL-1.0", "BUSL-1.1", "bzip2-1.0.6",
        "CC-BY-3.0", "CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-NC-ND-4.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0",
        "CC-PDDC", "CC0-1.0", "CDDL-1.0", "CDDL-1.1", "CDLA-Permissive-2.0", "CECILL-2.1", "CECILL-B", "CECILL-C", "CPL-1.0", "curl",
        "ECL-2.0", "EFL-2.0", "EPL-1.0", "EPL-2.0", "EUPL-1.1", "EUPL-1.2", "FTL", "GFDL-1.3", "GFDL-1.3-only", "GFDL-1.3-or-later",
        "GPL-1.0", "GPL-1.0-only", "GPL-1.0-or-later", "GPL-2.0", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0", "GPL-3.0-only",
        "GPL-3.0-or-later", "Hippocratic-2.1", "HPND", "ICU", "IJG", "ISC", "JSON", "LGPL-2.0", "LGPL-2.0-only", "LGPL-2.0-or-later",
        "LGPL-2.1", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0", "LGPL-3.0-only", "LGPL-3.0-or-later", "libpng-2.0", "Libpng",
        "LPPL-1.3c", "MirOS", "MIT", "MIT-0", "MIT-CMU", "MIT-Modern-Variant", "MPL-1.0", "MPL-1.1", "MPL-2.0",
        "MPL-2.0-no-copyleft-exception", "MS-PL", "MS-RL", "MulanPSL-2.0", "NASA-1.3", "NCSA", "NIST-PD", "NPL-1.1", "ODbL-1.0", "ODC-By-1.0",
        "OFL-1.1", "OGL-UK-3.0", "OLDAP-2.8", "OpenSSL", "OSL-2.1", "OSL-3.0", "Parity-7.0.0", "PDDL-1.0", "PHP-3.01",
        "PolyForm-Noncommercial-1.0.0", "PolyForm-Small-Business-1.0.0", "PostgreSQL", "PSF-2.0", "Python-2.0", "QPL-1.0", "RPL-1.5",
        "Ruby", "SGI-B-2.0", "SISSL", "Sleepycat", "SSPL-1.0", "TCL", "UCL-1.0", "Unicode-3.0", "Unicode-DFS-2015", "Unicode-DFS-2016",
        "Unlicense", "UPL-1.0", "Vim", "W3C", "WTFPL", "X11", "Xnet", "Zend-2.0", "Zlib", "zlib-acknowledgement", "ZPL-2.1",
        "Proprietary",
    };

    private static readonly HashSet<string> Exceptions = new(StringComparer.Ordinal)
    {
        "Autoconf-exception-3.0", "Bison-exception-2.2", "Bootloader-exception", "Classpath-exception-2.0", "FLTK-exception",
        "GCC-exception-2.0", "GCC-exception-3.1", "GPL-3.0-linking-exception", "LGPL-3.0-linking-exception", "Linux-syscall-note",
        "LLVM-exception", "OCaml-LGPL-linking-exception", "OpenSSL-exception", "openvpn-openssl-exception", "Qt-GPL-exception-1.0",
        "Qt-LGPL-exception-1.1", "Swift-exception", "Universal-FOSS-exception-1.0", "WxWindows-exception-3.1",
    };

    private readonly List<string> _tokens;
    private int _next;

    private SpdxExpression(List<string> tokens) => _tokens = tokens;

    /// <summary>Whether the text is such an expression.</summary>
    public static bool IsKnown(string text)
    {
        var tokens = Token.Matches(text).Select(token => token.Value).ToList();
        if (tokens.Sum(token => token.Length) + text.Count(c => c == ' ') != text.Length)
        {
            return false;
        }

        var reader = new SpdxExpression(tokens);
        return reader.Alternatives() && reader._next == tokens.Count;
    }

    // AND binds closer than OR, but for the question asked here that does not matter.
    private bool Alternatives()
    {
        do
        {
            if (!Term())
            {
                return false;
            }
        }
        while (Take("OR") || Take("/") || Take("AND"));
        return true;
    }

    private bool Term()
    {
        if (Take("("))
        {
            return Alternatives() && Take(")");
        }

        return Next() is { } id && IsLicense(id) && (!Take("WITH") || (Next() is { } exception && Exceptions.Contains(exception)));
    }

    private static bool IsLicense(string id) =>
        Ids.Contains(id.EndsWith('+') ? id[..^1] : id)
        || id.StartsWith("LicenseRef-", StringComparison.Ordinal)
        || (id.StartsWith("DocumentRef-", StringComparison.Ordinal) && id.Contains(":LicenseRef-", StringComparison.Ordinal));

    private string? Next() => _next < _tokens.Count ? _tokens[_next++] : null;

    private bool Take(string token)
    {
        var there = _next < _tokens.Count && _tokens[_next] == token;
        _next += there ? 1 : 0;
        return there;
    }
}
