using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Raktar.Application.Upstreams;

/// <summary>What can be measured of upstreams, for whoever listens to the meter <c>Raktar.Upstreams</c>.</summary>
internal static class UpstreamMetrics
{
    private static readonly Meter Meter = new("Raktar.Upstreams");
    private static readonly Histogram<double> Questions = Meter.CreateHistogram<double>("raktar.upstream.duration", "s", "Questions to an upstream, by what and outcome");
    private static readonly Counter<long> Stale = Meter.CreateCounter<long>("raktar.upstream.stale", description: "Answers from the last good copy because the upstream fails");
    private static readonly Counter<long> Wrong = Meter.CreateCounter<long>("raktar.upstream.wrong_crate_files", description: "Crate files with another checksum than their index line's");

    public static void Asked(Upstream upstream, string what, bool isGood, TimeSpan time) => Questions.Record(
        time.TotalSeconds, new TagList { { "upstream", upstream.Name }, { "what", what }, { "outcome", isGood ? "answered" : "failed" } });

    public static void ServedStale(Upstream upstream) => Stale.Add(1, new KeyValuePair<string, object?>("upstream", upstream.Name));

    public static void WrongCrateFile(Upstream upstream) => Wrong.Add(1, new KeyValuePair<string, object?>("upstream", upstream.Name));
}
