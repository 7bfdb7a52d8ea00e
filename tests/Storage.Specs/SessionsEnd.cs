using Raktar.Application.Accounts;
using Raktar.Domain.Accounts;
using Raktar.Storage.Embedded;
using Raktar.Testing;

namespace Raktar.Storage.Specs;

/// <summary>Sessions, over the store that an embedded registry keeps them in.</summary>
public sealed class SessionsEnd : IDisposable
{
    private static readonly Login Ann = Login.Parse("ann");

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly EmbeddedStorage _storage;
    private readonly Sessions _sessions;

    public SessionsEnd()
    {
        _storage = EmbeddedStorage.Own(_folder.Path, time: _clock);
        _sessions = new(_storage.Aside, new SessionPolicy { Hours = 12, IdleMinutes = 60 }, _clock);
    }

    [Fact]
    public async Task After_their_hours_however_much_they_are_used()
    {
        var text = await Start();
        for (var i = 0; i < 23; i++)
        {
            _clock.Pass(TimeSpan.FromMinutes(30));
            Assert.Equal((Ann, "Ann", 3), await Find(text));
        }

        _clock.Pass(TimeSpan.FromMinutes(30));
        Assert.Null(await Find(text));
    }

    [Fact]
    public async Task When_they_are_not_used()
    {
        var text = await Start();
        _clock.Pass(TimeSpan.FromMinutes(59));
        Assert.NotNull(await Find(text));
        _clock.Pass(TimeSpan.FromMinutes(61));
        Assert.Null(await Find(text));
    }

    [Fact]
    public async Task When_somebody_signs_out_for_good()
    {
        var (text, other) = (await Start(), await Start());
        Assert.NotEqual(text, other);
        _clock.Pass(TimeSpan.FromMinutes(30));
        // A request that is under way says afterwards that the session is used.
        var underWay = _sessions.Find(text, CancellationToken.None);
        await _sessions.End(text, CancellationToken.None);
        await underWay;
        Assert.Null(await Find(text));
        await _sessions.End(text, CancellationToken.None);
        Assert.NotNull(await Find(other));
    }

    [Fact]
    public async Task The_oldest_when_an_account_has_too_many_and_none_of_another()
    {
        var other = (await _sessions.Start(Login.Parse("bob"), "Bob", 1, 0, CancellationToken.None)).Text;
        var texts = new List<string>();
        for (var i = 0; i < 60; i++)
        {
            texts.Add(await Start());
        }

        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(i >= 10, await Find(texts[i]) is not null);
        }

        Assert.NotNull(await Find(other));
        Assert.Equal(51, await _storage.Aside.Newest("session", null, CancellationToken.None).CountAsync());
        Assert.Equal(51, await _storage.Aside.Newest("session-used", null, CancellationToken.None).CountAsync());
    }

    [Fact]
    public async Task Who_signs_in_and_out_again_and_again_keeps_the_sessions_elsewhere()
    {
        var elsewhere = await Start();
        for (var i = 0; i < 60; i++)
        {
            await _sessions.End(await Start(), CancellationToken.None);
        }

        Assert.NotNull(await Find(elsewhere));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("../../0123456789abcdef0123456789abcdef0123456789abcdef0123456789")]
    public async Task What_is_no_session_is_none(string text)
    {
        await Start();
        Assert.Null(await Find(text));
    }

    [Fact]
    public async Task What_the_browser_has_is_kept_nowhere()
    {
        var text = await Start();
        await foreach (var item in _storage.Aside.Newest("session", null, CancellationToken.None))
        {
            Assert.DoesNotContain(text, item.Key, StringComparison.Ordinal);
            Assert.Equal(-1, item.Value.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(text)));
        }
    }

    [Fact]
    public async Task Sessions_that_an_earlier_version_began_go_on()
    {
        var text = new string('a', 64);
        var key = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(text)));
        var now = _clock.GetUtcNow();
        var until = now.AddHours(1);
        var json = $$"""{"login":"ann","name":"Ann","token":3,"since":"{{now:O}}","until":"{{until:O}}"}""";
        await _storage.Aside.Put("session-used", key, System.Text.Encoding.ASCII.GetBytes($"{now:O}"), until, CancellationToken.None);
        await _storage.Aside.Put("session", key, System.Text.Encoding.UTF8.GetBytes(json), until, CancellationToken.None);
        Assert.Equal(new Session(Ann, "Ann", 3, now, until, Epoch: 0), await _sessions.Find(text, CancellationToken.None));
    }

    public void Dispose()
    {
        _storage.Dispose();
        _folder.Dispose();
    }

    private async Task<string> Start() => (await _sessions.Start(Ann, "Ann", 3, epoch: 0, CancellationToken.None)).Text;

    private async Task<(Login, string?, int?)?> Find(string text) =>
        await _sessions.Find(text, CancellationToken.None) is { } session ? (session.Login, session.Name, session.Token) : null;
}
