using Raktar.Application.Publishing.Rules;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Publishing;

public class DescribingACrate
{
    [Fact]
    public void Everything_may_be_told() => Assert.Equal(
        new Package
        {
            Description = "Two\nlines\tand more",
            Homepage = "https://example.com",
            Documentation = "http://docs.example.com/x",
            Repository = "https://example.com/r.git?a=b#c",
            License = "MIT OR Apache-2.0",
            LicenseFile = "LICENSE",
            Keywords = ["a-b", "c++", "1_2"],
            Categories = ["development-tools::ffi", "no-std"],
            Authors = ["Ann <ann@example.com>"],
            Library = "sample",
        },
        Sample.Read("""
            description = "Two\nlines\tand more"
            homepage = "https://example.com"
            documentation = "http://docs.example.com/x"
            repository = "https://example.com/r.git?a=b#c"
            license = "MIT OR Apache-2.0"
            license-file = "./LICENSE"
            keywords = ["A-b", "c++", "a-B", "1_2"]
            categories = ["Development-Tools::FFI", "no-std"]
            authors = ["Ann <ann@example.com>"]
            """).Value.Package);

    [Theory]
    [InlineData("description = \"\"")]
    [InlineData("documentation = \"\"\nhomepage = \"\"\nlicense = \"\"")]
    public void An_empty_field_is_absent(string fields) => Assert.Equal(new Package { Library = "sample" }, Sample.Read(fields).Value.Package);

    [Theory]
    [InlineData("", "required fields are missing: description, license, repository, keywords")]
    [InlineData("description = \"\"\nlicense = \"MIT\"\nkeywords = []", "required fields are missing: description, repository, keywords")]
    [InlineData("description = \"d\"\nlicense-file = \"L\"\nrepository = \"https://example.com\"\nkeywords = [\"k\"]", null)]
    public void Fields_can_be_required(string fields, string? sentence) => Assert.Equal(
        sentence,
        Sample.Read(fields, "", Sample.Policy(policy => policy with { RequiredFields = ["description", "license", "repository", "keywords"] })).Sentence());

    [Theory]
    [InlineData(4, null)]
    [InlineData(3, "description is 4 characters (max 3)")]
    public void A_description_is_counted_in_characters(int max, string? sentence) =>
        Assert.Equal(sentence, Sample.Read("description = \"é🎉漢x\"", "", Sample.Limits(limits => limits with { DescriptionLength = max })).Sentence());

    [Theory]
    [InlineData("description = \"a\\u0000\"", "description")]
    [InlineData("description = \"a\\u001b[31m\"", "description")]
    [InlineData("description = \"a\\u0085\"", "description")]
    [InlineData("license = \"MIT\\n\"", "license")]
    [InlineData("authors = [\"a\\u0007\"]", "authors")]
    [InlineData("homepage = \"https://example.com/\\n\"", "homepage")]
    public void Control_characters_are_refused(string field, string name) =>
        Assert.Equal($"field `package.{name}` contains a control character", Sample.Read(field).Sentence());

    [Theory]
    [InlineData("homepage", "example.com")]
    [InlineData("homepage", "javascript:alert(1)")]
    [InlineData("repository", "git:example.com/a")]
    [InlineData("repository", "ssh://")]
    [InlineData("repository", "git@example.com")]
    [InlineData("repository", "data:text/html,x")]
    [InlineData("repository", "file:///etc/passwd")]
    [InlineData("repository", "https:/example.com")]
    [InlineData("repository", " https://example.com")]
    [InlineData("documentation", "HTTPS://example.com")]
    [InlineData("documentation", "https://")]
    public void A_link_that_is_no_web_URL_is_refused(string field, string url) =>
        Assert.Equal($"{field} must be an http or https URL", Sample.Read($"{field} = \"{url}\"").Sentence());

    [Theory]
    [InlineData("https://example.com/a?b#c")]
    [InlineData("http://example.com:8080")]
    [InlineData("https://org@dev.azure.com/org/project/_git/repo")]
    public void A_web_URL_passes_with_a_user_as_well(string url)
    {
        var read = Sample.Read($"repository = \"{url}\"").Value;
        Assert.Equal(url, read.Package.Repository);
        Assert.Empty(read.Warnings);
    }

