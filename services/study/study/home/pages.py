"""Where people land: the root, the menu, a member's week, an operator's overview."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from chassis.errors import NotFound
from chassis.web.auth import PageRequest, Principal, may_be_signed_in, signed_in, to_renew
from study.cohorts.access import company_to_read, seat_to_read
from study.cohorts.models import Membership, Role
from study.home import queries
from study.home.rules import safe_cell
from study.memberships.forms import PartForm
from study.memberships.queries import parts_of
from study.mirrors.templatetags.people import person
from study.submissions.templatetags.states import word

# The cohort that was looked at last in this browser, for pages that belong to none.
COHORT_COOKIE = "study_cohort"
COHORT_KEPT_FOR = timedelta(days=365)
# In the place of a part's id: the members who are in none.
NO_PART = "none"


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """The way in: to the cohort that was chosen last, or to what can be done without one."""
    if may_be_signed_in(request):
        return to_renew(request, is_open=True)
    principal: Principal | None = request.principal  # type: ignore[attr-defined]
    if principal is None:
        return render(request, "home/welcome.html")
    seat = _current(request, queries.seats(principal.account_id))
    return redirect("home:cohort", seat.cohort_id) if seat else redirect("cohorts:list")


@require_safe
@signed_in
def cohort(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """A cohort as its operators see it; mentors go to their queue and members to their week."""
    seat, everybody = company_to_read(cohort_id, account_id=request.principal.account_id)
    if seat.role == Role.MENTOR:
        return _chosen(redirect("reviews:queue"), cohort_id)
    if seat.role == Role.MEMBER:
        return _chosen(redirect("home:week", cohort_id), cohort_id)
    picture = queries.overview(seat, everybody, now=timezone.now())
    part = request.GET.get("part")
    chosen = next((one for one in picture.parts if str(one[0]) == part), None)
    shows_partless = part == NO_PART and picture.without_part > 0
    rows = picture.rows
    if chosen or shows_partless:
        rows = [row for row in rows if row.part == (chosen[1] if chosen else None)]
    context = {
        "cohort": seat.cohort,
        "picture": picture,
        "part": chosen,
        "shows_partless": shows_partless,
        "rows": rows,
        "now": timezone.now(),
        "legend": queries.words_in(rows),
    }
    return _chosen(render(request, "home/overview.html", context), cohort_id)


def _chosen(response: HttpResponse, cohort_id: UUID) -> HttpResponse:
    """Remember the cohort for pages that belong to none."""
    response.set_cookie(
        COHORT_COOKIE,
        str(cohort_id),
        max_age=COHORT_KEPT_FOR,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _current(request: HttpRequest, seats: Sequence[Membership]) -> Membership | None:
    """The place in the cohort of the page that asks, the one looked at last, or the newest that runs."""
    by_cohort = {str(seat.cohort_id): seat for seat in seats}
    wanted = (request.GET.get("cohort", ""), request.COOKIES.get(COHORT_COOKIE, ""))
    named = [by_cohort[cohort_id] for cohort_id in wanted if cohort_id in by_cohort]
    running = [seat for seat in seats if seat.cohort.closed_at is None]
    return next(iter([*named, *running, *seats]), None)


@require_safe
@signed_in
def overview_csv(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """The overview as a spreadsheet: a member a line, a week a column."""
    seat, everybody = company_to_read(cohort_id, account_id=request.principal.account_id)
    if seat.role != Role.OPERATOR:
        raise NotFound
    picture = queries.overview(seat, everybody, now=timezone.now())

    name = slugify(seat.cohort.title, allow_unicode=True) or "cohort"
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    # A byte order mark, without which Excel takes Korean for something else.
    response.write("\ufeff")
    table = csv.writer(response)
    table.writerow(
        [
            _("Member"),
            _("Part"),
            *(_("Week %(n)d") % {"n": week.number} for week in picture.weeks),
            _("Missing"),
        ]
    )
    for row in picture.rows:
        states = [str(word(cell.word)) if cell.word else "" for cell in row.cells]
        table.writerow([safe_cell(person(row.name)), safe_cell(row.part or ""), *states, row.missing])

    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{name}.csv") or "attachment"
    )
    return response


@require_safe
@signed_in
def week(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """What a member has to do, the most urgent first."""
    seat = seat_to_read(cohort_id, account_id=request.principal.account_id)
    now = timezone.now()
    lacks_part = seat.role == Role.MEMBER and seat.part_id is None and seat.cohort.closed_at is None
    parts = parts_of(seat.cohort) if lacks_part else []
    context = {
        "cohort": seat.cohort,
        "seat": seat,
        "picture": queries.my_week(seat, now=now),
        "now": now,
        "form": PartForm(parts=parts) if parts else None,
    }
    return render(request, "home/week.html", context)


@dataclass(frozen=True)
class Place:
    """An entry of the menu."""

    url: str
    label: str
    icon: str
    current: bool


@require_safe
@signed_in
def nav(request: PageRequest) -> HttpResponse:
    """The menu of the reader's role in the cohort of the page they are on, else in the one looked at last."""
    seats = queries.seats(request.principal.account_id)
    seat = _current(request, seats)
    context = {
        "cohort": seat.cohort if seat else None,
        "cohorts": [one.cohort for one in seats],
        "places": _places(seat, request.GET.get("at", "")),
    }
    template = "chassis/nav.html#fragment" if request.htmx else "chassis/nav.html"
    response = render(request, template, context)
    is_asked = seat is not None and request.GET.get("cohort") == str(seat.cohort_id)
    return _chosen(response, seat.cohort_id) if seat and is_asked else response


