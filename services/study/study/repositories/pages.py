"""Pages: personal repositories of a cohort, and their creation from a template."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chassis.enqueue import enqueue_on_commit
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form
from study.cohorts.access import membership_for_operator
from study.github.actions.patterns import count_matches
from study.github.client import client
from study.installations.queries import get_app, installation_without_permission
from study.repositories import access, queries, tasks
from study.repositories.actions.personal import assign_repository, create_pattern
from study.repositories.actions.templates import check_template, retry_failed, start_template_run
from study.repositories.forms import AssignForm, PatternForm, TemplateForm
from study.repositories.rules import CreationError


@signed_in("GET")
def repositories(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Show a cohort's patterns, what was created from templates, and the repositories that were found."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    is_unassigned = request.GET.get("show") == "unassigned"
    context = {
        "cohort": cohort,
        "patterns": queries.patterns(cohort),
        "runs": queries.template_runs(cohort),
        "is_unassigned": is_unassigned,
        "page": queries.personal_repositories(
            cohort_id, is_unassigned=is_unassigned or None, cursor=request.GET.get("cursor")
        ),
    }
    return render(request, "repositories/repositories.html", context)


@signed_in("GET", "POST")
def new_pattern(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Add a pattern, once it was shown how many repositories match it."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = PatternForm(request.POST or None)
    is_valid = form.is_valid()

    is_confirmed = is_valid and form.is_previewed
    given = {"cohort": cohort, "by": request.principal.account_id, "at": timezone.now()}
    pattern = handle_form(form, create_pattern, **given) if is_confirmed else None
    if pattern:
        messages.success(request, _("The pattern was added. Its repositories appear here within minutes."))
        return redirect("repositories:list", cohort.id)

    matches = None
    if is_valid and not is_confirmed:
        matches = count_matches(pattern=form.cleaned_data["name"], github=client(), at=timezone.now())
    context = {"cohort": cohort, "form": form, "matches": matches}
    status = 422 if form.is_bound and matches is None else 200
    return render(request, "repositories/new_pattern.html", context, status=status)


@signed_in("GET", "POST")
def repository(request: PageRequest, cohort_id: UUID, repository_id: UUID) -> HttpResponse:
    """Say whose a personal repository is."""
    found = access.repository_for_operator(cohort_id, repository_id, account_id=request.principal.account_id)
    form = AssignForm(
        queries.member_choices(cohort_id), request.POST or None, initial={"membership_id": found.member_id}
    )

    if handle_form(
        form, assign_repository, repository=found, by=request.principal.account_id, at=timezone.now()
    ):
        messages.success(request, _("Saved."))
        return redirect("repositories:list", cohort_id)

    context = {"cohort": found.cohort, "repository": found, "form": form}
    return render(request, "repositories/repository.html", context, status=422 if form.is_bound else 200)


@signed_in("GET", "POST")
def create(request: PageRequest, cohort_id: UUID, pattern_id: UUID) -> HttpResponse:
    """Create a repository from a template for each member, once it was shown which."""
    pattern = access.pattern_for_operator(cohort_id, pattern_id, account_id=request.principal.account_id)
    # What is missing in the address is what the form begins with.
    initial = {name: request.GET[name] for name in ("template", "prefix") if name in request.GET}
    form = TemplateForm(request.POST or None, pattern=pattern, initial=initial)

    is_confirmed = form.is_valid() and form.is_previewed
    if is_confirmed and (run := handle_form(form, start_template_run, pattern=pattern, at=timezone.now())):
        enqueue_on_commit(tasks.create_repositories)
        return redirect("repositories:run", cohort_id, run.id)

    context = {"cohort": pattern.cohort, "pattern": pattern, "form": form}
    context |= _permission(pattern.name.partition("/")[0])
    if form.is_valid():
        context |= _preview(form)
    status = 422 if form.is_bound and "plan" not in context else 200
    return render(request, "repositories/create.html", context, status=status)


def _permission(owner: str) -> dict[str, object]:
    """Return the context of installations/permission.html."""
    without_permission = installation_without_permission(owner)
    return {"without_permission": without_permission, "app": get_app() if without_permission else None}


def _preview(form: TemplateForm) -> dict[str, object]:
    """Return the context of the preview; without a plan if GitHub does not show the template."""
    typed = form.cleaned_data
    try:
        is_known = check_template(template=typed["template"], github=client(), at=timezone.now())
    except CreationError as error:
        form.add_error("template", str(error))
        return {}
    plan = queries.plan_creation(
        form.pattern, template=typed["template"], prefix=typed["prefix"], part_id=typed["part_id"]
    )
    return {"plan": plan, "is_known": is_known}


@signed_in("GET")
def run(request: PageRequest, cohort_id: UUID, run_id: UUID) -> HttpResponse:
    """Show the progress of a run."""
    found = access.run_for_operator(cohort_id, run_id, account_id=request.principal.account_id)
    rows = queries.creations(found)
    context = {
        "cohort": found.cohort,
        "run": found,
        "creations": rows,
        "progress": queries.progress_of(rows, at=timezone.now()),
        "without_login": queries.members_without_login(found),
    }
    context |= _permission(found.owner)
    template = "repositories/run.html#progress" if request.htmx else "repositories/run.html"
    return render(request, template, context)


@signed_in("POST")
def retry(request: PageRequest, cohort_id: UUID, run_id: UUID) -> HttpResponse:
    """Try again what failed in a run."""
    found = access.run_for_operator(cohort_id, run_id, account_id=request.principal.account_id)
    count = retry_failed(run=found, at=timezone.now())
    enqueue_on_commit(tasks.create_repositories)
    message = ngettext(
        "%(count)d repository is tried again.", "%(count)d repositories are tried again.", count
    )
    messages.success(request, message % {"count": count})
    return redirect("repositories:run", cohort_id, run_id)


app_name = "repositories"
urlpatterns = [
    path("cohorts/<uuid:cohort_id>/repositories/", repositories, name="list"),
    path("cohorts/<uuid:cohort_id>/repositories/patterns/", new_pattern, name="new_pattern"),
    path("cohorts/<uuid:cohort_id>/repositories/patterns/<uuid:pattern_id>/", create, name="create"),
    path("cohorts/<uuid:cohort_id>/repositories/runs/<uuid:run_id>/", run, name="run"),
    path("cohorts/<uuid:cohort_id>/repositories/runs/<uuid:run_id>/retry/", retry, name="retry"),
    path("cohorts/<uuid:cohort_id>/repositories/<uuid:repository_id>/", repository, name="repository"),
]
