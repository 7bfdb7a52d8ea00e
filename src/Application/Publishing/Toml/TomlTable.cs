using System.Collections;

namespace Raktar.Application.Publishing.Toml;

/// <summary>
/// A table of a TOML document, its keys in the order of the text. A value is a <see cref="string"/>, <see cref="long"/>,
/// <see cref="double"/>, <see cref="bool"/>, <see cref="TomlDate"/>, <see cref="TomlArray"/> or <see cref="TomlTable"/>.
/// </summary>
public sealed class TomlTable
{
    private readonly OrderedDictionary<string, object> _values = new(StringComparer.Ordinal);

    internal TomlTable(TomlOrigin origin) => Origin = origin;

    /// <summary>Keys and values, in the order of the text.</summary>
    public IReadOnlyDictionary<string, object> Entries => _values;

    /// <summary>How the text defined the table; it decides who may still add to it.</summary>
    internal TomlOrigin Origin { get; set; }

    /// <summary>The value under a key, or null.</summary>
    public object? this[string key] => _values.GetValueOrDefault(key);

    internal bool TryAdd(string key, object value) => _values.TryAdd(key, value);
}

/// <summary>An array of a TOML document, written inline or as <c>[[tables]]</c>; the values are those of <see cref="TomlTable"/>.</summary>
public sealed class TomlArray : IReadOnlyList<object>
{
    private readonly List<object> _items = [];

    internal TomlArray(bool ofTables) => OfTables = ofTables;

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <summary>Whether <c>[[headers]]</c> made it: only then may the text add to it.</summary>
    internal bool OfTables { get; }

    /// <inheritdoc/>
    public object this[int index] => _items[index];

    /// <inheritdoc/>
    public IEnumerator<object> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(object item) => _items.Add(item);
}

/// <summary>A date, a time, or both, as written: Raktar asks none of any manifest.</summary>
public sealed record TomlDate(string Text);

/// <summary>How a table came to be: https://toml.io/en/v1.0.0#table.</summary>
internal enum TomlOrigin
{
    /// <summary>Only named on the way to a deeper header; its own header may still come.</summary>
    OnTheWay,

    /// <summary>By its own header, once.</summary>
    Header,

    /// <summary>By dotted keys; more dotted keys may follow, a header may not.</summary>
    DottedKeys,

    /// <summary>In braces: complete.</summary>
    Inline,
}
