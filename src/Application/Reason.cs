namespace Raktar.Application;

/// <summary>Why somebody did what they did, in their words.</summary>
internal static class Reason
{
    /// <summary>At most 500 characters, of which none controls a terminal.</summary>
    public static bool IsGood(string text) => text.Length <= 500 && !text.Any(c => char.IsControl(c) && c is not ('\n' or '\t'));
}
