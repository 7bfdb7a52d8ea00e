using System.Globalization;
using System.Text.Encodings.Web;
using MediatR;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using Raktar.Api.Access;
using Raktar.Api.Http;
using Raktar.Api.OpenId;
using Raktar.Api.Settings;
using Raktar.Api.Web.Frame;
using Raktar.Api.Web.TokenPages;
using Raktar.Application.Accounts;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Web.SignIn;

/// <summary>Signing in and out.</summary>
internal static class SignInEndpoints
{
    private const string Home = "/me";

    /// <summary>Registers what it needs; that of OpenID Connect only where an issuer is set, so that a start without one is not slower.</summary>
    public static IServiceCollection AddSignIn(this IServiceCollection services, RaktarOptions options)
    {
        services.AddSingleton(options.Sessions);
        services.AddSingleton<BrowserSessions>();
        services.AddSingleton<SameOrigin>();
        if (!options.Oidc.IsEnabled)
        {
            return services;
        }

        // Nothing but the handler itself: the framework's authentication would look at every request.
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = 1024 * 1024,
        };
        services.AddSingleton(options.Oidc);
        services.AddSingleton(provider => new Issuer(
            options.Oidc, http, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Issuer>>()));
        services.AddSingleton<IdTokens>();
        services.AddSingleton(UrlEncoder.Default);
        services.AddTransient<OidcHandler>();
        services.AddSingleton<IPostConfigureOptions<OidcHandlerOptions>, OAuthPostConfigureOptions<OidcHandlerOptions, OidcHandler>>();
        services.AddDataProtection().SetApplicationName("Raktar");
        services.AddOptions<KeyManagementOptions>().Configure<IAsideStore, TimeProvider>((keys, aside, time) => keys.XmlRepository = new AsideKeys(aside, time));
        services.Configure<OidcHandlerOptions>(OidcHandler.Name, handler =>
        {
            handler.ClientId = options.Oidc.ClientId;
            handler.UsePkce = true;
            handler.CallbackPath = OidcHandler.CallbackPath;
            handler.Backchannel = http;
            handler.CorrelationCookie.Path = "/";
            if (options.PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            {
                // Browsers take it over https and from this host only: no neighbour can begin a sign-in here for somebody else.
                handler.CorrelationCookie.Name = "__Host-raktar-sign-in.";
            }

            handler.CorrelationCookie.SameSite = SameSiteMode.Lax;
            handler.CorrelationCookie.SecurePolicy = options.PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase)
                ? CookieSecurePolicy.Always
                : CookieSecurePolicy.None;
            foreach (var scope in options.Oidc.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                handler.Scope.Add(scope);
            }

            handler.Events.OnRemoteFailure = failed =>
            {
                failed.HandleResponse();
                return Fail(failed.HttpContext, failed.Failure);
            };
            handler.Events.OnTicketReceived = received =>
            {
                received.HandleResponse();
                return SignedIn(received);
            };
        });
        return services;
    }

    /// <summary>Maps the routes.</summary>
    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        app.MapMethods("/login", Reading.Methods, Begin).IsPage().Demands(Demand.Nothing);
        app.MapMethods("/login/token", Reading.Methods, TokenForm).IsPage().Demands(Demand.Nothing);
        app.MapPost("/login", WithToken).IsPage().Demands(Demand.Nothing);
        app.MapMethods(OidcHandler.CallbackPath, Reading.Methods, Callback).IsPage().Demands(Demand.Nothing);
        app.MapPost(Linking.Path, Linking.Confirm).IsPage().Demands(Demand.Account);
        app.MapPost("/logout", SignOut).IsPage().Demands(Demand.Nothing);
    }

    private static async Task<IResult> Begin(HttpContext context, RaktarOptions options, string? @return)
    {
        if (!options.Oidc.IsEnabled)
        {
            return SignInWith(Local(@return));
        }

        context.Response.Headers.CacheControl = "no-store";
        try
        {
            await (await Handler(context)).ChallengeAsync(new AuthenticationProperties { RedirectUri = Local(@return) });
        }
        catch (IssuerUnavailableException e)
        {
            await Fail(context, e);
        }

        return Results.Empty;
    }

    private static Task<IResult> TokenForm(string? @return) => Task.FromResult<IResult>(SignInWith(Local(@return)));

    private static Page<SignInPage> SignInWith(string returnTo) => new("Sign in", (nameof(SignInPage.ReturnTo), returnTo));

    private static async Task<IResult> WithToken(
        HttpContext context, AccountDirectory accounts, FailedAuthentications failures, BrowserSessions browsers, SameOrigin sameOrigin)
    {
        var sent = await context.ReadForm();
        if (sent.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        // Else another site could sign people in as somebody else, and what they then do would be that one's.
        if (!sameOrigin.Sent(context.Request))
        {
            return SameOrigin.Refusal.ToResult();
        }

        var form = sent.Value;
        var owner = await accounts.Authenticate(form["token"], context.RequestAborted);
        if (owner is not { Token: { } token, Run: null })
        {
            return failures.TooMany(context.Connection.RemoteIpAddress) is { } wait
                ? new TooMany("too many failed authentications from this address", wait).ToResult()
                : new Unauthenticated("authentication failed").ToResult();
        }

        await browsers.Start(context, owner.Login, name: null, token);
        return new SeeOther(Local(form["return"]));
    }

    private static async Task<IResult> Callback(HttpContext context, RaktarOptions options)
    {
        if (!options.Oidc.IsEnabled)
        {
            return Results.NotFound();
        }

        context.Response.Headers.CacheControl = "no-store";
        try
        {
            await (await Handler(context)).HandleRequestAsync();
        }
        catch (Exception e) when (e is IssuerUnavailableException or SignInException)
        {
            await Fail(context, e);
        }

        return Results.Empty;
    }

    private static async Task SignedIn(TicketReceivedContext received)
    {
        var (context, claims) = (received.HttpContext, received.Principal!);
        var (services, groups) = (context.RequestServices, claims.FindAll("group").Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal));
        var (oidc, browsers) = (services.GetRequiredService<OidcOptions>(), services.GetRequiredService<BrowserSessions>());
        if (!Login.TryParse(claims.FindFirst("login")!.Value, out var login))
        {
            await context.WriteRefusal(new NotAllowed(
                $"`{claims.FindFirst("login")!.Value}` cannot be a login: it may have 1 to {Login.MaxLength} of a-z, 0-9, `.`, `_`, `@`, `-`"));
            return;
        }

        var (sender, before) = (services.GetRequiredService<IMediator>(), await browsers.Find(context));
        var command = new Application.Accounts.SignIn(
            new ExternalIdentity(claims.FindFirst("iss")!.Value, claims.FindFirst("sub")!.Value),
            login,
            oidc.RoleOf(groups),
            oidc.TeamsOf(groups).ToValueList(),
            oidc.MappedTeams.ToValueList(),
            Proven: null,
            context.RequestInfo());
        var outcome = await sender.Send(command, context.RequestAborted);
        var (name, returnTo) = (claims.FindFirst("name")?.Value, Local(received.ReturnUri));
        if (outcome.Refusal is null)
        {
            await browsers.Start(context, outcome.Value, name, token: null);
            await new SeeOther(returnTo).ExecuteAsync(context);
        }
        else if (outcome.Refusal is LoginTaken && await CouldLink(before, login, sender, context.RequestAborted) is { } account)
        {
            var pending = new PendingLink(
                command.Identity.Issuer,
                command.Identity.Subject,
                login.Text,
                command.Role!.Value,
                [.. command.Teams.Select(team => team.Text)],
                name,
                returnTo);
            await Linking.Ask(context, before!, account, pending).ExecuteAsync(context);
        }
        else
        {
            await browsers.End(context);
            await context.WriteRefusal(outcome.Refusal);
        }
    }

    /// <summary>The account of that login, if it is nobody's yet and the session proves that it belongs to whoever signs in now.</summary>
    private static async Task<Account?> CouldLink(SignedIn? before, Login login, IMediator sender, CancellationToken cancellationToken) =>
        before is not null && before.Caller.Login == login && login != Login.Admin && Linking.IsProof(before)
        && await sender.Send(new GetAccount(before.Caller, login), cancellationToken) is { Refusal: null, Value: { Identity: null } account }
            ? account
            : null;

    private static async Task<IResult> SignOut(HttpContext context, BrowserSessions browsers, SameOrigin sameOrigin)
    {
        if (browsers.HasCookie(context) && !sameOrigin.Sent(context.Request))
        {
            return SameOrigin.Refusal.ToResult();
        }

        await browsers.End(context);
        return new SeeOther("/");
    }

    private static async Task<OidcHandler> Handler(HttpContext context)
    {
        var handler = context.RequestServices.GetRequiredService<OidcHandler>();
        await handler.InitializeAsync(new AuthenticationScheme(OidcHandler.Name, displayName: null, typeof(OidcHandler)), context);
        return handler;
    }

    /// <summary>A sentence for whatever went wrong at the identity provider, or on the way back.</summary>
    private static Task Fail(HttpContext context, Exception? failure)
    {
        if (failure is SignInException { Refusal: var refusal })
        {
            return context.WriteRefusal(refusal);
        }

        var error = context.Request.Query["error"].ToString();
        if (failure is IssuerUnavailableException || error is "server_error" or "temporarily_unavailable")
        {
            context.RequestServices.GetRequiredService<ILogger<OidcHandler>>().LogError(failure, "Somebody cannot sign in");
            context.Response.Headers.RetryAfter = "5";
            return context.WriteError(StatusCodes.Status503ServiceUnavailable, "the identity provider is not available, please try again");
        }

        return context.WriteRefusal(
            error == "access_denied" ? new NotAllowed("the identity provider did not let you in, or you changed your mind")
            : error.Length > 0 ? new InvalidInput($"the identity provider answered `{error}`; please sign in again")
            : new InvalidInput("this sign-in is not under way in this browser, or was completed before; please sign in again"));
    }

    // Only a path of this registry's: https://cheatsheetseries.owasp.org/cheatsheets/Unvalidated_Redirects_and_Forwards_Cheat_Sheet.html
    private static string Local(string? path) =>
        path is ['/', ..] && !path.StartsWith("//", StringComparison.Ordinal) && path.All(c => c is > ' ' and < '\x7f' and not '\\') ? path : Home;
}
