using Raktar.Api.Access;
using Raktar.Application;
using Raktar.Domain;

namespace Raktar.Api.Web.Frame;

/// <summary>What forms of pages send.</summary>
internal static class Forms
{
    private const int MaxBytes = 16 * 1024;

    /// <summary>The name of the field that holds <see cref="Shell.FormKey"/>.</summary>
    public const string Key = "key";

    /// <summary>
    /// The fields of a form. In a session it must be a form of one of its own pages, as its key says; whoever sends a token with each request needs none, for no
    /// other site can make a browser do that.
    /// </summary>
    public static async Task<Outcome<Form>> ReadForm(this HttpContext context)
    {
        var request = context.Request;
        if (!request.HasFormContentType)
        {
            return new UnsupportedMedia("the content type must be application/x-www-form-urlencoded");
        }

        if (request.ContentLength is null or > MaxBytes)
        {
            return new InvalidInput($"the form is too large (max {MaxBytes} bytes)");
        }

        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(context.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return new InvalidInput("the form could not be read");
        }

        return context.Items.TryGetValue(typeof(SignedIn), out var session) && !((SignedIn)session!).IsFormKey(form[Key].ToString())
            ? SameOrigin.Refusal
            : new Form(form);
    }
}

/// <summary>A form that was sent.</summary>
internal sealed class Form(IFormCollection fields)
{
    /// <summary>A field without the blanks around it; empty when it is missing.</summary>
    public string this[string name] => fields[name].ToString().Trim();

    /// <summary>All values of a field that can be there several times.</summary>
    public IReadOnlyList<string> All(string name) => [.. fields[name].OfType<string>()];
}
