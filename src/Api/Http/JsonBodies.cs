using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MediatR;
using Microsoft.AspNetCore.Http.Features;
using Raktar.Api.Bodies;
using Raktar.Application;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Api.Http;

/// <summary>JSON in and out, the same on every route.</summary>
internal static class JsonBodies
{
    private const int MaxBytes = 1024 * 1024;

    /// <summary>An answer with a body, and its length for HEAD as well.</summary>
    public static IResult Json<T>(T body, int status = StatusCodes.Status200OK) =>
        new JsonAnswer(JsonSerializer.SerializeToUtf8Bytes(body, (JsonTypeInfo<T>)ApiJson.Answers.GetTypeInfo(typeof(T))!), status);

    /// <summary>
    /// Reads a JSON body of at most 1 MiB, or says what is wrong with it. Whatever the content type says: cargo and many HTTP libraries name none or another. That
    /// no other site makes a browser send it was asked before, where a browser's session is what lets the caller in.
    /// </summary>
    public static async Task<Outcome<T>> ReadJson<T>(this HttpContext context, JsonTypeInfo<T> type)
    {
        if (context.Request.ContentLength > MaxBytes)
        {
            // The server clears away what still arrives (for five seconds) instead of cutting the connection under the answer.
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            {
                size.MaxRequestBodySize = null;
            }

            return new TooLarge($"the request body is {context.Request.ContentLength} bytes (max {MaxBytes})");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted) is { } body
                ? body
                : new InvalidInput("the body must be a JSON object");
        }
        catch (JsonException e)
        {
            return new InvalidInput($"the body is not valid JSON at line {e.LineNumber + 1}{(e.Path is { Length: > 1 } path ? $", `{path}`" : string.Empty)}");
        }
    }

    private sealed class JsonAnswer(byte[] body, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = status;
            response.ContentType = "application/json; charset=utf-8";
            response.ContentLength = body.Length;
            return HttpMethods.IsHead(httpContext.Request.Method) ? Task.CompletedTask : response.WritePieces(body, httpContext.RequestAborted);
        }
    }
}
