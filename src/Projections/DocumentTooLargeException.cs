using System.Globalization;

namespace Raktar.Projections;

/// <summary>A stream whose document would be larger than any may be. Trying again is of no use before versions are deleted.</summary>
public sealed class DocumentTooLargeException(long bytes) : Exception(string.Create(
    CultureInfo.InvariantCulture,
    $"its versions have {bytes} bytes (max {LargeDocuments.MaxBytes}): it can be made when an administrator has deleted some of them"));
