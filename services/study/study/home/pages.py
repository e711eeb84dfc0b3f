"""Where people land: the root, the menu, a member's week, an operator's overview."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from chassis.web.caller import PageRequest, signed_in
from study.cohorts.access import seat_to_read, seat_to_run
from study.cohorts.models import Membership, Role
from study.home import queries
from study.home.rules import safe_cell


@require_GET
def root(request: HttpRequest) -> HttpResponse:
    """The way in: to one's newest cohort, or to what can be done without one."""
    caller = getattr(request, "caller", None)
    if caller is None:
        return render(request, "home/welcome.html")
    seats = queries.seats(caller.account_id)
    return redirect("home:cohort", seats[0].cohort_id) if seats else redirect("cohorts:list")


@require_GET
@signed_in
def cohort(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """A cohort as its operators see it; mentors go to their queue and members to their week."""
    seat = seat_to_read(cohort_id, account_id=request.caller.account_id)
    if seat.role == Role.MENTOR:
        return redirect("reviews:queue")
    if seat.role == Role.MEMBER:
        return redirect("home:week", cohort_id)
    picture = queries.overview(seat, now=timezone.now())
    part = request.GET.get("part")
    chosen = next((one for one in picture.parts if str(one[0]) == part), None)
    context = {
        "cohort": seat.cohort,
        "picture": picture,
        "part": chosen,
        "rows": [row for row in picture.rows if chosen is None or row.part == chosen[1]],
        "now": timezone.now(),
        "legend": ["merged", "released", "waiting", "changes_requested", "late", "missing", "not_yet"],
    }
    return render(request, "home/overview.html", context)


@require_GET
@signed_in
def overview_csv(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """The overview as a spreadsheet: a member a line, a week a column."""
    seat = seat_to_run(cohort_id, account_id=request.caller.account_id)
    picture = queries.overview(seat, now=timezone.now())

    name = slugify(seat.cohort.title, allow_unicode=True) or "cohort"
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    # A byte order mark, without which Excel takes Korean for something else.
    response.write("\ufeff")
    table = csv.writer(response)
    table.writerow(
        [_("Member"), _("Part"), *(_("Week %(n)d") % {"n": week.number} for week in picture.weeks)]
    )
    for row in picture.rows:
        cells = [safe_cell(row.name or ""), safe_cell(row.part or ""), *(cell.word for cell in row.cells)]
        table.writerow(cells)

    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{name}.csv") or "attachment"
    )
    return response


@require_GET
@signed_in
def week(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """What a member has to do, the most urgent first."""
    seat = seat_to_read(cohort_id, account_id=request.caller.account_id)
    now = timezone.now()
    context = {"cohort": seat.cohort, "seat": seat, "picture": queries.my_week(seat, now=now), "now": now}
    return render(request, "home/week.html", context)


@dataclass(frozen=True)
class Place:
    """An entry of the menu."""

    url: str
    label: str
    icon: str
    current: bool


@require_GET
@signed_in
def nav(request: PageRequest) -> HttpResponse:
    """The menu of the reader's role in the cohort of the page they are on, else in their newest."""
    seats = queries.seats(request.caller.account_id)
    asked = request.GET.get("cohort")
    seat = next((one for one in seats if str(one.cohort_id) == asked), seats[0] if seats else None)
    context = {
        "cohort": seat.cohort if seat else None,
        "cohorts": [one.cohort for one in seats],
        "places": _places(seat, request.GET.get("at", "")),
    }
    template = "chassis/nav.html#fragment" if request.htmx else "chassis/nav.html"
    return render(request, template, context)


def _places(seat: Membership | None, at: str) -> list[Place]:
    if seat is None:
        return [Place(url, label, icon, at.startswith(url)) for url, label, icon in _without_cohort()]
    entries = {Role.OPERATOR: _operator, Role.MENTOR: _mentor, Role.MEMBER: _member}[Role(seat.role)]
    places = [(reverse(name, args=args), label, icon) for name, args, label, icon in entries(seat.cohort_id)]
    # The longest address that the page's begins with: an overview is not current on every page below it.
    best = max((url for url, _label, _icon in places if at.startswith(url)), key=len, default=None)
    return [Place(url, label, icon, url == best) for url, label, icon in places]


def _without_cohort() -> list[tuple[str, str, str]]:
    return [(reverse("cohorts:list"), _("Cohorts"), "users")]


Entry = tuple[str, list[UUID], str, str]


def _member(cohort_id: UUID) -> list[Entry]:
    return [
        ("home:week", [cohort_id], _("This week"), "home"),
        ("missions:list", [cohort_id], _("Missions"), "book"),
        ("submissions:mine", [], _("My submissions"), "pr"),
        ("announcements:list", [cohort_id], _("Announcements"), "horn"),
    ]


def _mentor(cohort_id: UUID) -> list[Entry]:
    return [
        ("reviews:queue", [], _("Reviews"), "eye"),
        ("missions:list", [cohort_id], _("Missions"), "book"),
        ("announcements:list", [cohort_id], _("Announcements"), "horn"),
    ]


def _operator(cohort_id: UUID) -> list[Entry]:
    return [
        ("home:cohort", [cohort_id], _("Overview"), "home"),
        ("memberships:members", [cohort_id], _("Members"), "users"),
        ("missions:list", [cohort_id], _("Missions"), "book"),
        ("submissions:pulls", [cohort_id], _("Pull requests"), "pr"),
        ("reviews:assign", [cohort_id], _("Who reviews"), "eye"),
        ("announcements:list", [cohort_id], _("Announcements"), "horn"),
        ("cohorts:settings", [cohort_id], _("Settings"), "gear"),
    ]


app_name = "home"
urlpatterns = [
    path("", root, name="root"),
    path("nav/", nav, name="nav"),
    path("cohorts/<uuid:cohort_id>/", cohort, name="cohort"),
    path("cohorts/<uuid:cohort_id>/overview.csv", overview_csv, name="csv"),
    path("cohorts/<uuid:cohort_id>/week/", week, name="week"),
]
