using System.Globalization;

namespace Raktar.Application;

/// <summary>Numbers of bytes for people.</summary>
public static class Sizes
{
    /// <summary>As <c>12 KB</c>: of 1024 bytes, one digit behind the point below ten.</summary>
    public static string Text(long bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1024 * 1024 => Round(bytes / 1024.0, "KB"),
        _ => Round(bytes / 1024.0 / 1024.0, "MB"),
    };

    private static string Round(double number, string unit) =>
        $"{number.ToString(number < 9.95 ? "0.#" : "0", CultureInfo.InvariantCulture)} {unit}";
}
