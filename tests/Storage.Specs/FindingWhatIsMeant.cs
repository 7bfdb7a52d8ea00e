using System.Text.Json;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Search;
using Raktar.Application.Crates.Views;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Crates;
using Raktar.Projections.Crates;
using Raktar.Storage.Embedded;
using Raktar.Testing;

namespace Raktar.Storage.Specs;

/// <summary>Searches over 3,117 crates that people use, with their keywords, categories and dependencies: what a Rust developer means comes among the first ten.</summary>
public sealed class FindingWhatIsMeant(FindingWhatIsMeant.Registry registry) : IClassFixture<FindingWhatIsMeant.Registry>
{
    /// <summary>What people type, and the crates that they look for.</summary>
    private static readonly (string Search, string[] Meant)[] Searches =
    [
        ("json", ["serde_json"]), ("error", ["thiserror", "anyhow"]), ("macro", ["syn", "quote"]), ("random", ["rand"]), ("regex", ["regex"]),
        ("http client", ["reqwest", "ureq"]), ("http", ["http", "hyper"]), ("serialization", ["serde"]), ("logging", ["log"]), ("tracing", ["tracing"]),
        ("command line", ["clap"]), ("argument parser", ["clap"]), ("hash", ["ahash"]), ("hashmap", ["hashbrown"]), ("uuid", ["uuid"]), ("time", ["time", "chrono"]),
        ("parsing", ["nom"]), ("toml", ["toml"]), ("xml", ["quick-xml"]), ("base64", ["base64"]), ("hex", ["hex"]), ("compression", ["flate2"]), ("zip", ["zip"]),
        ("crypto", ["ring"]), ("tls", ["rustls", "native-tls"]), ("url", ["url"]), ("websocket", ["tungstenite"]), ("mutex", ["parking_lot"]),
        ("channel", ["crossbeam-channel"]), ("parallel", ["rayon"]), ("iterator", ["itertools"]), ("temp file", ["tempfile"]), ("lazy static", ["lazy_static"]),
        ("ffi", ["libc"]), ("sqlite", ["rusqlite"]), ("protobuf", ["prost"]), ("png", ["png"]), ("benchmark", ["criterion"]), ("testing", ["proptest"]),
        ("terminal", ["crossterm"]), ("glob", ["glob"]), ("walk directory", ["walkdir"]), ("unicode", ["unicode-width"]), ("bytes", ["bytes"]),
        ("simd", ["wide"]), ("string", ["smallvec"]), ("stream", ["futures"]), ("arena", ["bumpalo", "typed-arena"]),
    ];

    [Fact]
    public async Task What_is_meant_is_among_the_first_ten()
    {
        var (meant, found, missed) = (0, 0, new List<string>());
        foreach (var (search, crates) in Searches)
        {
            var first = await registry.Search(search);
            Assert.All(crates, crate => Assert.Contains(crate, registry.Names));
            meant += crates.Length;
            found += crates.Count(first.Contains);
            missed.AddRange(crates.Where(crate => !first.Contains(crate)).Select(crate => $"{search}: {crate} is not in {string.Join(' ', first)}"));
        }

        Assert.True(found >= 0.85 * meant, string.Join('\n', missed));
    }

    [Theory]
    [InlineData("serde json", "serde_json")]
    [InlineData("serde-json", "serde_json")]
    [InlineData("serdejson", "serde_json")]
    [InlineData("Serde_JSON", "serde_json")]
    [InlineData("crossbeam channel", "crossbeam-channel")]
    [InlineData("log", "log")]
    public async Task A_whole_name_comes_first_however_it_is_written(string search, string crate) => Assert.Equal(crate, (await registry.Search(search))[0]);

