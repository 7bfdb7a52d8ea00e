using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Projections;
using Raktar.Projections.Crates;

namespace Raktar.Storage.Specs;

/// <summary>A crate's stream that is written fact by fact, and shown.</summary>
internal sealed class CrateLog(IEventStore events, IDocumentStore documents, CrateName crate)
{
    private StreamHead _head = StreamHead.Start(StreamName.Of(crate));

    public Task Publish(string version, DateTimeOffset at, Checksum? checksum = null, bool isShown = true)
    {
        var published = new VersionPublished(SemVersion.Parse(version), checksum ?? Checksum.Of([1]), 1, Login.Admin, new Package());
        return Append(_head.Version == 0 ? [new CrateCreated(crate, Login.Admin), published] : [published], at, isShown);
    }

    public Task Append(DomainEvent fact, DateTimeOffset at, bool isShown = true) => Append([fact], at, isShown);

    private async Task Append(ValueList<DomainEvent> facts, DateTimeOffset at, bool isShown)
    {
        var commit = NewCommit.After(_head, facts, new Stamp(new Actor(Login.Admin, 1, null), "r", at));
        await events.Append(commit, CancellationToken.None);
        _head = commit.Recorded.Head;
        if (isShown)
        {
            await new Projector<IndexFile>(new IndexProjection(), events, documents).CatchUp(_head.Stream, CancellationToken.None);
            var state = new StateProjection<Crate>(new CrateStreams(), crate => crate.IsGuarded);
            await new Projector<Snapshot<Crate>>(state, events, documents).CatchUp(_head.Stream, CancellationToken.None);
        }
    }
}
