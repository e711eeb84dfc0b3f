"""Announcements reach exactly their audience, and can be withdrawn and restored."""

from __future__ import annotations

import re

import pytest

from chassis.events.models import OutboxEvent
from chassis.testing import NOW, assert_constant_queries
from study.announcements import actions, queries
from study.announcements.models import Announcement, AnnouncementDraft
from study.cohorts.actions import PartInUse, TeamInUse, delete_part, delete_team
from study.cohorts.models import Membership, Role, Team
from study.missions.actions.missions import NoSuchPart
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER, announcement_page


def say(club, part=None, title="OT 안내", **more):
    return actions.publish_announcement(
        cohort=club.cohort,
        part_id=part.id if part else None,
        author_id=OLGA,
        title=title,
        body="**금요일** 19시에 만나요.",
        at=NOW,
        **more,
    )


def test_everyone_but_the_author_is_notified(club, published):
    say(club)

    [event] = published("study.announcement_published.v1")
    assert set(event["recipients"]) == {str(ADA), str(BORIS)}
    assert event["excerpt"] == "금요일 19시에 만나요."


def test_a_part_and_the_operators_are_notified(club, published):
    second = Membership.objects.create(
        cohort=club.cohort, account_id=CLARA, role=Role.OPERATOR, joined_at=NOW
    )
    say(club, part=club.frontend)

    [event] = published("study.announcement_published.v1")
    assert event["recipients"] == [str(second.account_id)]


def test_another_cohorts_part_is_refused(club):
    from study.cohorts.models import Part

    foreign = Part.objects.create(cohort=club.other, name="디자인", position=1)
    with pytest.raises(NoSuchPart):
        say(club, part=foreign)
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("kind", ["study", "project"])
def test_a_team_its_mentor_and_the_operators_read_it(club, published, as_principal, api_as, kind):
    club.cohort.teams.filter(id=club.team.id).update(kind=kind, mentor_id=BORIS)
    field = {"study": "study_team", "project": "team"}[kind]
    Membership.objects.filter(id=club.ada.id).update(**{"team": None, field: club.team})
    other = Membership.objects.create(
        cohort=club.cohort, account_id=CLARA, role=Role.MEMBER, part=club.backend, joined_at=NOW
    )
    address = f"/api/v1/study/cohorts/{club.cohort.id}/announcements"
    body = {"title": "팀 회의", "body": "내일", "team_id": str(club.team.id)}

    made = api_as(OLGA).post(address, body, format="json").json()

    assert made["team_id"] == str(club.team.id)
    [event] = published("study.announcement_published.v1")
    assert set(event["recipients"]) == {str(ADA), str(BORIS)}
    for who, count in [(ADA, 1), (BORIS, 1), (OLGA, 1), (other.account_id, 0)]:
        assert len(api_as(who).get(address).json()["results"]) == count
        status = as_principal(who).get(f"/cohorts/{club.cohort.id}/announcements/{made['id']}/").status_code
        assert status == (200 if count else 404)


def test_a_part_and_a_team_or_another_cohorts_team_are_refused(club, api_as):
    address = f"/api/v1/study/cohorts/{club.cohort.id}/announcements"
    foreign = club.other.teams.create(name="남의 팀")
    body = {"title": "팀 회의", "body": "내일", "part_id": None, "team_id": str(club.team.id)}

    both = api_as(OLGA).post(address, {**body, "part_id": str(club.backend.id)}, format="json")
    theirs = api_as(OLGA).post(address, {**body, "team_id": str(foreign.id)}, format="json")

    assert (both.json()["code"], theirs.json()["code"]) == ("part_and_team", "no_such_team")
    assert not Announcement.objects.exists()


def test_a_team_with_announcements_is_not_deleted(club, api_as):
    Membership.objects.update(team=None)
    say(club, team_id=club.team.id)

    refused = api_as(OLGA).delete(f"/api/v1/study/cohorts/{club.cohort.id}/teams/{club.team.id}")

    assert refused.json()["code"] == "team_in_use"


def test_a_reader_sees_what_is_for_them(club):
    say(club, title="모두")
    say(club, part=club.backend, title="백엔드")
    say(club, part=club.frontend, title="프론트엔드")
    actions.withdraw(announcement=say(club, title="취소"), at=NOW)

    mine = queries.announcements(club.ada).rows
    assert {row.title for row in mine} == {"모두", "백엔드"}
    assert len(queries.announcements(club.olga).rows) == 4


def test_a_list_costs_the_same_whatever_its_size(club):
    say(club, title="모두")

    assert_constant_queries(
        lambda: queries.announcements(club.olga), lambda: [say(club, title=f"{n}") for n in range(5)]
    )


def test_writing_shows_a_preview_before_anything_is_published(club, as_principal):
    operator, address = as_principal(OLGA), f"/cohorts/{club.cohort.id}/announcements/new/"

    shown = operator.post(
        address, {"title": "OT", "body": "**굵게** <script>alert(1)</script>", "preview": "1"}
    )
    assert "<strong>굵게</strong>" in shown.content.decode()
    assert "<script>alert" not in shown.content.decode()
    assert not Announcement.objects.exists()


