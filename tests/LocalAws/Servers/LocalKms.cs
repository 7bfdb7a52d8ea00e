using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;

namespace Raktar.LocalAws;

/// <summary>Plays the two calls of AWS KMS that sign with a key on P-256 (https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html).</summary>
internal static class LocalKms
{
    private const string Target = "TrentService.";
    private const string Algorithm = "ECDSA_SHA_256";

    // A key is there as soon as somebody uses it.
    private static readonly ConcurrentDictionary<string, ECDsa> Keys = new(StringComparer.Ordinal);

    public static bool IsFor(string target) => target.StartsWith(Target, StringComparison.Ordinal);

    public static AwsCall Read(string caller, string target, ReadOnlyMemory<byte> body)
    {
        using var request = JsonDocument.Parse(body);
        var operation = target[Target.Length..];
        return new(caller, "kms", operation, $"kms:{operation}") { Key = request.RootElement.GetProperty("KeyId").GetString() };
    }

    public static Answer Make(AwsCall call, ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var request = document.RootElement;
        var key = Keys.GetOrAdd(call.Key!, _ => ECDsa.Create(ECCurve.NamedCurves.nistP256));
        lock (key)
        {
            return call.Operation switch
            {
                "GetPublicKey" => Json(new
                {
                    KeyId = call.Key,
                    PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
                    KeySpec = "ECC_NIST_P256",
                    KeyUsage = "SIGN_VERIFY",
                    SigningAlgorithms = (string[])[Algorithm],
                }),
                "Sign" when request.GetProperty("MessageType").GetString() == "RAW" && request.GetProperty("SigningAlgorithm").GetString() == Algorithm => Json(new
                {
                    KeyId = call.Key,
                    Signature = Convert.ToBase64String(
                        key.SignData(request.GetProperty("Message").GetBytesFromBase64(), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
                    SigningAlgorithm = Algorithm,
                }),
                _ => throw new NotSupportedException($"{call.Operation} is not understood: {request.GetRawText()}"),
            };
        }
    }

    private static Answer Json(object body) => new(200, [("Content-Type", ["application/x-amz-json-1.1"])], JsonSerializer.SerializeToUtf8Bytes(body));
}
