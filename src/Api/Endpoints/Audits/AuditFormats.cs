using System.Buffers;
using System.Globalization;
using System.Text;
using Raktar.Application.Audit;

namespace Raktar.Api.Endpoints.Audits;

/// <summary>The audit as text, a row a line: JSON Lines (https://jsonlines.org) and CSV (https://www.rfc-editor.org/rfc/rfc4180).</summary>
internal static class AuditFormats
{
    public const string Jsonl = "application/jsonl";
    public const string Csv = "text/csv";

    /// <summary>The first line of a CSV.</summary>
    public const string CsvHeader =
        "at,kind,crate,account,team,actor,token,ci,client,correlation,stream,version,commit,refused,status,sentence,detail\r\n";

    /// <summary>What a spreadsheet would take for a formula begins so (https://owasp.org/www-community/attacks/CSV_Injection), and what escapes it.</summary>
    private static readonly SearchValues<char> Formulas = SearchValues.Create("=+-@\t\r'");

    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    /// <summary>A row as a line of JSON.</summary>
    public static byte[] JsonLine(AuditRow row) => [.. row.ToBytes(), (byte)'\n'];

    /// <summary>A row as a line of CSV.</summary>
    public static string CsvLine(AuditRow row)
    {
        var line = new StringBuilder(300);
        string?[] fields =
        [
            Moment(row.At), row.Kind, row.Crate, row.Account, row.Team, row.Actor?.Text, Number(row.Token), row.Ci, row.Client, row.Correlation,
            row.Stream.ToString(), Number(row.Version), row.Commit?.Hex, row.Refused ? "true" : "false", Number(row.Status), row.Sentence, row.Detail,
        ];
        foreach (var field in fields)
        {
            line.Append(line.Length == 0 ? string.Empty : ",").Append(Field(field));
        }

        return line.Append("\r\n").ToString();
    }

    /// <summary>A time as all formats write it: UTC, to the tick.</summary>
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static string Field(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return string.Empty;
        }

        // An apostrophe makes it text; one of its own gets another, so that taking one away is always right.
        var safe = Formulas.Contains(text[0]) ? $"'{text}" : text;
        return safe.AsSpan().ContainsAny(Special) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