def test_only_what_was_looked_at_is_published(club, as_principal):
    operator, address = as_principal(OLGA), f"/cohorts/{club.cohort.id}/announcements/new/"
    typed = {"title": "OT", "body": "금요일\r\n19시", "part_id": str(club.backend.id)}

    def looked_at(**said: str) -> str:
        found = re.search(r'name="seen" value="(\w+)"', operator.post(address, said).content.decode())
        assert found
        return found[1]

    seen = looked_at(**typed)
    for other in ({"body": "토요일"}, {"title": "MT"}, {"part_id": ""}, {"seen": ""}):
        refused = operator.post(address, {**typed, "seen": seen, "publish": "1", **other})
        assert refused.status_code == 422
        assert "미리 본 뒤에 바뀌었어요" in refused.content.decode()
    assert not Announcement.objects.exists()

    again = looked_at(**typed | {"body": "토요일"}, publish="1", seen=seen)
    sent = operator.post(address, {**typed, "body": "토요일", "seen": again, "publish": "1"})
    announcement = Announcement.objects.get()
    assert sent["Location"] == announcement_page(announcement)
    assert (announcement.body, announcement.part) == ("토요일", club.backend)


def test_a_part_with_announcements_cannot_be_deleted(club):
    say(club, part=club.frontend)

    with pytest.raises(PartInUse):
        delete_part(part=club.frontend, at=NOW)

    assert Announcement.objects.get().part == club.frontend


def test_a_part_or_a_team_with_a_draft_cannot_be_deleted(club):
    team = Team.objects.create(cohort=club.cohort, name="5조")
    for audience in ({"part": club.frontend}, {"team": team}):
        AnnouncementDraft.objects.create(cohort=club.cohort, title="OT", body="금요일", **audience)

    with pytest.raises(PartInUse):
        delete_part(part=club.frontend, at=NOW)
    with pytest.raises(TeamInUse):
        delete_team(team=team)

    assert AnnouncementDraft.objects.count() == 2


def test_what_was_typed_comes_back(club, as_principal):
    address = f"/cohorts/{club.cohort.id}/announcements/new/"
    response = as_principal(OLGA).post(address, {"title": "", "body": "적은 것", "publish": "1"})

    assert response.status_code == 422
    assert "적은 것" in response.content.decode()


@pytest.mark.parametrize("who", [ADA, BORIS, CLARA])
def test_only_operators_of_the_cohort_write_and_withdraw(club, as_principal, who):
    announcement = say(club)
    browser = as_principal(who)

    assert browser.get(f"/cohorts/{club.cohort.id}/announcements/new/").status_code == 404
    assert browser.post(f"{announcement_page(announcement)}withdraw/").status_code == 404
    announcement.refresh_from_db()
    assert announcement.withdrawn_at is None


def test_a_withdrawn_one_is_gone_for_readers_and_can_be_put_back(club, as_principal):
    announcement = say(club)
    as_principal(OLGA).post(f"{announcement_page(announcement)}withdraw/")
    gone = as_principal(ADA).get(announcement_page(announcement))
    assert gone.status_code == 410
    assert "운영진이 내린 공지예요" in gone.content.decode()
    assert f'href="/cohorts/{club.cohort.id}/announcements/"' in gone.content.decode()
    assert announcement.title not in gone.content.decode()
    assert (
        "운영진이 내린 공지예요"
        not in as_principal(STRANGER).get(announcement_page(announcement)).content.decode()
    )
    assert as_principal(OLGA).get(announcement_page(announcement)).status_code == 200

    as_principal(OLGA).post(f"{announcement_page(announcement)}restore/")
    assert as_principal(ADA).get(announcement_page(announcement)).status_code == 200


def test_a_withdrawn_one_for_another_part_or_cohort_was_never_there(club, as_principal):
    announcement = say(club, part=club.frontend)
    as_principal(OLGA).post(f"{announcement_page(announcement)}withdraw/")

    for who in (ADA, CLARA):
        assert as_principal(who).get(announcement_page(announcement)).status_code == 404


def test_the_same_by_rest(club, api_as):
    address = f"/api/v1/study/cohorts/{club.cohort.id}/announcements"
    announcement = api_as(OLGA).post(address, {"title": "OT", "body": "만나요"})

    assert announcement.status_code == 201
    assert announcement.json()["author_name"] == "Olga"
    assert [row["title"] for row in api_as(ADA).get(address).json()["results"]] == ["OT"]
    assert api_as(ADA).post(address, {"title": "OT", "body": "만나요"}).status_code == 404
    assert api_as(OLGA).delete(f"/api/v1/study/announcements/{announcement.json()['id']}").status_code == 204
    assert api_as(ADA).get(f"/api/v1/study/announcements/{announcement.json()['id']}").status_code == 404


def test_the_pages_cost_the_same_however_many_there_are(club, as_principal):
    first = say(club, title="공지")
    ada = as_principal(ADA)

    def open_pages() -> None:
        ada.get(f"/cohorts/{club.cohort.id}/announcements/")
        ada.get(announcement_page(first))

    # The first opening of an announcement is recorded.
    open_pages()
    assert_constant_queries(open_pages, lambda: [say(club, title=f"공지 {n}") for n in range(30)])


