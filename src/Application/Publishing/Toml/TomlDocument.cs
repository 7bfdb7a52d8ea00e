using System.Text;
using System.Text.Unicode;
using Raktar.Domain;
using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Raktar.Application.Publishing.Toml;

/// <summary>
/// Reads a Cargo.toml: strict UTF-8 (a byte order mark is skipped, as cargo does), no key or table defined twice, containers at most
/// <see cref="MaxDepth"/> deep. Tomlyn reads the syntax, that of TOML 1.1, as cargo 1.95 does; which definitions
/// may meet is decided here (docs/adr/0002-toml-reader.md).
/// </summary>
public sealed class TomlDocument
{
    /// <summary>How many tables and arrays may contain one another.</summary>
    public const int MaxDepth = 32;

    private static readonly TomlSerializerOptions Options = new() { MaxDepth = MaxDepth };

    private readonly TomlTable _root = new(TomlOrigin.Header);
    private string? _problem;

    private TomlDocument()
    {
    }

    /// <summary>The document's root table, or <c>Cargo.toml is invalid: line L: ...</c>.</summary>
    public static Outcome<TomlTable> Read(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span))
        {
            return Invalid("it is not UTF-8");
        }

        DocumentSyntax syntax;
        try
        {
            syntax = SyntaxParser.Parse(Encoding.UTF8.GetString(utf8.Span), Options, sourceName: null, validate: false);
        }
        catch (TomlException e)
        {
            return Invalid(At(e.Line ?? 1, e.Message));
        }
        catch (ArgumentException)
        {
            // The library trips over the end of the text when it comes right after a backslash.
            return Invalid(At(utf8.Span.Count((byte)'\n') + 1, "the text ends within a string"));
        }

        if (syntax.Diagnostics.FirstOrDefault() is { } first)
        {
            return Invalid(At(first.Span.Start.Line + 1, first.Message));
        }

        var document = new TomlDocument();
        document.AddAll(syntax);
        return document._problem is { } problem ? Invalid(problem) : document._root;
    }

    private static InvalidInput Invalid(string problem) => new($"Cargo.toml is invalid: {problem}");

    // The library quotes the offending text, however long it is.
    private static string At(int line, string message) => $"line {line}: {(message.Length <= 120 ? message : message[..120] + "…")}";

    private static List<string> Parts(KeySyntax key) => [Part(key.Key), .. key.DotKeys.Select(dotted => Part(dotted.Key))];

    private static string Part(BareKeyOrStringValueSyntax? key) => key switch
    {
        StringValueSyntax quoted => quoted.Value ?? string.Empty,
        BareKeySyntax bare => bare.Key?.Text ?? string.Empty,
        _ => string.Empty,
    };

    private bool Fail(SyntaxNodeBase node, string problem)
    {
        _problem ??= At(node.Span.Start.Line + 1, problem);
        return false;
    }

    private bool IsTooDeep(SyntaxNodeBase node, int depth) => depth > MaxDepth && !Fail(node, $"tables and arrays are nested too deep (max {MaxDepth})");

    private void AddAll(DocumentSyntax syntax)
    {
        var go = AddKeys(_root, syntax.KeyValues, depth: 0);
        foreach (var header in syntax.Tables)
        {
            if (!go)
            {
                return;
            }

            var path = Parts(header.Name!);
            go = !IsTooDeep(header, path.Count) && Open(header, path) is { } table && AddKeys(table, header.Items, path.Count);
        }
    }

    private TomlTable? Open(TableSyntaxBase header, List<string> path)
    {
        var table = _root;
        foreach (var part in path[..^1])
        {
            table.TryAdd(part, new TomlTable(TomlOrigin.OnTheWay));
            if (Enter(table[part]!) is not { } next)
            {
                Fail(header, $"`{part}` is already defined and cannot be extended");
                return null;
            }

            table = next;
        }

        var (last, ofTables) = (path[^1], header is TableArraySyntax);
        var opened = new TomlTable(TomlOrigin.Header);
        switch (table[last])
        {
            case null when ofTables:
                var tables = new TomlArray(ofTables: true);
                tables.Add(opened);
                table.TryAdd(last, tables);
                return opened;
            case null:
                table.TryAdd(last, opened);
                return opened;
            case TomlArray { OfTables: true } more when ofTables:
                more.Add(opened);
                return opened;
            case TomlTable { Origin: TomlOrigin.OnTheWay } named when !ofTables:
                named.Origin = TomlOrigin.Header;
                return named;
            default:
                Fail(header, $"`{string.Join('.', path)}` is defined twice");
                return null;
        }
    }

    private static TomlTable? Enter(object value) => value switch
    {
        TomlTable { Origin: not TomlOrigin.Inline } table => table,
        TomlArray { OfTables: true } tables => (TomlTable)tables[^1],
        _ => null,
    };

    private bool AddKeys(TomlTable table, IEnumerable<KeyValueSyntax> pairs, int depth) => pairs.All(pair => AddKey(table, pair, depth));

    private bool AddKey(TomlTable table, KeyValueSyntax pair, int depth)
    {
        var path = Parts(pair.Key!);
        if (IsTooDeep(pair, depth + path.Count - 1))
        {
            return false;
        }

        foreach (var part in path[..^1])
        {
            table.TryAdd(part, new TomlTable(TomlOrigin.DottedKeys));
            if (table[part] is not TomlTable { Origin: TomlOrigin.DottedKeys or TomlOrigin.OnTheWay } next)
            {
                return Fail(pair, $"`{part}` is already defined and cannot be extended");
            }

            next.Origin = TomlOrigin.DottedKeys;
            table = next;
        }

        return Read(pair.Value, depth + path.Count) is { } value
            && (table.TryAdd(path[^1], value) || Fail(pair, $"`{string.Join('.', path)}` is defined twice"));
    }

    private object? Read(ValueSyntax? syntax, int depth)
    {
        switch (syntax)
        {
            case StringValueSyntax text:
                return text.Value;
            case IntegerValueSyntax integer:
                return integer.Value;
            case FloatValueSyntax number:
                return number.Value;
            case BooleanValueSyntax boolean:
                return boolean.Value;
            case DateTimeValueSyntax date:
                return new TomlDate(date.Token?.Text ?? string.Empty);
            case ArraySyntax items when !IsTooDeep(items, depth):
                var array = new TomlArray(ofTables: false);
                return items.Items.All(item => Add(array, item, depth + 1)) ? array : null;
            case InlineTableSyntax braces when !IsTooDeep(braces, depth):
                var table = new TomlTable(TomlOrigin.Inline);
                return AddKeys(table, braces.Items.Select(item => item.KeyValue!), depth) ? table : null;
            default:
                _problem ??= "a value is missing";
                return null;
        }
    }

    private bool Add(TomlArray array, ArrayItemSyntax item, int depth)
    {
        if (Read(item.Value, depth) is not { } value)
        {
            return false;
        }

        array.Add(value);
        return true;
    }
}
