using Raktar.Application.Publishing.Manifest;

namespace Raktar.Specs.Publishing;

public class NamingTargets
{
    [Theory]
    [InlineData("x86_64-unknown-linux-gnu", "x86_64-unknown-linux-gnu")]
    [InlineData("thumbv7em-none-eabihf", "thumbv7em-none-eabihf")]
    [InlineData("my.target-1", "my.target-1")]
    [InlineData("cfg(unix)", "cfg(unix)")]
    [InlineData("cfg( unix )", "cfg(unix)")]
    [InlineData("cfg(target_os=\"linux\")", "cfg(target_os = \"linux\")")]
    [InlineData("cfg(target_os   =   \"a (b), c\")", "cfg(target_os = \"a (b), c\")")]
    [InlineData("cfg(not(unix))", "cfg(not(unix))")]
    [InlineData("cfg(all())", "cfg(all())")]
    [InlineData("cfg(any(unix,windows,))", "cfg(any(unix, windows))")]
    [InlineData("cfg(all(unix,not(any(a,b=\"c\"))))", "cfg(all(unix, not(any(a, b = \"c\"))))")]
    [InlineData("cfg(true)", "cfg(true)")]
    [InlineData("cfg(r#true)", "cfg(r#true)")]
    public void A_target_is_written_as_cargo_writes_it(string text, string written) => Assert.Equal(written, TargetName.Normalise(text));

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a\n")]
    [InlineData("<script>")]
    [InlineData("cfg()")]
    [InlineData("cfg(unix")]
    [InlineData("cfg(unix))")]
    [InlineData("cfg((unix))")]
    [InlineData("cfg(unix windows)")]
    [InlineData("cfg(unix, windows)")]
    [InlineData("cfg(all)")]
    [InlineData("cfg(all(unix windows))")]
    [InlineData("cfg(all(,))")]
    [InlineData("cfg(all(unix,,windows))")]
    [InlineData("cfg(all(unix)")]
    [InlineData("cfg(not())")]
    [InlineData("cfg(not(a, b))")]
    [InlineData("cfg(a = b)")]
    [InlineData("cfg(a = \"b)")]
    [InlineData("cfg(\"a\")")]
    [InlineData("cfg(1a)")]
    [InlineData("cfg(a-b)")]
    [InlineData("cfg(a\t)")]
    [InlineData("cfg(a && b)")]
    public void What_cargo_cannot_read_is_none(string text) => Assert.Null(TargetName.Normalise(text));

    [Theory]
    [InlineData(15, true)]
    [InlineData(16, false)]
    [InlineData(100_000, false)]
    public void Expressions_nest_to_a_limit(int depth, bool accepted) => Assert.Equal(
        accepted,
        TargetName.Normalise($"cfg({string.Concat(Enumerable.Repeat("not(", depth))}a{new string(')', depth)})") is not null);

    [Theory]
    [InlineData("[target.\"cfg(unix\".dependencies]\na = \"1\"", "target `cfg(unix` is invalid")]
    [InlineData("[target.\"cfg(unix)\".dependencies]\na = \"1\"", null)]
    [InlineData("[target]\nx = 1", "field `target.x` must be a table")]
    public void A_dependency_has_a_good_target(string tables, string? sentence) => Assert.Equal(sentence, Sample.Read("", tables).Sentence());

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void A_target_is_short(int length, bool accepted) =>
        Assert.Equal(accepted, Sample.Read("", $"[target.{new string('a', length)}.dependencies]\na = \"1\"").Refusal is null);
}
