using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Endpoints.Crates;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Api.Web.Crates.Parts;
using Raktar.Api.Web.Frame;
using Raktar.Api.Web.Readmes;
using Raktar.Application;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Crates.Files;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Search;
using Raktar.Application.Crates.Views;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Api.Web.Crates;

/// <summary>The pages of a crate: what it is, its versions, what it needs and who needs it, what is in it, and what happened to it.</summary>
internal static class CratePages
{
    public static void MapCratePages(this IEndpointRouteBuilder app)
    {
        app.MapMethods("/crates/{name}", Reading.Methods, Crate).IsPage().Demands(Demand.Read);
        app.MapMethods("/crates/{name}/{version}", Reading.Methods, Version).IsPage().Demands(Demand.Read);
        app.MapMethods("/crates/{name}/versions", Reading.Methods, Versions).IsPage().Demands(Demand.Read);
        app.MapMethods("/crates/{name}/{version}/dependencies", Reading.Methods, Dependencies).IsPage().Demands(Demand.Read);
        app.MapMethods("/crates/{name}/dependents", Reading.Methods, Dependents).IsPage().Demands(Demand.Read);
        app.MapMethods("/crates/{name}/{version}/features", Reading.Methods, Features).IsPage().Demands(Demand.Read);
        app.MapMethods("/crates/{name}/{version}/files", Reading.Methods, Files).IsPage().Demands(Demand.Read);
        app.MapMethods("/crates/{name}/{version}/files/{**path}", Reading.Methods, Source).IsPage().Demands(Demand.Read);
        app.MapMethods("/crates/{name}/history", Reading.Methods, History).IsPage().Demands(Demand.Read);
        app.MapPost("/crates/{name}/deprecation", Deprecate).IsPage().Demands(Demand.Yank);
    }

    private static Task<IResult> Crate(string name, HttpContext context, IMediator sender, ReadmePages readmes) =>
        WithCrate(name, version: null, context, sender, (look, _) => Overview(look, context, readmes));

    private static Task<IResult> Version(string name, string version, HttpContext context, IMediator sender, ReadmePages readmes) =>
        WithCrate(name, version, context, sender, (look, _) => Overview(look, context, readmes));

    private static async Task<IResult> Overview(CrateLook look, HttpContext context, ReadmePages readmes)
    {
        var options = context.RequestServices.GetRequiredService<RaktarOptions>();
        var readme = await readmes.Of(look, context.Viewer(), new Uri(options.PublicUrl).AbsolutePath.TrimEnd('/'), context.RequestAborted);
        return new Page<CratePage>(
            look.IsPinned ? $"{look.Crate.Name} {look.Version.Version}" : look.Crate.Name.Text,
            (nameof(CratePage.Look), look),
            (nameof(CratePage.Readme), readme?.Html),
            (nameof(CratePage.IsCut), readme?.IsCut == true))
        { HasForeignImages = options.Web.ReadmeImages == ReadmeImages.Https };
    }

    private static Task<IResult> Versions(string name, HttpContext context, IMediator sender) =>
        WithCrate(name, version: null, context, sender, (look, page) => Task.FromResult<IResult>(new Page<VersionsPage>(
            $"Versions of {look.Crate.Name}", (nameof(VersionsPage.Look), look), (nameof(VersionsPage.Page), page))));

    private static Task<IResult> Dependencies(string name, string version, HttpContext context, IMediator sender) =>
        WithCrate(name, version, context, sender, async (look, page) =>
        {
            var shown = look.Version.Package.Dependencies.OrderBy(d => d.Kind).ThenBy(d => d.Name, StringComparer.Ordinal)
                .Skip((page - 1) * DependenciesPage.PerPage).Take(DependenciesPage.PerPage).ToList();
            var names = shown.Where(d => d.Registry is null).Select(d => d.RealName()).ToList();
            var known = await sender.Send(
                new SearchCrates { By = context.Viewer(), Names = names, IncludeYanked = true, PerPage = Math.Max(1, names.Count) }, context.RequestAborted);
            return new Page<DependenciesPage>(
                $"Dependencies of {look.Crate.Name} {look.Version.Version}",
                (nameof(DependenciesPage.Look), look),
                (nameof(DependenciesPage.Page), page),
                (nameof(DependenciesPage.Shown), shown),
                (nameof(DependenciesPage.Known), names.Count == 0 ? [] : known.Value.Page.Select(row => row.Name.Text).ToHashSet(StringComparer.Ordinal)));
        });

    private static Task<IResult> Dependents(string name, HttpContext context, IMediator sender) =>
        WithCrate(name, version: null, context, sender, async (look, page) =>
        {
            var found = await sender.Send(new GetDependents(look.Crate.Name, page, DependentsPage.PerPage, context.Viewer()), context.RequestAborted);
            return found.ToCargo(dependents => new Page<DependentsPage>(
                $"Dependents of {look.Crate.Name}",
                (nameof(DependentsPage.Look), look),
                (nameof(DependentsPage.Page), page),
                (nameof(DependentsPage.Found), dependents)));
        });

