using Raktar.Application;
using Raktar.Application.Publishing.CrateFiles;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Publishing.CrateFiles;

/// <summary>What the specs of crate files share: inspect a file, expect an acceptance or a sentence.</summary>
public abstract class CrateFileSpecs
{
    private protected static PublishRules Default { get; } = new();

    private protected static PublishRules With(PublishLimits limits) => new() { Limits = limits };

    private protected static PublishRules With(PublishPolicy policy) => new() { Policy = policy };

    private protected static async Task<Outcome<InspectedCrateFile>> Inspect(
        byte[] file, PublishRules? rules = null, string? readme = null, long? length = null, int chunk = int.MaxValue)
    {
        using var stream = new AsyncOnlyStream(file, chunk);
        var outcome = await CrateFileInspector.Inspect(
            stream, length ?? file.Length, CrateName.Parse("demo"), SemVersion.Parse("1.0.0"), readme, rules ?? Default, CancellationToken.None);
        Assert.True(outcome.Refusal is not null || stream.Handed == (length ?? file.Length), "an accepted file is read to its end and no further");
        return outcome;
    }

    private protected static async Task<InspectedCrateFile> Accepted(byte[] tar, PublishRules? rules = null, string? readme = null)
    {
        var outcome = await Inspect(TestGzip.Pack(tar), rules, readme);
        Assert.Null(outcome.Refusal);
        return outcome.Value;
    }

    private protected static async Task Refused(string sentence, byte[] tar, PublishRules? rules = null) =>
        Assert.Equal(new InvalidInput(sentence), (await Inspect(TestGzip.Pack(tar), rules)).Refusal);

    private protected static async Task RefusedGzip(string problem, byte[] file) =>
        Assert.Equal(new InvalidInput($"crate file is not a valid gzip archive: {problem}"), (await Inspect(file)).Refusal);

    private protected static Task RefusedTar(string problem, byte[] tar) => Refused($"crate file is not a valid tar archive: {problem}", tar);

    /// <summary>A stream as the server's: forward only, in pieces, and synchronous reads throw.</summary>
    private protected sealed class AsyncOnlyStream(byte[] bytes, int chunk = int.MaxValue) : Stream
    {
        public int Handed { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(Math.Min(buffer.Length, chunk), bytes.Length - Handed);
            bytes.AsMemory(Handed, count).CopyTo(buffer);
            Handed += count;
            return new(count);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new InvalidOperationException("synchronous reads are disallowed");

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();
    }
}
