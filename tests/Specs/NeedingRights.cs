using System.Reflection;
using MediatR;
using Raktar.Application;
using Raktar.Application.Accounts;
using Raktar.Application.Accounts.TokenChanges;
using Raktar.Application.Audit;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Proofs;
using Raktar.Application.Publishing;
using Raktar.Application.TrustedPublishing;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Specs;

/// <summary>Each use case says what it needs of its caller, or is asked as somebody who reads and is shown what that one may see.</summary>
public sealed class NeedingRights
{
    private static readonly Login Nobody = Login.Parse("nobody");

    private static readonly Type[] Requests =
    [
        .. typeof(Outcome<>).Assembly.GetTypes().Where(type => type.GetInterfaces().Any(service =>
            service.IsGenericType && service.GetGenericTypeDefinition() == typeof(IRequest<>))),
    ];

    private readonly NoLimits _limits = new();

    [Fact]
    public void Every_request_says_what_it_needs_or_who_reads()
    {
        Assert.NotEmpty(Requests);
        Assert.Empty(Requests
            .Where(type => !type.IsAssignableTo(typeof(INeeds)) && type.GetProperty("By")?.PropertyType != typeof(Requester))
            .Select(type => type.Name));
    }

    [Fact]
    public void Somebody_without_rights_gets_only_what_is_named_here()
    {
        string[] named =
        [
            // Its handler asks, as it depends on the crate.
            nameof(GetAudit), nameof(PublishVersion),
            // What is sent is the right to it.
            nameof(ExchangeIdentityToken), nameof(ReportLeakedToken), nameof(RevokeCiToken), nameof(SignIn),
            // For all readers.
            nameof(GetCheckpoint),
        ];
        var open = Requests.Where(type => type.IsAssignableTo(typeof(INeeds)) && ((INeeds)Sample(type)).Need.Refuse(_limits) is null).Select(type => type.Name);
        Assert.Equal(named.Order(StringComparer.Ordinal), open.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_yank_spends_from_its_rate_also_when_it_is_refused()
    {
        var by = new Caller(Nobody, Role.Reader, 1);
        Assert.IsType<NotAllowed>(new YankVersion(by, CrateName.Parse("foo"), SemVersion.Parse("1.0.0"), Yanked: true).Need.Refuse(_limits));
        Assert.Equal([(Rate.Yank, by)], _limits.Spent);
    }

    private static object Sample(Type request)
    {
        var constructor = request.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(Sample)]);
    }

    /// <summary>A reader's token that is good for nothing; accounts and crates that are not the reader's; of the rest whatever is there without being made.</summary>
    private static object? Sample(ParameterInfo parameter) => parameter.ParameterType switch
    {
        var type when type == typeof(Caller) => new Caller(Nobody, Role.Reader, 1) { Scopes = [] },
        var type when type == typeof(Login) => Login.Parse("somebody"),
        var type when type == typeof(CrateName) => CrateName.Parse("foo"),
        var type when type == typeof(AuditFilter) => new AuditFilter { Crate = CrateName.Parse("foo") },
        { IsValueType: true } type => Activator.CreateInstance(type),
        _ => null,
    };

    private sealed class NoLimits : IRateLimits
    {
        public List<(Rate Rate, Caller By)> Spent { get; } = [];

        public Refusal? Spend(Rate rate, Caller by)
        {
            Spent.Add((rate, by));
            return null;
        }
    }
}
