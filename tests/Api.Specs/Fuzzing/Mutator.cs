namespace Raktar.Api.Specs.Fuzzing;

/// <summary>Spoils inputs, the same way for the same seed. It knows the tokens of a format, so that what it makes gets past the first check often enough.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> tokens)
{
    /// <summary>Longer inputs find little more, and each costs more.</summary>
    private const int MaxLength = 64 * 1024;

    private readonly Random _random = new(seed);

    /// <summary>One of the inputs, spoiled in a few places, or two of them put together.</summary>
    public byte[] Next()
    {
        var input = Pick(corpus).ToList();
        if (_random.Next(8) == 0)
        {
            var other = Pick(corpus);
            input = [.. input[..At(input)], .. other.AsSpan(_random.Next(other.Length + 1))];
        }

        for (var changes = 1 + _random.Next(_random.Next(2) == 0 ? 3 : 12); changes > 0; changes--)
        {
            Change(input);
        }

        return [.. input.Count > MaxLength ? input[..MaxLength] : input];
    }

    private void Change(List<byte> input)
    {
        var at = At(input);
        var length = Math.Min(_random.Next(1, 40), input.Count - at);
        switch (_random.Next(9))
        {
            case 0 when at < input.Count:
                input[at] = (byte)_random.Next(256);
                break;
            case 1 when at < input.Count:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2:
                input.RemoveRange(at, length);
                break;
            case 3:
                input.InsertRange(at, input.GetRange(at, length));
                break;
            case 4:
                // What is quadratic shows where something small is there often.
                var piece = _random.Next(2) == 0 ? Pick(tokens) : [.. input.GetRange(at, length)];
                for (var i = 1 << _random.Next(12); i > 0 && input.Count < MaxLength; i--)
                {
                    input.InsertRange(at, piece);
                }

                break;
            case 5:
                input.InsertRange(at, input.GetRange(At(input) is var from && from + length <= input.Count ? from : at, length));
                break;
            case 6:
                input.RemoveRange(at, length);
                input.InsertRange(at, Pick(tokens));
                break;
            default:
                input.InsertRange(at, Pick(tokens));
                break;
        }
    }

    private int At(List<byte> input) => _random.Next(input.Count + 1);

    private byte[] Pick(IReadOnlyList<byte[]> from) => from[_random.Next(from.Count)];
}
