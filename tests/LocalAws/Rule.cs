using System.Text.Json.Nodes;

namespace Raktar.LocalAws;

/// <summary>Which events of a bus wake which functions.</summary>
internal sealed record Rule(JsonObject Pattern, IReadOnlyList<Function> Functions)
{
    private static readonly string[] Understood = ["Arn", "Id", "RetryPolicy", "DeadLetterConfig"];

    public static Rule Read(JsonObject rule, IReadOnlyList<Function> functions) => new(rule["EventPattern"]!.AsObject(), Targets(rule, functions));

    public static IReadOnlyList<Function> Targets(JsonObject rule, IReadOnlyList<Function> functions) =>
        [.. rule["Targets"]!.AsArray().Select(target => Target(target!.AsObject(), functions))];

    private static Function Target(JsonObject target, IReadOnlyList<Function> functions) =>
        target.Select(field => field.Key).FirstOrDefault(field => !Understood.Contains(field)) is { } unknown
            ? throw new NotSupportedException($"a rule's target with {unknown} is not understood")
            : functions.Single(function => function.Shape.Arn == (string)target["Arn"]!);
}
