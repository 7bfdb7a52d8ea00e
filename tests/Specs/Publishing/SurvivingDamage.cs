using Raktar.Application.Publishing.Manifest;

namespace Raktar.Specs.Publishing;

public class SurvivingDamage
{
    [Theory]
    [InlineData("Odd-Crate")]
    [InlineData("devstrip")]
    [Trait("Needs", "seconds")]
    public void Damaged_uploads_are_refused_or_read_but_never_an_error(string crate)
    {
        var (json, toml) = (Captured($"{crate}.json"), Captured($"{crate}.toml"));
        var metadata = PublishMetadata.Read(json, new()).Value;
        var random = new Random(20);
        var refused = 0;
        for (var i = 0; i < 3000; i++)
        {
            refused += PublishMetadata.Read(Damage(json, random), new()).Refusal is null ? 0 : 1;
            refused += CargoManifest.Read(Damage(toml, random), metadata, "sparse+http://127.0.0.1:7788/", new()).Refusal is null ? 0 : 1;
        }

        Assert.InRange(refused, 1000, 6000);
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        var damaged = bytes.ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(4))
            {
                case 0:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 1:
                    damaged.RemoveRange(at, Math.Min(random.Next(20), damaged.Count - at));
                    break;
                case 2:
                    damaged.InsertRange(at, bytes.AsSpan(random.Next(bytes.Length - 30), 30));
                    break;
                default:
                    damaged[at] = "[]{}\"'=.,\\\n#"u8[random.Next(12)];
                    break;
            }
        }

        return [.. damaged];
    }

    private static byte[] Captured(string file) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Publishing", "Captured", file));
}
