using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Publishing;

public class ReadingManifests
{
    [Fact]
    public void The_least_manifest_is_read()
    {
        var read = Sample.Read().Value;

        Assert.Equal(("sample", "1.0.0", "README.md"), (read.Name.Text, read.Version.ToString(), read.ReadmePath));
        Assert.Equal(new Package { Library = "sample" }, read.Package);
    }

    [Fact]
    public void A_project_is_an_old_package() =>
        Assert.Equal("d", Sample.ReadText("[project]\nname = \"sample\"\nversion = \"1.0.0\"\ndescription = \"d\"").Value.Package.Description);

    [Theory]
    [InlineData("", "Cargo.toml is missing `package`")]
    [InlineData("[workspace]\nmembers = [\"a\"]", "Cargo.toml is missing `package`")]
    [InlineData("package = 1", "field `package` must be a table")]
    [InlineData("[package]\nversion = \"1.0.0\"", "Cargo.toml is missing `package.name`")]
    [InlineData("[package]\nname = \"sample\"", "Cargo.toml is missing `package.version`")]
    [InlineData("[project]\nname = \"sample\"", "Cargo.toml is missing `project.version`")]
    [InlineData("[package]\nname = 1\nversion = \"1.0.0\"", "field `package.name` must be a string")]
    [InlineData("[package]\nname = \"Sample\"\nversion = \"1.0.0\"", "metadata name `sample` differs from Cargo.toml name `Sample`")]
    [InlineData("[package]\nname = \"sample\"\nversion = \"1.0.0+b\"", "metadata version `1.0.0` differs from Cargo.toml version `1.0.0+b`")]
    [InlineData("[package]\nname = \"sample\"\nname = \"sample\"", "Cargo.toml is invalid: line 3: `name` is defined twice")]
    public void A_manifest_of_another_package_is_refused(string text, string sentence) =>
        Assert.Equal(new InvalidInput(sentence), Sample.ReadText(text).Refusal);

    [Theory]
    [InlineData(40, false)]
    [InlineData(39, true)]
    public void A_manifest_over_the_limit_is_too_large(int max, bool refused)
    {
        var outcome = Sample.ReadText("[package]\nname=\"sample\"\nversion=\"1.0.0\"\n", Sample.Limits(limits => limits with { ManifestBytes = max }));

        Assert.Equal(refused ? new TooLarge("Cargo.toml is 40 bytes (max 39)") : null, outcome.Refusal);
    }

    [Theory]
    [InlineData("description = { workspace = true }", "", "package.description")]
    [InlineData("exclude.workspace = true", "", "package.exclude")]
    [InlineData("", "[dependencies]\na.workspace = true", "dependencies.a")]
    [InlineData("", "[dev-dependencies]\na = { workspace = true, optional = true }", "dev-dependencies.a")]
    [InlineData("", "[target.'cfg(unix)'.build-dependencies]\na.workspace = true", "target.cfg(unix).build-dependencies.a")]
    [InlineData("", "[lints]\nworkspace = true", "lints")]
    public void Nothing_may_be_inherited_from_a_workspace(string package, string tables, string field) =>
        Assert.Equal($"field `{field}` is inherited from a workspace", Sample.Read(package, tables).Sentence());

    [Fact]
    public void Other_tools_may_call_their_metadata_workspace() =>
        Assert.Null(Sample.Read("", "[package.metadata]\nworkspace = true\n[lints.rust]\nunsafe_code = \"forbid\"").Refusal);

    [Theory]
    [InlineData("[patch.crates-io]\na = { path = \"a\" }", false)]
    [InlineData("[replace]\n\"a:1.0.0\" = { path = \"a\" }", false)]
    [InlineData("[patch]\n[replace]", true)]
    public void Patches_are_not_published(string tables, bool accepted) =>
        Assert.Equal(accepted ? null : "patch tables cannot be published", Sample.Read("", tables).Sentence());

    [Theory]
    [InlineData("publish = true", "ours", true)]
    [InlineData("publish = false", "ours", false)]
    [InlineData("publish = []", null, false)]
    [InlineData("publish = [\"other\", \"ours\"]", "ours", true)]
    [InlineData("publish = [\"other\"]", "ours", false)]
    [InlineData("publish = [\"other\"]", null, true)]
    public void The_publish_field_is_honoured(string field, string? registry, bool accepted)
    {
        var outcome = Sample.Read(field, "", Sample.Policy(policy => policy with { RegistryName = registry }));

        Assert.Equal(accepted ? null : "Cargo.toml does not allow publishing here", outcome.Sentence());
        Assert.Null(Sample.Read(field, "", Sample.Policy(policy => policy with { RegistryName = registry, HonourPublishField = false })).Refusal);
    }

