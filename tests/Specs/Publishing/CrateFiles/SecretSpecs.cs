using System.Text;
using Raktar.Application.Publishing.Rules;

namespace Raktar.Specs.Publishing.CrateFiles;

public sealed class SecretSpecs : CrateFileSpecs
{
    // Put together here, so that nobody who searches this repository for secrets finds some.
    private const string Random36 = "aZ3kQ9xB7mT2wL5vR8nC1yH6dJ4sG0pFuEqX";
    private const string Line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDK";

    public static TheoryData<string> Tokens { get; } =
    [
        "ghp" + "_" + Random36,
        "AKIA" + "J5QX7ZW2MNT4RBKC",
        "cio" + Random36[..32],
        "rk" + "_" + Random36 + "a1B2",
        "rk" + "_ci_" + Random36 + "a1B2",
        "npm" + "_" + Random36,
        "glpat" + "-" + Random36[..20],
        "github" + "_pat_" + Random36[..22] + "_" + Random36 + Random36[..23],
        "hf" + "_" + Random36[..34],
        "sk" + "_live_" + Random36[..24],
    ];

    public static TheoryData<string> Keys { get; } =
    [
        $"-----BEGIN {"PRIVATE"} KEY-----\n{Line}\n",
        $"-----BEGIN RSA {"PRIVATE"} KEY-----\r\nProc-Type: 4,ENCRYPTED\r\n\r\n{Line}\r\n",
        $"-----BEGIN OPENSSH {"PRIVATE"} KEY-----\n{Line}\n",
        $"const KEY: &str = \"-----BEGIN EC {"PRIVATE"} KEY-----\\n\\\n    {Line}\\n\";",
        $"-----BEGIN PGP {"PRIVATE"} KEY BLOCK-----\n\nx\n",
    ];

    public static TheoryData<string> Harmless { get; } =
    [
        $"-----BEGIN CERTIFICATE-----\n{Line}\n",
        $"-----BEGIN PUBLIC KEY-----\n{Line}\n",
        $"assert!(text.starts_with(\"-----BEGIN {"PRIVATE"} KEY-----\"));\n",
        $"-----BEGIN {"PRIVATE"} KEY-----\n...\n-----END {"PRIVATE"} KEY-----\n",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp" + "_" + new string('x', 36),
        "x" + "ghp" + "_" + Random36,
        "ghp" + "_" + Random36 + "0",
        "precious" + Random36,
        "cio" + Random36[..31],
        $"sha512-{Random36}+cio{Random36[..32]}",
    ];

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task A_token_in_any_file_is_judged_by_policy(string token) => await Judged($"let t = \"{token}\";", "a token");

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_private_key_in_any_file_is_judged_by_policy(string key) => await Judged(key, "a private key");

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task What_only_resembles_a_secret_is_none(string text) =>
        Assert.Empty((await Accepted(TestTar.Crate(TestTar.File("tests/a.pem", text)))).Warnings);

    [Fact]
    public async Task A_secret_is_found_wherever_it_stands_in_its_file()
    {
        var token = "ghp" + "_" + Random36;
        foreach (var at in new[] { 0, 1, 15_900, 16_383, 16_384, 32_000, 40_000, 100_000 })
        {
            var text = string.Create(at, 'b', (span, c) => span.Fill(c)) + "\n" + token;
            Assert.Single((await Accepted(TestTar.Crate(TestTar.File("a", text)))).Warnings);
            Assert.Single((await Accepted(TestTar.Crate(TestTar.File("a", text + "\n" + new string('b', 20_000))))).Warnings);
        }
    }

    [Fact]
    public async Task A_secret_does_not_go_on_in_the_next_file()
    {
        var token = "ghp" + "_" + Random36;
        Assert.Empty((await Accepted(TestTar.Crate(TestTar.File("a", token[..20]), TestTar.File("b", token[20..])))).Warnings);
    }

    [Fact]
    public async Task Many_files_with_secrets_are_one_warning()
    {
        var files = Enumerable.Range(0, 100).Select(i => TestTar.File($"{i}", "ghp" + "_" + Random36));
        Assert.Equal(["`0` holds what looks like a token, and so do 99 more files"], (await Accepted(TestTar.Crate([.. files]))).Warnings);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_looked_at_as_well()
    {
        var content = new byte[] { 0xff, 0, 0xfe }.Concat(Encoding.ASCII.GetBytes("ghp" + "_" + Random36)).Concat(new byte[] { 0xff }).ToArray();
        Assert.Single((await Accepted(TestTar.Crate(TestTar.File("a") with { Content = content }))).Warnings);
    }

    private static async Task Judged(string text, string what)
    {
        var tar = TestTar.Crate(TestTar.File("src/lib.rs", text));
        var sentence = $"`src/lib.rs` holds what looks like {what}";
        Assert.Equal([sentence], (await Accepted(tar)).Warnings);
        Assert.Empty((await Accepted(tar, With(new PublishPolicy { SecretFiles = Policy.Allow }))).Warnings);
        await Refused(sentence, tar, With(new PublishPolicy { SecretFiles = Policy.Reject }));
    }
}