def test_a_long_list_goes_on_by_cursor(club, as_principal):
    for n in range(30):
        say(club, title=f"공지 {n}")
    ada = as_principal(ADA)

    first = ada.get(f"/cohorts/{club.cohort.id}/announcements/")

    assert first.content.decode().count('class="row"') == 25
    onward = first.context["page"].next
    rest = ada.get(f"/cohorts/{club.cohort.id}/announcements/", {"cursor": onward})
    assert rest.content.decode().count('class="row"') == 5


def test_an_empty_list_says_what_will_be_there(club, as_principal):
    address = f"/cohorts/{club.cohort.id}/announcements/"

    assert f"{address}new/" in as_principal(OLGA).get(address).content.decode()
    assert f"{address}new/" not in as_principal(ADA).get(address).content.decode()


def test_images_of_a_text_may_come_over_https_and_nothing_else_from_elsewhere(club, as_principal):
    announcement = say(club)

    for page in (announcement_page(announcement), f"/cohorts/{club.cohort.id}/announcements/new/"):
        policy = as_principal(OLGA).get(page)["Content-Security-Policy"]
        assert "img-src 'self' data: https:" in policy
        assert policy.count("https:") == 1


def test_a_long_text_is_published_as_an_excerpt(club, published):
    actions.publish_announcement(
        cohort=club.cohort,
        part_id=None,
        author_id=OLGA,
        title="긴 공지",
        body="# 제목\n\n" + "아주 긴 글이에요. " * 100,
        at=NOW,
    )

    [event] = published("study.announcement_published.v1")
    assert event["excerpt"].startswith("제목 아주 긴 글이에요.")
    assert len(event["excerpt"]) <= 280


def test_restoring_notifies_nobody_again(club, api_as, published):
    announcement = say(club)
    api = api_as(OLGA)
    api.delete(f"/api/v1/study/announcements/{announcement.id}")

    back = api.post(f"/api/v1/study/announcements/{announcement.id}/restore")

    assert (back.status_code, back.json()["withdrawn_at"]) == (200, None)
    assert len(published("study.announcement_published.v1")) == 1


@pytest.fixture
def draft(club):
    return AnnouncementDraft.objects.create(
        cohort=club.cohort, part=club.backend, title="OT 안내", body="**금요일** 19시", planned_for=NOW
    )


def test_a_draft_is_looked_at_changed_and_published_once(club, draft, published, as_principal):
    olga, here = as_principal(OLGA), f"/cohorts/{club.cohort.id}/announcements/drafts/{draft.id}/"
    assert f'href="{here}"' in olga.get(f"/cohorts/{club.cohort.id}/announcements/").content.decode()
    initial = olga.get(here).context["form"]
    assert [initial[name].value() for name in ("title", "part_id", "team_id", "body")] == [
        "OT 안내",
        club.backend.id,
        None,
        "**금요일** 19시",
    ]

    typed = {"title": "OT 안내", "part_id": str(club.backend.id), "team_id": "", "body": "토요일 19시"}
    seen = olga.post(here, typed | {"preview": "1"}).context["form"].digest
    answer = olga.post(here, typed | {"publish": "1", "seen": seen})

    made = Announcement.objects.get()
    assert answer["Location"] == announcement_page(made)
    assert (made.body, made.part_id) == ("토요일 19시", club.backend.id)
    assert len(published("study.announcement_published.v1")) == 1
    assert olga.get(here).status_code == 404


def test_only_operators_see_drafts(club, draft, as_principal):
    ada = as_principal(ADA)

    assert draft.title not in ada.get(f"/cohorts/{club.cohort.id}/announcements/").content.decode()
    for path in ("", "delete/"):
        assert ada.get(f"/cohorts/{club.cohort.id}/announcements/drafts/{draft.id}/{path}").status_code == 404


def test_a_draft_is_deleted_after_a_confirmation(club, draft, as_principal):
    olga, here = as_principal(OLGA), f"/cohorts/{club.cohort.id}/announcements/drafts/{draft.id}/delete/"

    assert "OT 안내" in olga.get(here).content.decode()
    assert AnnouncementDraft.objects.exists()
    olga.post(here)

    assert not AnnouncementDraft.objects.exists()


def test_a_draft_is_published_once_and_by_its_own_cohort(club, draft, published, api_as):
    body = {"title": "OT 안내", "body": "금요일", "draft_id": str(draft.id)}
    path = "/api/v1/study/cohorts/{}/announcements"

    theirs = api_as(CLARA).post(path.format(club.other.id), body, format="json")
    assert (theirs.status_code, theirs.json()["code"]) == (409, "draft_gone")
    assert AnnouncementDraft.objects.exists()

    answers = [api_as(OLGA).post(path.format(club.cohort.id), body, format="json") for _press in range(2)]

    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["title"] == "이 임시 공지는 그사이 올렸거나 삭제했어요."
    assert not AnnouncementDraft.objects.exists()
    assert len(published("study.announcement_published.v1")) == 1
