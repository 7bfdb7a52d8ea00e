namespace Raktar.Api.Bodies;

internal sealed record ErrorBody(IReadOnlyList<ErrorDetail> Errors);

internal sealed record ErrorDetail(string Detail);

internal sealed record OkBody(bool Ok);

internal sealed record OkMessageBody(bool Ok, string Msg);