    [Theory]
    [InlineData("repository", "git://example.com/a", "repository is not an http or https URL, so pages do not link to it")]
    [InlineData("repository", "ssh://git@example.com:2222/a/b.git", "repository is not an http or https URL, so pages do not link to it")]
    [InlineData("repository", "git+ssh://git@example.com/a/b.git", "repository is not an http or https URL, so pages do not link to it")]
    [InlineData("repository", "git@github.example.com:a/b.git", "repository is not an http or https URL, so pages do not link to it")]
    [InlineData("homepage", "git@ssh.dev.azure.com:v3/org/project/repo", "homepage is not an http or https URL, so pages do not link to it")]
    [InlineData("documentation", "https://ann:secret@example.com", "documentation has a password in it, which everybody can read who can read the crate")]
    public void An_address_for_git_and_a_password_are_a_matter_of_policy(string field, string url, string sentence)
    {
        Assert.Equal([sentence], Sample.Read($"{field} = \"{url}\"").Value.Warnings);
        Assert.Equal(sentence, Sample.Read($"{field} = \"{url}\"", "", Sample.Policy(policy => policy with { UnusualUrls = Policy.Reject })).Sentence());
        Assert.Empty(Sample.Read($"{field} = \"{url}\"", "", Sample.Policy(policy => policy with { UnusualUrls = Policy.Allow })).Value.Warnings);
    }

    [Theory]
    [InlineData(2048, null)]
    [InlineData(2049, "homepage is 2049 characters (max 2048)")]
    public void A_link_is_short(int length, string? sentence) =>
        Assert.Equal(sentence, Sample.Read($"homepage = \"https://a.b/{new string('a', length - 12)}\"").Sentence());

    [Theory]
    [InlineData("MIT")]
    [InlineData("MIT/Apache-2.0")]
    [InlineData("(MIT OR Apache-2.0) AND Unicode-3.0")]
    [InlineData("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT")]
    [InlineData("GPL-2.0+")]
    [InlineData("LicenseRef-Acme")]
    [InlineData("DocumentRef-spdx:LicenseRef-Acme")]
    [InlineData("Proprietary")]
    [InlineData("Elastic-2.0")]
    [InlineData("FSL-1.1-MIT")]
    [InlineData("CC-BY-SA-2.0")]
    [InlineData("GPL-2.0-only WITH Classpath-exception-2.0")]
    [InlineData("GPL-3.0-or-later WITH Autoconf-exception-generic")]
    public void A_known_license_passes_without_a_warning(string license)
    {
        var read = Sample.Read($"license = \"{license}\"").Value;

        Assert.Equal(license, read.Package.License);
        Assert.Empty(read.Warnings);
    }

    [Theory]
    [InlineData("mit")]
    [InlineData("MIT License")]
    [InlineData("MIT OR")]
    [InlineData("OR MIT")]
    [InlineData("(MIT")]
    [InlineData("MIT)")]
    [InlineData("()")]
    [InlineData("MIT WITH MIT")]
    [InlineData("MIT or Apache-2.0")]
    [InlineData("MIT, Apache-2.0")]
    [InlineData("Custom")]
    public void An_unknown_license_is_a_matter_of_policy(string license)
    {
        var sentence = $"license `{license}` is not a known SPDX expression";

        Assert.Equal([sentence], Sample.Read($"license = \"{license}\"").Value.Warnings);
        Assert.Equal(sentence, Sample.Read($"license = \"{license}\"", "", Sample.Policy(policy => policy with { UnknownLicense = Policy.Reject })).Sentence());
        Assert.Empty(Sample.Read($"license = \"{license}\"", "", Sample.Policy(policy => policy with { UnknownLicense = Policy.Allow })).Value.Warnings);
    }

    [Fact]
    public void A_registry_knows_licenses_of_its_own()
    {
        var rules = Sample.Policy(policy => policy with { OwnLicenses = ["Acme-Internal-1.0"], UnknownLicense = Policy.Reject });

        Assert.Null(Sample.Read("license = \"Acme-Internal-1.0 OR MIT\"", "", rules).Sentence());
        Assert.Equal("license `Acme-Internal-2.0` is not a known SPDX expression", Sample.Read("license = \"Acme-Internal-2.0\"", "", rules).Sentence());
    }