@dataclass(frozen=True)
class Entry:
    """A place that a role has. Pages below `also` belong to it too."""

    url: str
    label: str
    icon: str
    also: str = ""

    def holds(self, at: str) -> int:
        """How much of the page's address it accounts for."""
        return max((len(url) for url in (self.url, self.also) if url and at.startswith(url)), default=0)


def _places(seat: Membership | None, at: str) -> list[Place]:
    entries = _entries(seat)
    # The longest address that the page's begins with: an overview is not current on every page below it.
    best = max((entry.holds(at) for entry in entries), default=0)
    return [
        Place(entry.url, entry.label, entry.icon, best > 0 and entry.holds(at) == best) for entry in entries
    ]


def _entries(seat: Membership | None) -> list[Entry]:
    if seat is None:
        return [Entry(reverse("cohorts:list"), _("Cohorts"), "users")]
    here = {
        name: reverse(name, args=[seat.cohort_id])
        for name in (
            "home:cohort",
            "home:week",
            "memberships:members",
            "memberships:invitations",
            "memberships:mine",
            "missions:list",
            "submissions:pulls",
            "submissions:cohort",
            "hooks:settings",
            "reviews:assign",
            "announcements:list",
            "cohorts:settings",
        )
    }
    missions = Entry(here["missions:list"], _("Missions"), "book", "/missions/")
    announcements = Entry(here["announcements:list"], pgettext("menu", "News"), "horn", "/announcements/")
    mine = Entry(here["memberships:mine"], _("My place"), "user", f"{here['home:cohort']}leave/")
    if seat.role == Role.MEMBER:
        own = Entry(reverse("submissions:mine"), pgettext("menu", "My work"), "pr")
        return [Entry(here["home:week"], _("This week"), "home"), missions, own, announcements, mine]
    if seat.role == Role.MENTOR:
        everyones = Entry(here["submissions:cohort"], _("Submissions"), "pr", "/submissions/")
        return [
            Entry(reverse("reviews:queue"), _("Reviews"), "eye"),
            everyones,
            missions,
            announcements,
            mine,
        ]
    return [
        Entry(here["home:cohort"], _("Overview"), "home"),
        Entry(here["memberships:members"], _("Members"), "users", here["memberships:invitations"]),
        missions,
        Entry(here["submissions:pulls"], pgettext("menu", "Pull requests"), "pr", here["hooks:settings"]),
        Entry(here["reviews:assign"], _("Who reviews"), "eye", "/reviews/"),
        announcements,
        Entry(here["cohorts:settings"], _("Settings"), "gear"),
        mine,
    ]


app_name = "home"
urlpatterns = [
    path("", root, name="root"),
    path("nav/", nav, name="nav"),
    path("cohorts/<uuid:cohort_id>/", cohort, name="cohort"),
    path("cohorts/<uuid:cohort_id>/overview.csv", overview_csv, name="csv"),
    path("cohorts/<uuid:cohort_id>/week/", week, name="week"),
]