    [Theory]
    [InlineData("rust-version = \"1\"", null)]
    [InlineData("rust-version = \"1.70\"", null)]
    [InlineData("rust-version = \"1.70.2\"", null)]
    [InlineData("rust-version = \"1.70.2.1\"", "rust-version `1.70.2.1` is invalid")]
    [InlineData("rust-version = \"1.070\"", "rust-version `1.070` is invalid")]
    [InlineData("rust-version = \">=1.70\"", "rust-version `>=1.70` is invalid")]
    [InlineData("rust-version = \"1.70-beta\"", "rust-version `1.70-beta` is invalid")]
    [InlineData("rust-version = 1.7", "field `package.rust-version` must be a string")]
    [InlineData("edition = \"2015\"", null)]
    [InlineData("edition = \"2099\"", null)]
    [InlineData("edition = \"2100\"", "edition `2100` is invalid")]
    [InlineData("edition = \"2021 \"", "edition `2021 ` is invalid")]
    [InlineData("links = \"z\"", null)]
    [InlineData("links = \"z\\u001b\"", "field `package.links` contains a control character")]
    public void Fields_for_the_index_are_well_formed(string field, string? sentence) => Assert.Equal(sentence, Sample.Read(field).Sentence());

    [Theory]
    [InlineData(128, null)]
    [InlineData(129, "links value is invalid (max 128 characters)")]
    public void Links_is_short(int length, string? sentence) => Assert.Equal(sentence, Sample.Read($"links = \"{new string('z', length)}\"").Sentence());

    [Theory]
    [InlineData("", "", "sample")]
    [InlineData("autolib = false", "", null)]
    [InlineData("autolib = false", "[lib]\npath = \"src/lib.rs\"", "sample")]
    [InlineData("", "[lib]\nname = \"_other\"", "_other")]
    public void The_library_is_named(string package, string tables, string? library) =>
        Assert.Equal(library, Sample.Read(package, tables).Value.Package.Library);

    [Fact]
    public void Programs_are_named() => Assert.Equal(
        ["7z", "tool-ä"],
        Sample.Read("", "[[bin]]\nname = \"7z\"\n[[bin]]\nname = \"tool-ä\"\npath = \"./src/main.rs\"").Value.Package.Binaries);

    [Theory]
    [InlineData("[[bin]]\nname = \"a/b\"", "field `bin.name` `a/b` is invalid (max 128 characters)")]
    [InlineData("[lib]\nname = \"<a>\"", "field `lib.name` `<a>` is invalid (max 128 characters)")]
    [InlineData("[[bin]]\nname = \"a\"\npath = \"../a.rs\"", "field `bin.path` leads outside the package")]
    [InlineData("[lib]\npath = \"/etc/passwd\"", "field `lib.path` leads outside the package")]
    [InlineData("[bin]\nname = \"a\"", "field `bin` must be a list of tables")]
    public void Libraries_and_programs_have_good_names_and_paths(string tables, string sentence) =>
        Assert.Equal(sentence, Sample.Read("", tables).Sentence());

    [Theory]
    [InlineData("", "README.md")]
    [InlineData("readme = true", "README.md")]
    [InlineData("readme = false", null)]
    [InlineData("readme = \"docs/Read.txt\"", "docs/Read.txt")]
    [InlineData("readme = \"./docs//../Read.txt\"", "Read.txt")]
    [InlineData("readme = \"docs\\\\Read.txt\"", "docs/Read.txt")]
    public void The_readme_is_found(string field, string? path) => Assert.Equal(path, Sample.Read(field).Value.ReadmePath);

    [Theory]
    [InlineData("readme = \"../README.md\"")]
    [InlineData("readme = \"a/../../README.md\"")]
    [InlineData("readme = \"/README.md\"")]
    [InlineData("readme = \"C:/README.md\"")]
    [InlineData("readme = \"..\\\\README.md\"")]
    [InlineData("readme = \".\"")]
    public void A_readme_outside_the_package_is_none(string field)
    {
        var read = Sample.Read(field).Value;
        Assert.Null(read.ReadmePath);
        Assert.Equal(["field `package.readme` leads outside the package and is ignored"], read.Warnings);
    }

    [Theory]
    [InlineData(512, 0)]
    [InlineData(513, 1)]
    [InlineData(100_000, 1)]
    public void A_readme_with_too_long_a_path_is_none(int length, int warnings)
    {
        var path = string.Concat(Enumerable.Repeat("a/", length))[..(length - 1)] + "b";
        var read = Sample.Read($"readme = \"{path}\"\nlicense-file = \"{path}\"").Value;
        Assert.Equal(warnings == 0, read.ReadmePath is not null);
        Assert.Equal(warnings == 0, read.Package.LicenseFile is not null);
        Assert.Equal(2 * warnings, read.Warnings.Count);
        Assert.All(read.Warnings, warning => Assert.InRange(warning.Length, 1, 200));
    }

    [Theory]
    [InlineData("[lib]\npath = \"../lib.rs\"", "lib.path")]
    [InlineData("[[bin]]\nname = \"a\"\npath = \"/a.rs\"", "bin.path")]
    public void What_is_built_stays_inside_the_package(string tables, string field) =>
        Assert.Equal($"field `{field}` leads outside the package", Sample.Read("", tables).Sentence());
}
