"""Pages: what I handed in, handing in by a link, and what waits for an operator."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chassis.errors import DomainError
from chassis.web.auth import PageRequest, signed_in
from study.cohorts.access import membership_for_mentor, membership_for_operator
from study.mirrors.templatetags.people import person
from study.missions.access import mission_to_read
from study.missions.models import Mission
from study.missions.queries import due_of, row_of
from study.submissions import access, actions, queries
from study.submissions.actions import links
from study.submissions.forms import LinkForm, MatchForm
from study.submissions.github import client
from study.submissions.models import Outcome, PastedLink, Pull, State


@require_GET
@signed_in
def mine(request: PageRequest) -> HttpResponse:
    """What the reader has handed in."""
    page = queries.mine(request.principal.account_id, cursor=request.GET.get("cursor"))
    return render(request, "submissions/mine.html", {"page": page})


@require_GET
@signed_in
def of_cohort(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """What was handed in in a cohort, for its mentors and operators."""
    membership = membership_for_mentor(cohort_id, account_id=request.principal.account_id)
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    page = queries.of_cohort(cohort_id, state=state, cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "cohort": membership.cohort,
        "membership": membership,
        "state": state,
        "states": State.choices,
    }
    return render(request, "submissions/cohort.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def submit(request: PageRequest, mission_id: UUID) -> HttpResponse:
    """Hand in by a link."""
    mission, membership = mission_to_read(mission_id, account_id=request.principal.account_id)
    form = LinkForm(request.POST or None)

    if form.is_valid():
        try:
            taken = actions.paste_link(
                mission=mission,
                membership=membership,
                link=form.cleaned_data["link"],
                github=client(),
                at=timezone.now(),
            )
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return _handed_in(request, mission_id, taken)

    context = {
        "form": form,
        "mission": mission,
        "cohort": mission.cohort,
        "due": due_of(mission, membership),
        "is_hidden": row_of(mission, membership, at=timezone.now()).is_hidden,
        "noted": [(link, _refusal(link, mission)) for link in queries.noted_links(mission.id, membership.id)],
    }
    return render(request, "submissions/submit.html", context, status=422 if form.is_bound else 200)


_REFUSALS: dict[str, type[DomainError]] = {
    one.code: one
    for one in (
        links.OtherRepository,
        links.NoSuchPull,
        links.OpenedByBot,
        links.ClosedPull,
        links.NotYours,
        links.Unanswered,
    )
}


def _refusal(link: PastedLink, mission: Mission) -> DomainError | None:
    """Why a noted link could not be handed in; None while it waits."""
    return _REFUSALS[link.error](repository=mission.repository) if link.error else None


def _handed_in(request: PageRequest, mission_id: UUID, taken: actions.Taken | actions.Noted) -> HttpResponse:
    if isinstance(taken, actions.Noted):
        messages.warning(
            request,
            _(
                "GitHub does not answer right now. Your link is noted with this moment, and is handed in "
                "by itself as soon as GitHub answers."
            ),
        )
        return redirect("submissions:submit", mission_id)
    if taken.submission:
        messages.success(request, _("Handed in. New commits are handed in by themselves from now on."))
        return redirect("reviews:submission", taken.submission.id)
    messages.warning(request, _WAITS.get(taken.outcome, _WAITS[Outcome.UPDATED])())
    return redirect("submissions:submit", mission_id)


_WAITS = {
    Outcome.CLAIMED: lambda: _(
        "We do not know the GitHub account that opened it, so an operator will confirm that it is yours. "
        "It counts from this moment."
    ),
    Outcome.SECOND_PULL: lambda: _(
        "You have handed in another pull request for this mission. Close that one first, or ask an operator."
    ),
    Outcome.DISMISSED: lambda: _("An operator said that this is no submission. Ask them if it is one."),
    Outcome.DRAFT: lambda: _(
        "It is still a draft. Mark it as ready on GitHub, and it is handed in by itself."
    ),
    Outcome.UPDATED: lambda: _("GitHub shows nothing to hand in there yet."),
}


@require_GET
@signed_in
def pulls(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Pull requests that are nobody's submission: those that wait, or those that were set aside."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    shows_aside = request.GET.get("show") == "aside"
    rows = queries.dismissed if shows_aside else queries.unmatched
    context = {
        "cohort": cohort,
        "page": rows(cohort_id, cursor=request.GET.get("cursor")),
        "shows_aside": shows_aside,
        "members": [] if shows_aside else queries.members(cohort_id),
    }
    return render(request, "submissions/pulls.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def match(request: PageRequest, pull_id: UUID) -> HttpResponse:
    """Make a pull request a member's submission: first what it means, then, posted, done."""
    pull = access.pull_to_settle(pull_id, account_id=request.principal.account_id)
    choices = [(str(one.membership_id), person(one.name)) for one in queries.members(pull.cohort_id)]
    form = MatchForm(choices, request.GET)
    if not form.is_valid():
        context = {"form": form, "pull": pull, "cohort": pull.mission.cohort}
        return render(request, "submissions/match.html", context, status=422)
    member = access.member_to_match(pull, UUID(form.cleaned_data["member"]))

    if request.method == "POST":
        actions.match_pull(pull=pull, membership=member, by=request.principal.account_id, at=timezone.now())
        messages.success(request, _("It is their submission now."))
        return redirect("submissions:pulls", pull.cohort_id)

    return _confirm(request, pull, queries.matching(pull, member))


