using System.Text;
using Raktar.Application;
using Raktar.Application.Publishing.Manifest;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Publishing;

/// <summary>A small package, sample 1.0.0, to which a spec adds the lines it is about.</summary>
internal static class Sample
{
    public const string IndexUrl = "sparse+http://localhost:8080/index/";

    public static readonly PublishMetadata Metadata = new() { Name = CrateName.Parse("sample"), Version = SemVersion.Parse("1.0.0") };

    /// <summary>Reads the package with more lines in <c>[package]</c> and more tables after it.</summary>
    public static Outcome<ReadManifest> Read(string package = "", string tables = "", PublishRules? rules = null, PublishMetadata? metadata = null) =>
        ReadText($"[package]\nname = \"sample\"\nversion = \"1.0.0\"\n{package}\n{tables}", rules, metadata);

    /// <summary>Reads a whole manifest.</summary>
    public static Outcome<ReadManifest> ReadText(string text, PublishRules? rules = null, PublishMetadata? metadata = null) =>
        CargoManifest.Read(Encoding.UTF8.GetBytes(text), metadata ?? Metadata, IndexUrl, rules ?? new());

    /// <summary>The rules with another policy.</summary>
    public static PublishRules Policy(Func<PublishPolicy, PublishPolicy> change) => new() { Policy = change(new()) };

    /// <summary>The rules with other limits.</summary>
    public static PublishRules Limits(Func<PublishLimits, PublishLimits> change) => new() { Limits = change(new()) };

    /// <summary>The sentence that refuses, or null.</summary>
    public static string? Sentence<T>(this Outcome<T> outcome) => outcome.Refusal?.Sentence;
}
