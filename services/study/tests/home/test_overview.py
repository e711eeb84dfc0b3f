"""The operator's overview: who needs attention, reminders from it, the matrix, and a member's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.home.queries.attention import needs_attention
from study.home.queries.overview import overview
from study.reminders.actions import remind_missing
from study.reminders.models import Reminder, ReminderKind
from study.submissions.models import State, Submission
from tests.conftest import ADA, BORIS, OLGA, mission_page
from tests.home.test_queries import mission
from tests.reviews.conftest import create_submission

pytestmark = pytest.mark.django_db


def join(club: SimpleNamespace, name: str, part: Any = None) -> Membership:
    account_id = uuid4()
    AccountMirror.objects.create(account_id=account_id, name=name, version=1)
    return Membership.objects.create(
        cohort=club.cohort, account_id=account_id, role=Role.MEMBER, part=part, joined_at=NOW
    )


def attention(club: SimpleNamespace) -> list[tuple[str, str, int]]:
    found = needs_attention(club.cohort, overview(club.cohort, now=NOW), now=NOW)
    return [(row.member.name, row.reason, len(row.missions)) for row in found.rows]


def test_the_most_urgent_reason_comes_first_and_who_is_well_is_not_there(club: SimpleNamespace) -> None:
    missed = [mission(club, week, timedelta(days=-9 - week)) for week in (1, 2)]
    names = ["두 번 미제출", "한 번 미제출", "닫힌 PR", "수정 요청", "다 했어요"]
    people = {name: join(club, name, club.backend) for name in names}
    join(club, "파트 없음")
    Membership.objects.filter(id=club.ada.id).delete()
    for name, handed_in in [("한 번 미제출", 1), ("닫힌 PR", 2), ("수정 요청", 2), ("다 했어요", 2)]:
        for number, late in enumerate(missed[:handed_in]):
            create_submission(late, people[name], number=hash((name, number)) % 100_000)
    Submission.objects.filter(membership=people["닫힌 PR"], mission=missed[0]).update(
        state=State.CLOSED, released_at=NOW
    )
    Submission.objects.filter(membership=people["수정 요청"], mission=missed[1]).update(
        state=State.CHANGES_REQUESTED
    )

    assert attention(club) == [
        ("두 번 미제출", "missing", 2),
        ("파트 없음", "missing", 2),
        ("한 번 미제출", "missing", 1),
        ("닫힌 PR", "closed", 1),
        ("수정 요청", "changes_requested", 1),
    ]


def test_a_member_without_a_part_needs_attention_only_where_there_are_parts(club: SimpleNamespace) -> None:
    join(club, "파트 없음")

    assert attention(club) == [("파트 없음", "no_part", 0)]

    Membership.objects.update(part=None)
    club.cohort.parts.all().delete()
    assert attention(club) == []


def test_everybody_who_missed_a_deadline_is_reminded_by_one_press_and_once_a_day(
    club: SimpleNamespace, as_principal: Callable[..., Any], published: Callable[[str], list[dict[str, Any]]]
) -> None:
    missed = [mission(club, week, timedelta(days=-4000 - week)) for week in (1, 2)]
    mission(club, 3, timedelta(days=40_000), part=club.backend)
    late = join(club, "보람", club.frontend)
    create_submission(missed[0], late, number=5)
    here, olga = f"/cohorts/{club.cohort.id}/", as_principal(OLGA)

    answer = olga.post(f"{here}remind/?part=none&sort=missing")

    assert answer["Location"] == f"{here}?part=none&sort=missing"
    asked = set(Reminder.objects.filter(kind=ReminderKind.ASKED).values_list("account_id", "mission_id"))
    assert asked == {(ADA, missed[0].id), (ADA, missed[1].id), (late.account_id, missed[1].id)}
    events = len(published("study.members_reminded.v1"))
    assert events == 2
    page = olga.get(here).content.decode()
    assert "2명에게 알렸어요." in page
    assert f'action="{here}remind/' not in page

    olga.post(f"{here}remind/")

    assert Reminder.objects.filter(kind=ReminderKind.ASKED).count() == 3
    assert len(published("study.members_reminded.v1")) == events


def test_one_member_is_reminded_from_the_list_and_from_their_page(
    club: SimpleNamespace, as_principal: Callable[..., Any]
) -> None:
    mission(club, 1, timedelta(days=-4000))
    other = join(club, "보람", club.backend)
    here, olga = f"/cohorts/{club.cohort.id}/", as_principal(OLGA)

    olga.post(f"{here}remind/", {"account_id": str(ADA)})
    answer = olga.post(f"{here}members/{other.id}/remind/", {"account_id": str(other.account_id)})

    assert answer["Location"] == f"{here}members/{other.id}/missions/"
    assert set(Reminder.objects.values_list("account_id", flat=True)) == {ADA, other.account_id}
    assert "운영진이 보냄" in olga.get(answer["Location"]).content.decode()


def test_nonsense_or_a_closed_cohort_reminds_nobody(
    club: SimpleNamespace, as_principal: Callable[..., Any], api_as: Callable[..., Any]
) -> None:
    mission(club, 1, timedelta(days=-4000))
    here = f"/cohorts/{club.cohort.id}/"
    assert as_principal(OLGA).post(f"{here}remind/", {"account_id": "nonsense"}).status_code == 302
    for who in (ADA, BORIS):
        assert as_principal(who).post(f"{here}remind/").status_code == 404

    club.cohort.closed_at = timezone.now()
    club.cohort.save(update_fields=["closed_at"])
    as_principal(OLGA).post(f"{here}remind/")
    answer = api_as(OLGA).post(f"/api/v1/study{here}reminders", {}, format="json")

    assert answer.json()["code"] == "cohort_closed"
    assert not Reminder.objects.exists()


def test_who_has_more_time_is_not_reminded_of_what_is_not_missed(club: SimpleNamespace) -> None:
    mission(club, 3, timedelta(hours=1))

    assert remind_missing(cohort=club.cohort, at=NOW) == 0


class TestTheMatrix:
    def page(self, club: SimpleNamespace, as_principal: Callable[..., Any], **query: str) -> Any:
        return as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/", query)

    def names(self, page: Any) -> list[str]:
        return [row.member.name for row in page.context["matrix"].page]

    def test_shows_fifty_members_a_page_and_grows_no_further(
        self, club: SimpleNamespace, as_principal: Callable[..., Any]
    ) -> None:
        missions = [mission(club, week, timedelta(days=week)) for week in range(1, 9)]
        for n in range(60):
            create_submission(missions[n % 8], join(club, f"멤버 {n:03}", club.backend), number=n + 1)
        before = self.page(club, as_principal)
        for n in range(60, 160):
            join(club, f"멤버 {n:03}", club.backend)
        after = self.page(club, as_principal)

        assert len(self.names(before)) == len(self.names(after)) == 50
        assert self.names(self.page(club, as_principal, page="2"))[0] == "멤버 049"
        assert len(after.content) - len(before.content) < 500
        assert self.names(self.page(club, as_principal, page="99")) == [
            "멤버 149",
            *[f"멤버 {n:03}" for n in range(150, 160)],
        ]

    def test_of_two_hundred_members_and_sixteen_missions_is_a_small_page(
        self, club: SimpleNamespace, as_principal: Callable[..., Any]
    ) -> None:
        missions = [mission(club, n % 8 + 1, timedelta(days=n - 12)) for n in range(16)]
        members = [join(club, f"멤버 {n:03}", club.backend) for n in range(199)]
        for n in range(199 * 12):
            if n % 5:
                create_submission(missions[n % 12], members[n // 12], number=n + 1)

        # Without its stylesheets, which are the same for any number.
        content = re.sub(rb"<style>.*?</style>", b"", self.page(club, as_principal).content)

        assert len(content) <= 150_000
        assert len(re.findall(rb"<[a-z]", content)) <= 3_000

    def test_is_filtered_and_sorted(self, club: SimpleNamespace, as_principal: Callable[..., Any]) -> None:
        late = mission(club, 1, timedelta(days=-4000))
        good = join(club, "가람", club.frontend)
        create_submission(late, good, number=3)
        Submission.objects.update(points=7, max_points=8, released_at=NOW, state=State.APPROVED)

        assert self.names(self.page(club, as_principal, sort="missing")) == ["Ada", "가람"]
        assert self.names(self.page(club, as_principal, sort="points")) == ["가람", "Ada"]
        assert self.names(self.page(club, as_principal, problems="1")) == ["Ada"]
        assert self.names(self.page(club, as_principal, q="ADA")) == ["Ada"]
        assert self.names(self.page(club, as_principal, team=str(club.ada.study_team_id or ""))) == [
            "Ada",
            "가람",
        ]
        nonsense = self.page(club, as_principal, part="\x00", team="x", sort="x", page="x", q="y" * 300)
        assert nonsense.status_code == 200

    def test_says_in_each_cell_how_the_member_stands(
        self, club: SimpleNamespace, as_principal: Callable[..., Any]
    ) -> None:
        missed = mission(club, 1, timedelta(days=-4000))
        mission(club, 2, timedelta(days=-4000), part=club.frontend)
        content = self.page(club, as_principal).content.decode()

        assert '<td class="none">대상 아님</td>' in content
        [link] = re.findall(r'<td class="problem danger"><a href="([^"]+)"', content)
        page, _hash, anchor = link.partition("#")
        assert page == f"members/{club.ada.id}/missions/"
        assert anchor == f"m-{missed.id.hex[:8]}"
        target = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/{page}").content.decode()
        assert f'id="{anchor}"' in target

    def test_alone_answers_a_request_of_htmx(
        self, club: SimpleNamespace, as_principal: Callable[..., Any]
    ) -> None:
        mission(club, 1, timedelta(days=-4000))
        fragment = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/", headers={"HX-Request": "true"})

        assert fragment.content.decode().lstrip().startswith('<section class="stack" id="matrix"')


def test_a_members_page_says_why_they_are_behind(
    club: SimpleNamespace, as_principal: Callable[..., Any]
) -> None:
    missed = mission(club, 1, timedelta(days=-4000))
    done = mission(club, 2, timedelta(days=-3990))
    create_submission(done, club.ada, number=4)
    Submission.objects.update(points=5, max_points=8, released_at=NOW, state=State.APPROVED)
    here = f"/cohorts/{club.cohort.id}/members/{club.ada.id}/missions/"

    page = as_principal(OLGA).get(here)

    progress = page.context["progress"]
    assert [task.mission for task in progress.missing] == [missed]
    assert (progress.submitted, progress.late, progress.points) == (1, 1, (5, 8))
    assert mission_page(missed) in page.content.decode()
    for who in (ADA, BORIS):
        assert as_principal(who).get(here).status_code == 404


def test_a_missions_page_says_who_has_submitted_and_who_has_not(
    club: SimpleNamespace, as_principal: Callable[..., Any]
) -> None:
    late = mission(club, 1, timedelta(days=-4000), part=club.backend)
    create_submission(late, join(club, "보람", club.backend), number=6)
    Submission.objects.update(points=5, max_points=8, released_at=NOW, state=State.APPROVED)
    join(club, "다른 파트", club.frontend)

    pages = {who: as_principal(who).get(mission_page(late)).content.decode() for who in (OLGA, BORIS, ADA)}

    progress = pages[OLGA].partition('id="h-progress"')[2].partition("</section>")[0]
    assert f'href="/cohorts/{club.cohort.id}/members/{club.ada.id}/missions/">Ada</a>' in progress
    assert "보람" in progress
    assert "다른 파트" not in progress
    assert '<th scope="row" class="num">5</th>' in progress
    assert "Ada" in pages[BORIS].partition('id="h-progress"')[2]
    assert f"/members/{club.ada.id}/" not in pages[BORIS]
    assert "h-progress" not in pages[ADA]
