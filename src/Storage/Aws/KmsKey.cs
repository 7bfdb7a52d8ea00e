using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Raktar.Application.Ports;

namespace Raktar.Storage.Aws;

/// <summary>A signing key in AWS KMS (ECC_NIST_P256), which never leaves it: https://docs.aws.amazon.com/kms/latest/developerguide/asymmetric-key-specs.html.</summary>
internal sealed class KmsKey(IAmazonKeyManagementService kms, string keyId) : ISigningKey
{
    private readonly AwsCalls _calls = new("signing key", TimeSpan.FromSeconds(20));
    private byte[]? _publicKey;

    public async ValueTask<byte[]> PublicKey(CancellationToken cancellationToken)
    {
        if (_publicKey is null)
        {
            var got = await _calls.Make(limit => kms.GetPublicKeyAsync(new GetPublicKeyRequest { KeyId = keyId }, limit), cancellationToken);
            _publicKey = got.PublicKey.ToArray();
        }

        return _publicKey;
    }

    public async Task<byte[]> Sign(ReadOnlyMemory<byte> statement, CancellationToken cancellationToken)
    {
        var signed = await _calls.Make(
            limit => kms.SignAsync(
                new SignRequest
                {
                    KeyId = keyId,
                    Message = new MemoryStream(statement.ToArray()),
                    MessageType = MessageType.RAW,
                    SigningAlgorithm = SigningAlgorithmSpec.ECDSA_SHA_256,
                },
                limit),
            cancellationToken);
        return signed.Signature.ToArray();
    }
}