    private static Task<IResult> Features(string name, string version, HttpContext context, IMediator sender) =>
        WithCrate(name, version, context, sender, (look, page) =>
        {
            var all = FeatureTree.All(look.Version.Package);
            return Task.FromResult<IResult>(new Page<FeaturesPage>(
                $"Features of {look.Crate.Name} {look.Version.Version}",
                (nameof(FeaturesPage.Look), look),
                (nameof(FeaturesPage.Page), page),
                (nameof(FeaturesPage.Total), all.Count),
                (nameof(FeaturesPage.Trees), FeatureTree.Of(all, [.. all.Skip((page - 1) * FeaturesPage.PerPage).Take(FeaturesPage.PerPage)]))));
        });

    private static Task<IResult> Files(string name, string version, HttpContext context, IMediator sender) =>
        WithCrate(name, version, context, sender, async (look, page) =>
        {
            var found = await sender.Send(new GetCrateFiles(look.Crate.Name, look.Version.Version, context.Viewer(), look.AsOf?.At), context.RequestAborted);
            return found.ToCargo(files => new Page<FilesPage>(
                $"Files of {look.Crate.Name} {look.Version.Version}",
                (nameof(FilesPage.Look), look),
                (nameof(FilesPage.Page), page),
                (nameof(FilesPage.Found), files)));
        });

    private static Task<IResult> Source(string name, string version, string path, HttpContext context, IMediator sender) =>
        WithCrate(name, version, context, sender, async (look, _) =>
        {
            var found = await sender.Send(new GetSourceFile(look.Crate.Name, look.Version.Version, path, context.Viewer(), look.AsOf?.At), context.RequestAborted);
            return found.ToCargo(file => new Page<SourcePage>(
                $"{path} - {look.Crate.Name} {look.Version.Version}", (nameof(SourcePage.Look), look), (nameof(SourcePage.File), file)));
        });

    private static Task<IResult> History(string name, HttpContext context, IMediator sender) =>
        WithCrate(name, version: null, context, sender, async (look, page) =>
        {
            var found = await sender.Send(new GetCrateHistory(look.Crate.Name, context.Viewer(), page, HistoryPage.PerPage, look.AsOf?.At), context.RequestAborted);
            return found.ToCargo(history => new Page<HistoryPage>(
                $"History of {look.Crate.Name}",
                (nameof(HistoryPage.Look), look),
                (nameof(HistoryPage.Page), page),
                (nameof(HistoryPage.Found), history)));
        });

    private static Task<IResult> Deprecate(string name, HttpContext context, IMediator sender) => Named.Crate(name)
        .Then(crate => context.ReadForm().Then(form => form["do"] is "deprecate" or "undeprecate"
            ? sender.Send(new DeprecateCrate(context.Caller(), crate, form["do"] is "deprecate", form["successor"], form["reason"]), context.RequestAborted)
            : Task.FromResult<Outcome<Done>>(new InvalidInput("field `do` must be `deprecate` or `undeprecate`"))))
        .ToCargo(_ => new SeeOther($"/crates/{name}"));

    /// <summary>The crate and the version that an address is about, at its time, and the number of its page; else the refusal.</summary>
    private static async Task<IResult> WithCrate(
        string name, string? version, HttpContext context, IMediator sender, Func<CrateLook, int, Task<IResult>> answer)
    {
        if (PageRoutes.PageOf(context) is not { } page)
        {
            return PageRoutes.NoSuchPage.ToResult();
        }

        var asOf = AsOf.Of(context);
        if (asOf.Refusal is { } badTime)
        {
            return badTime.ToResult();
        }

        if (!CrateName.TryParse(name, out var crate))
        {
            return new NoSuchCrate(name).ToResult();
        }

        var found = await sender.Send(new GetCrate(crate, context.Viewer(), asOf.Value?.At), context.RequestAborted);
        if (found.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        var shown = version is null ? DefaultVersions.Of(found.Value.Versions, v => v.Version, v => v.Yanked).Default
            : SemVersion.TryParse(version, out var number) ? found.Value.Find(number)
            : null;
        if (shown is null)
        {
            return new NoSuchVersion(found.Value.Name.Text, version!).ToResult();
        }

        var look = new CrateLook(found.Value, shown, version is not null, asOf.Value);
        if (found.Value.Deprecation?.Successor is { } successor)
        {
            var there = await sender.Send(new GetCrate(successor, context.Viewer(), asOf.Value?.At), context.RequestAborted);
            look = look with { IsSuccessorShown = there.Refusal is null };
        }

        return await answer(look, page);
    }
}
