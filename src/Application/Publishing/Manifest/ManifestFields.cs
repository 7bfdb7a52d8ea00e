using Raktar.Application.Publishing.Rules;
using Raktar.Application.Publishing.Toml;
using Raktar.Domain;

namespace Raktar.Application.Publishing.Manifest;

/// <summary>
/// Typed reading of a manifest's table. A field of the wrong type, one inherited from a workspace, or one with control characters is
/// refused by name; it then reads as absent.
/// </summary>
internal sealed class ManifestFields(TomlTable table, string path, Review review)
{
    /// <summary>The keys, in the order of the text.</summary>
    public IEnumerable<string> Keys => table.Entries.Keys;

    /// <summary>How many keys there are.</summary>
    public int Count => table.Entries.Count;

    /// <summary>The full name of a field, for sentences.</summary>
    public string Path(string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>Whether a field is there and says something.</summary>
    public bool Has(string key) => table[key] is not (null or false or "" or TomlArray { Count: 0 });

    /// <summary>Whether a field is there and is text.</summary>
    public bool IsText(string key) => table[key] is string;

    /// <summary>Whether a field is there and is true or false.</summary>
    public bool IsFlag(string key) => table[key] is bool;

    /// <summary>Whether a field is there and is a list.</summary>
    public bool IsList(string key) => table[key] is TomlArray;

    /// <summary>A text, or null where absent or empty.</summary>
    public string? Text(string key, bool mayHaveLines = false)
    {
        if (table[key] is not string text)
        {
            WrongUnlessAbsent(key, "a string");
            return null;
        }

        return IsClean(key, text, mayHaveLines) && text.Length > 0 ? text : null;
    }

    /// <summary>A flag, or null where absent.</summary>
    public bool? Flag(string key)
    {
        if (table[key] is bool flag)
        {
            return flag;
        }

        WrongUnlessAbsent(key, "true or false");
        return null;
    }

    /// <summary>A list of texts; empty where absent.</summary>
    public ValueList<string> Texts(string key)
    {
        if (table[key] is not TomlArray items || !items.All(item => item is string))
        {
            WrongUnlessAbsent(key, "a list of strings");
            return [];
        }

        return items.Cast<string>().Where(text => IsClean(key, text, mayHaveLines: false)).ToValueList();
    }

    /// <summary>A table, or null where absent.</summary>
    public ManifestFields? Table(string key)
    {
        if (table[key] is TomlTable inner)
        {
            return new(inner, Path(key), review);
        }

        WrongUnlessAbsent(key, "a table");
        return null;
    }

    /// <summary>The tables of an array of tables; none where absent.</summary>
    public IEnumerable<ManifestFields> Tables(string key)
    {
        if (table[key] is TomlArray items && items.All(item => item is TomlTable))
        {
            return items.Cast<TomlTable>().Select(item => new ManifestFields(item, Path(key), review));
        }

        WrongUnlessAbsent(key, "a list of tables");
        return [];
    }

    /// <summary>Refuses fields inherited from a workspace, read or not; <c>metadata</c> belongs to other tools.</summary>
    public void RefuseInherited()
    {
        foreach (var (key, value) in table.Entries)
        {
            if (key != "metadata" && value is TomlTable inner && inner["workspace"] is true)
            {
                review.Refuse($"field `{Path(key)}` is inherited from a workspace");
            }
        }
    }

    private void WrongUnlessAbsent(string key, string expected)
    {
        if (table[key] is not null)
        {
            review.Refuse($"field `{Path(key)}` must be {expected}");
        }
    }

    private bool IsClean(string key, string text, bool mayHaveLines)
    {
        var clean = !text.Any(c => char.IsControl(c) && !(mayHaveLines && c is '\n' or '\r' or '\t'));
        if (!clean)
        {
            review.Refuse($"field `{Path(key)}` contains a control character");
        }

        return clean;
    }
}