    [Fact]
    public async Task A_word_that_is_nowhere_finds_nothing() => Assert.Empty(await registry.Search("json xyzzy"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Kept_rows_are_believed_only_as_they_were_written(bool isCut) => Assert.Contains("serde_json", await registry.SearchAfterDamage("json", isCut));

    /// <summary>The crates as rows of a catalogue.</summary>
    public sealed class Registry : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private EmbeddedStorage _storage = null!;
        private Catalogue _catalogue = null!;
        private GuardedCrates _guarded = null!;
        private Past<CrateDetails> _past = null!;
        private SearchCratesHandler _search = null!;

        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public async Task InitializeAsync()
        {
            _storage = EmbeddedStorage.Own(_folder.Path);
            using var text = RealShape.Text();
            var writes = new List<Task>();
            while (await text.ReadLineAsync() is { } line)
            {
                using var shape = JsonDocument.Parse(line);
                var name = shape.RootElement.GetProperty("name").GetString()!;
                // Of some crates there are several versions; the first will do.
                if (Names.Add(name))
                {
                    var document = new Document(1, RowOf(name, shape.RootElement)) { IsFollowed = true };
                    writes.Add(_storage.Documents.Put(new(CatalogueRow.Kind, CrateName.Parse(name).Canonical), document, 0, CancellationToken.None));
                }
            }

            await Task.WhenAll(writes);
            _catalogue = new(_storage.Documents);
            _guarded = new(_storage.Documents, _storage.Events, new Unprojected(), TimeProvider.System);
            _past = new(_storage.Documents, _storage.Events, new CrateDetailsProjection());
            _search = new(_catalogue, _guarded, _past);
        }

        public Task<List<string>> Search(string text) => Search(_search, text);

        /// <summary>Searches as after a start with kept rows in which a name was changed, or of which the end was lost.</summary>
        public async Task<List<string>> SearchAfterDamage(string text, bool isCut)
        {
            using (var before = new Catalogue(_storage.Documents))
            {
                await before.Keep(CancellationToken.None);
            }

            var kept = (await _storage.Documents.Get(Catalogue.Kept, CancellationToken.None))!;
            var bytes = kept.Parts[0].Bytes.ToArray();
            var name = bytes.AsSpan().IndexOf("serde_json"u8);
            Assert.True(name > 0);
            bytes[name] = (byte)'x';
            var damaged = new Document(kept.Version, kept.Body) { Parts = [new(isCut ? bytes.AsMemory(0, name) : bytes), .. kept.Parts.Skip(1)] };
            await _storage.Documents.Put(Catalogue.Kept, damaged, kept.Version, CancellationToken.None);
            using var catalogue = new Catalogue(_storage.Documents);
            return await Search(new(catalogue, _guarded, _past), text);
        }

        public Task DisposeAsync()
        {
            _past.Dispose();
            _guarded.Dispose();
            _catalogue.Dispose();
            _storage.Dispose();
            _folder.Dispose();
            return Task.CompletedTask;
        }

        private static async Task<List<string>> Search(SearchCratesHandler search, string text) =>
            [.. (await search.Handle(new SearchCrates { Text = text }, CancellationToken.None)).Value.Page.Select(row => row.Name.Text)];

        private static byte[] RowOf(string name, JsonElement shape)
        {
            var version = SemVersion.Parse(shape.GetProperty("vers").GetString()!);
            var dependencies = Items(shape, "deps")
                .Where(dependency => !dependency.TryGetProperty("kind", out var kind) || kind.GetString() != "dev")
                .Select(dependency => (dependency.TryGetProperty("package", out var package) ? package : dependency.GetProperty("name")).GetString()!);
            var entry = new CatalogueEntry(
                null, null, null, null, Texts(shape, "keywords"), Texts(shape, "categories"), dependencies.Distinct(StringComparer.Ordinal).ToValueList());
            return new CatalogueRow(CrateName.Parse(name), version, version, version, version, 1, Yanked: false, default, default, Owners: [], entry)
                .ToBytes(VersionRuns<CatalogueVersion>.None.Add(new(version, Yanked: false, default, entry), bytes: 1));
        }

        private static ValueList<string> Texts(JsonElement shape, string key) => Items(shape, key).Select(text => text.GetString()!).ToValueList();

        private static JsonElement[] Items(JsonElement shape, string key) => shape.TryGetProperty(key, out var list) ? [.. list.EnumerateArray()] : [];
    }
}
