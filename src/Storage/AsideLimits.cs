using Raktar.Application.Ports;

namespace Raktar.Storage;

/// <summary>What holds for what is kept aside in every store.</summary>
internal static class AsideLimits
{
    /// <summary>The value, or an <see cref="ArgumentException"/> when it is too large.</summary>
    public static byte[] Checked(ReadOnlyMemory<byte> value) => value.Length <= IAsideStore.MaxValueBytes
        ? value.ToArray()
        : throw new ArgumentException($"{value.Length} bytes (max {IAsideStore.MaxValueBytes})", nameof(value));

    /// <summary>An end in whole seconds since 1970, rounded up, as DynamoDB's time to live wants it.</summary>
    public static long Seconds(DateTimeOffset until) => (until.UtcTicks + TimeSpan.TicksPerSecond - 1 - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerSecond;
}
