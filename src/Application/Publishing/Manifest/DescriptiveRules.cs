using System.Text.RegularExpressions;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Publishing.Manifest;

/// <summary>The rules for what a manifest tells people: description, licence, links, keywords, categories, authors.</summary>
internal sealed class DescriptiveRules(PublishRules rules, Review review)
{
    /// <summary>The licence of a package that names only a file.</summary>
    public const string NonStandardLicense = "non-standard";

    private const int MaxAuthors = 100;
    private const int MaxAuthorLength = 256;
    private const int MaxCategoryLength = 128;

    private static readonly Regex Keyword = new(@"^[A-Za-z0-9][A-Za-z0-9_+\-]*\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

    private static readonly Regex CategorySlug = new(@"^[a-z0-9-]+(::[a-z0-9-]+)*\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

    // ssh://host/path and the like, and scp's form user@host:path.
    private static readonly Regex GitUrl = new(
        @"^((git\+)?ssh|ssh\+git|git|svn|svn\+ssh)://[^\s/]+(/\S*)?\z|^[\w.\-]+@[\w.\-]+:[^\s/]\S*\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

    private readonly List<string> _invalidCategories = [];

    /// <summary>Categories that were left out, for cargo's own warning.</summary>
    public ValueList<string> InvalidCategories => _invalidCategories.ToValueList();

    /// <summary>Fills in the descriptive part of a package. A field that the manifest lacks is empty, whatever older versions said.</summary>
    public Package Describe(Package package, ManifestFields section)
    {
        var missing = rules.Policy.RequiredFields
            .Where(field => !section.Has(field) && !(field == "license" && section.Has("license-file")))
            .ToList();
        if (missing.Count > 0)
        {
            review.Refuse($"required fields are missing: {string.Join(", ", missing)}");
        }

        var licenseFile = ManifestPath.ReadShown(section, "license-file", review);
        return package with
        {
            Description = Description(section),
            Homepage = Url(section, "homepage"),
            Documentation = Url(section, "documentation"),
            Repository = Url(section, "repository"),
            License = License(section),
            LicenseFile = licenseFile,
            Keywords = Keywords(section),
            Categories = Categories(section),
            Authors = section.Texts("authors").Distinct(StringComparer.Ordinal).Take(MaxAuthors).Select(author => Shorten(author, MaxAuthorLength)).ToValueList(),
        };
    }

    private static string Shorten(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    private string? Description(ManifestFields section)
    {
        var text = section.Text("description", mayHaveLines: true);
        var length = text?.EnumerateRunes().Count() ?? 0;
        if (length > rules.Limits.DescriptionLength)
        {
            review.Refuse($"description is {length} characters (max {rules.Limits.DescriptionLength})");
        }

        return text;
    }

    private string? Url(ManifestFields section, string key)
    {
        var text = section.Text(key);
        if (text?.Length > rules.Limits.UrlLength)
        {
            review.Refuse($"{key} is {text.Length} characters (max {rules.Limits.UrlLength})");
        }
        else if (text is not null)
        {
            CheckUrl(key, text);
        }

        return text;
    }

    /// <summary>
    /// Web addresses pass, as on crates.io also with a user (<c>https://org@dev.azure.com/...</c>). Addresses for git are in manifests that cannot be changed
    /// any more; pages show them as text.
    /// </summary>
    private void CheckUrl(string key, string text)
    {
        if (IsWebUrl(text, out var user))
        {
            if (user.Contains(':', StringComparison.Ordinal))
            {
                review.Dislike(rules.Policy.UnusualUrls, $"{key} has a password in it, which everybody can read who can read the crate");
            }
        }
        else if (GitUrl.IsMatch(text))
        {
            review.Dislike(rules.Policy.UnusualUrls, $"{key} is not an http or https URL, so pages do not link to it");
        }
        else
        {
            review.Refuse($"{key} must be an http or https URL");
        }
    }

    private static bool IsWebUrl(string text, out string user)
    {
        var isUri = Uri.TryCreate(text, UriKind.Absolute, out var uri);
        user = isUri ? uri!.UserInfo : string.Empty;
        return isUri && uri!.Host.Length > 0
            && (text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal));
    }

    private string? License(ManifestFields section)
    {
        var license = section.Text("license");
        if (license?.Length > rules.Limits.LicenseLength)
        {
            review.Refuse($"license is {license.Length} characters (max {rules.Limits.LicenseLength})");
        }
        else if (license is not null && !SpdxExpression.IsKnown(license, rules.Policy.OwnLicenses))
        {
            review.Dislike(rules.Policy.UnknownLicense, $"license `{license}` is not a known SPDX expression");
        }

        license ??= section.Has("license-file") ? NonStandardLicense : null;
        if (license is not null
            && rules.Policy.AllowedLicenses.Count > 0
            && !rules.Policy.AllowedLicenses.Contains(license, StringComparer.OrdinalIgnoreCase))
        {
            review.Refuse($"license `{license}` is not allowed in this registry");
        }

        return license;
    }

    private ValueList<string> Keywords(ManifestFields section)
    {
        var keywords = section.Texts("keywords");
        if (keywords.Count > rules.Limits.Keywords)
        {
            review.Refuse($"{keywords.Count} keywords (max {rules.Limits.Keywords})");
        }

        foreach (var keyword in keywords.Where(keyword => keyword.Length > rules.Limits.KeywordLength || !Keyword.IsMatch(keyword)))
        {
            review.Refuse($"keyword `{keyword}` is invalid: use ASCII letters, digits, `_`, `-` and `+` (max {rules.Limits.KeywordLength} characters)");
        }

        return keywords.Select(keyword => keyword.ToLowerInvariant()).Distinct(StringComparer.Ordinal).ToValueList();
    }

    private ValueList<string> Categories(ManifestFields section)
    {
        var categories = section.Texts("categories");
        if (categories.Count > rules.Limits.Categories)
        {
            review.Refuse($"{categories.Count} categories (max {rules.Limits.Categories})");
        }

        if (categories.FirstOrDefault(category => category.Length > MaxCategoryLength) is { } tooLong)
        {
            review.Refuse($"a category is {tooLong.Length} characters (max {MaxCategoryLength})");
            return [];
        }

        var isKnown = categories
            .Select(category => category.ToLowerInvariant())
            .Distinct(StringComparer.Ordinal)
            .ToLookup(slug => CategorySlug.IsMatch(slug) && (rules.Policy.CategoryList is [] || rules.Policy.CategoryList.Contains(slug, StringComparer.Ordinal)));
        _invalidCategories.AddRange(isKnown[false]);
        return isKnown[true].ToValueList();
    }
}
