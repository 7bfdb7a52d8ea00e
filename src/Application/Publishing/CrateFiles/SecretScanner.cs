using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Raktar.Application.Publishing.CrateFiles;

/// <summary>
/// Looks for private keys and tokens in a file while it passes by. They have shapes of their own: a name alone says little, and a warning that cries wolf is
/// not read. Placeholders (<c>ghp_xxxx...</c>, AWS' own EXAMPLE keys), certificates and public keys are none.
/// </summary>
internal sealed class SecretScanner : IDisposable
{
    private const int WindowLength = 16 * 1024;

    // The most that a shape needs behind its first characters, headers of an encrypted key included.
    private const int LongestShape = 512;

    // What a shape begins with, to be found fast; the shape is then asked.
    private static readonly SearchValues<string> Beginnings = SearchValues.Create(
        [
            "-----BEGIN ", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "cio", "rk_", "npm_", "xoxb-", "xoxp-",
            "sk_live_", "sk-ant-", "AIza", "pypi-AgE", "hf_",
        ],
        StringComparison.Ordinal);

    // A key's first line of 40 or more characters follows soon, also as a text in code.
    private static readonly Regex PrivateKey = new(
        @"\A-----BEGIN ((RSA|EC|DSA|OPENSSH|ENCRYPTED) )?PRIVATE KEY-----([^-]|-[^-]){0,200}?[A-Za-z0-9+/]{40}|\A-----BEGIN PGP PRIVATE KEY BLOCK-----",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private static readonly Regex Token = new(
        @"\A((AKIA|ASIA)[A-Z2-7]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}|glpat-[A-Za-z0-9_-]{20}|cio[A-Za-z0-9]{32}"
        + @"|rk_(ci_)?[A-Za-z0-9]{40}|npm_[A-Za-z0-9]{36}|xox[bp]-[0-9]{10,}-[A-Za-z0-9-]{20,}|sk_live_[A-Za-z0-9]{24,}|sk-ant-[A-Za-z0-9_-]{40,}"
        + @"|AIza[A-Za-z0-9_-]{35}|pypi-AgE[A-Za-z0-9_-]{50,}|hf_[A-Za-z0-9]{34})([^A-Za-z0-9_]|\z)",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private readonly char[] _window = ArrayPool<char>.Shared.Rent(WindowLength);
    private int _filled;
    private char _before;

    /// <summary>What was found in this file, for a sentence: the first thing only.</summary>
    public string? Found { get; private set; }

    /// <summary>Takes the next bytes of the file.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && Found is null)
        {
            var count = Math.Min(bytes.Length, WindowLength - _filled);

            // One character for each byte: the shapes are ASCII.
            Encoding.Latin1.GetChars(bytes[..count], _window.AsSpan(_filled));
            _filled += count;
            bytes = bytes[count..];
            if (_filled == WindowLength)
            {
                Look(isEnd: false);
            }
        }
    }

    /// <summary>Ends the file; the next bytes are another's.</summary>
    public string? End()
    {
        if (Found is null)
        {
            Look(isEnd: true);
        }

        var found = Found;
        (Found, _filled, _before) = (null, 0, '\0');
        return found;
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<char>.Shared.Return(_window);

    /// <summary>Looks at all that is whole in the window, and leaves the rest at its start.</summary>
    private void Look(bool isEnd)
    {
        var whole = isEnd ? _filled : _filled - LongestShape;
        var at = 0;
        while (at < whole && Found is null)
        {
            var next = _window.AsSpan(at, _filled - at).IndexOfAny(Beginnings);
            if (next < 0 || at + next >= whole)
            {
                break;
            }

            at += next;
            var before = at == 0 ? _before : _window[at - 1];
            Found = ShapeOf(_window.AsSpan(at, Math.Min(LongestShape, _filled - at)), before);
            at++;
        }

        if (!isEnd)
        {
            _before = _window[whole - 1];
            _window.AsSpan(whole, _filled - whole).CopyTo(_window);
            _filled -= whole;
        }
    }

    private static string? ShapeOf(ReadOnlySpan<char> text, char before)
    {
        if (text[0] == '-')
        {
            return PrivateKey.IsMatch(text) ? "a private key" : null;
        }

        // Inside a longer word or a blob of base64 it is no token.
        if (char.IsAsciiLetterOrDigit(before) || before is '_' or '+' or '/' or '-' || !Token.IsMatch(text))
        {
            return null;
        }

        var end = text.IndexOfAnyExcept(TokenCharacters);
        var token = end < 0 ? text : text[..end];
        return IsRandom(token) && !token.EndsWith("EXAMPLE", StringComparison.Ordinal) ? "a token" : null;
    }

    // A placeholder repeats itself; of random letters a third or more are different ones.
    private static bool IsRandom(ReadOnlySpan<char> token)
    {
        var seen = new HashSet<char>();
        foreach (var c in token)
        {
            seen.Add(c);
        }

        return seen.Count * 3 >= Math.Min(token.Length, 40);
    }
}
