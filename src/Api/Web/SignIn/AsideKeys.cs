using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Raktar.Application.Ports;

namespace Raktar.Api.Web.SignIn;

/// <summary>
/// The keys that protect a sign-in under way, kept beside the log, so that it survives a restart and may go on at another instance. They protect nothing
/// else, and are kept as they are: who can read them there could read the sessions too.
/// </summary>
internal sealed class AsideKeys(IAsideStore aside, TimeProvider time) : IXmlRepository
{
    private const string Kind = "data-protection";

    // A key is used for 90 days, and known a little longer.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(120);

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements() =>
        aside.Newest(Kind, before: null, CancellationToken.None).Select(item => XElement.Parse(Encoding.UTF8.GetString(item.Value)))
            .ToListAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>
    /// Keeps a key, at most one a day: of several instances that start at once the first one's is kept, and the others, which then read again what there
    /// is, use it as well.
    /// </summary>
    public void StoreElement(XElement element, string friendlyName)
    {
        var now = time.GetUtcNow();
        var day = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        aside.PutIfAbsent(Kind, day, Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting)), now + Kept, CancellationToken.None)
            .GetAwaiter().GetResult();
    }
}