def _confirm(request: PageRequest, pull: Pull, matching: queries.Matching) -> HttpResponse:
    words = {"name": person(matching.name), "login": pull.author_login, "first": matching.replaces}
    lines = [_("Its commits count from GitHub's time of the push.")]
    if matching.learns:
        lines.append(_("From now on, what the GitHub account %(login)s opens is theirs by itself.") % words)
    if matching.is_anothers:
        lines.append(
            _("The GitHub account %(login)s is not theirs, so only this one becomes theirs.") % words
        )
    if matching.replaces:
        lines.append(_("Their submission until now, #%(first)s, is set aside.") % words)
    context = {
        "title": _("Is #%(number)s the submission of %(name)s?") % {"number": pull.number, **words},
        "lines": lines,
        "button": _("Yes, match them"),
        "back": reverse("submissions:pulls", args=[pull.cohort_id]),
        "cohort": pull.mission.cohort,
    }
    return render(request, "chassis/confirm.html", context)


@require_POST
@signed_in
def dismiss(request: PageRequest, pull_id: UUID) -> HttpResponse:
    """Set a pull request aside; the list of those set aside takes it back."""
    pull = access.pull_to_settle(pull_id, account_id=request.principal.account_id)
    actions.dismiss_pull(pull=pull, by=request.principal.account_id, at=timezone.now())
    messages.success(request, _("Set aside. You can take it back under “Set aside”."))
    return redirect("submissions:pulls", pull.cohort_id)


@require_POST
@signed_in
def restore(request: PageRequest, pull_id: UUID) -> HttpResponse:
    """Take a pull request back that was set aside."""
    pull = access.pull_to_settle(pull_id, account_id=request.principal.account_id)
    actions.restore_pull(pull=pull, at=timezone.now())
    messages.success(request, _("Taken back."))
    return redirect("submissions:pulls", pull.cohort_id)


app_name = "submissions"
urlpatterns = [
    path("submissions/", mine, name="mine"),
    path("missions/<uuid:mission_id>/submit/", submit, name="submit"),
    path("cohorts/<uuid:cohort_id>/submissions/", of_cohort, name="cohort"),
    path("cohorts/<uuid:cohort_id>/pulls/", pulls, name="pulls"),
    path("submissions/pulls/<uuid:pull_id>/match/", match, name="match"),
    path("submissions/pulls/<uuid:pull_id>/dismiss/", dismiss, name="dismiss"),
    path("submissions/pulls/<uuid:pull_id>/restore/", restore, name="restore"),
]