    [Theory]
    [InlineData("license = \"mit\"", null)]
    [InlineData("", null)]
    [InlineData("license = \"GPL-3.0-only\"", "license `GPL-3.0-only` is not allowed in this registry")]
    [InlineData("license-file = \"L\"", "license `non-standard` is not allowed in this registry")]
    public void Licenses_can_be_limited(string field, string? sentence) =>
        Assert.Equal(sentence, Sample.Read(field, "", Sample.Policy(policy => policy with { AllowedLicenses = ["MIT"] })).Sentence());

    [Theory]
    [InlineData(256, null)]
    [InlineData(257, "license is 257 characters (max 256)")]
    public void A_license_is_short(int length, string? sentence) =>
        Assert.Equal(sentence, Sample.Read($"license = \"LicenseRef-{new string('a', length - 11)}\"").Sentence());

    [Fact]
    public void A_license_file_alone_is_no_standard_license() => Assert.Equal(
        ("non-standard", "legal/LICENSE"),
        Sample.Read("license-file = \"legal/LICENSE\"").Value.Package is var package ? (package.License, package.LicenseFile) : default);

    [Theory]
    [InlineData("../LICENSE")]
    [InlineData("/LICENSE")]
    public void A_license_file_outside_the_package_is_none_and_its_licence_no_standard_one(string path)
    {
        var read = Sample.Read($"license-file = \"{path}\"").Value;
        Assert.Equal(("non-standard", null), (read.Package.License, read.Package.LicenseFile));
        Assert.Equal(["field `package.license-file` leads outside the package and is ignored"], read.Warnings);
    }

    [Theory]
    [InlineData(128, null)]
    [InlineData(129, "a category is 129 characters (max 128)")]
    public void A_category_is_only_so_long(int length, string? sentence) =>
        Assert.Equal(sentence, Sample.Read($"categories = [\"{new string('A', length)}!\"]".Replace("A!", "!", StringComparison.Ordinal)).Sentence());

    [Theory]
    [InlineData("keywords = [\"a\", \"b\", \"c\"]", "3 keywords (max 2)")]
    [InlineData("keywords = [\"abcd\"]", "keyword `abcd` is invalid: use ASCII letters, digits, `_`, `-` and `+` (max 3 characters)")]
    [InlineData("keywords = [\"a b\"]", "keyword `a b` is invalid: use ASCII letters, digits, `_`, `-` and `+` (max 3 characters)")]
    [InlineData("keywords = [\"\"]", "keyword `` is invalid: use ASCII letters, digits, `_`, `-` and `+` (max 3 characters)")]
    [InlineData("keywords = [\"-a\"]", "keyword `-a` is invalid: use ASCII letters, digits, `_`, `-` and `+` (max 3 characters)")]
    [InlineData("keywords = [\"é\"]", "keyword `é` is invalid: use ASCII letters, digits, `_`, `-` and `+` (max 3 characters)")]
    [InlineData("keywords = [\"abc\", \"1+-\"]", null)]
    [InlineData("categories = [\"a\", \"b\", \"c\"]", "3 categories (max 2)")]
    [InlineData("categories = [\"a\", \"b\"]", null)]
    public void Keywords_and_categories_are_few_and_short(string field, string? sentence) => Assert.Equal(
        sentence, Sample.Read(field, "", Sample.Limits(limits => limits with { Keywords = 2, KeywordLength = 3, Categories = 2 })).Sentence());

    [Fact]
    public void Categories_that_are_no_slugs_are_left_out_with_a_warning()
    {
        var read = Sample.Read("categories = [\"ok\", \"Not A Slug\", \"a:b\", \"a::\"]").Value;

        Assert.Equal(["ok"], read.Package.Categories);
        Assert.Equal(["not a slug", "a:b", "a::"], read.InvalidCategories);
    }

    [Fact]
    public void Categories_can_be_limited_to_a_list()
    {
        var read = Sample.Read("categories = [\"a\", \"b\"]", "", Sample.Policy(policy => policy with { CategoryList = ["b"] })).Value;

        Assert.Equal(["b"], read.Package.Categories);
        Assert.Equal(["a"], read.InvalidCategories);
    }

    [Fact]
    public void Authors_are_cut_to_what_is_shown()
    {
        var authors = string.Join(',', Enumerable.Range(0, 101).Select(i => $"\"{i}{new string('a', 300)}\""));

        var shown = Sample.Read($"authors = [{authors}]").Value.Package.Authors;

        Assert.Equal(100, shown.Count);
        Assert.All(shown, author => Assert.Equal(256, author.Length));
    }
}
