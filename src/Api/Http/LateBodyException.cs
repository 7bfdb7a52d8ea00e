namespace Raktar.Api.Http;

/// <summary>A body did not come in the time that a setting gives; the message says so to the client.</summary>
internal sealed class LateBodyException(string message, Exception inner) : BadHttpRequestException(message, StatusCodes.Status408RequestTimeout, inner);
