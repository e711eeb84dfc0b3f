"""Repositories that are created from a template, one per member."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Membership
from study.github.client import Client, GitHubRefused, client
from study.github.models import GitHubLimit, Repository
from study.repositories.actions import templates
from study.repositories.models import CreationState, RepositoryCreation, TemplateRun
from tests.conftest import OLGA
from tests.repositories.conftest import OWNER, TEMPLATE

pytestmark = pytest.mark.django_db
FORM = {"template": TEMPLATE, "prefix": "week-", "part_id": "", "is_private": "on"}


def path_of(pattern):
    return f"/cohorts/{pattern.cohort_id}/repositories/patterns/{pattern.id}/"


def start(browser, pattern, **changes):
    """Preview and confirm; return the page of the run."""
    typed = FORM | changes
    form = browser.post(path_of(pattern), typed).context["form"]
    answer = browser.post(path_of(pattern), typed | {"seen": form.digest})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def states():
    return dict(RepositoryCreation.objects.values_list("login", "state"))


@pytest.fixture
def olga(as_principal):
    return as_principal(OLGA)


def test_twelve_are_created_though_github_limits_and_refuses_one(github, pattern, twelve, olga, work, clock):
    generate = f"/repos/{TEMPLATE}/generate"
    github.answers[generate] = [(403, {"Retry-After": "120"}, "You have exceeded a secondary rate limit")]
    refused = f"/repos/{OWNER}/week-member-05/collaborators/member-05"
    github.answers[refused] = [(422, {}, "Validation Failed")]

    page = start(olga, pattern)
    work()

    assert set(states().values()) == {CreationState.WAITING}
    assert not github.written
    assert GitHubLimit.objects.get().resumes_at > clock()
    work(20)
    assert len(github.written) == len(set(github.written)) == 12
    assert states().pop("member-05") == CreationState.FAILED
    assert list(states().values()).count(CreationState.DONE) == 11
    text = olga.get(page).content.decode()
    assert "12개 중 11개 생성" in text
    assert "Validation Failed" in text
    olga.post(f"{page}retry/")
    work()
    assert set(states().values()) == {CreationState.DONE}
    assert len(github.written) == 12
    assert {name: logins for name, logins in github.collaborators.items() if len(logins) > 1} == {}
    pinned = Repository.objects.filter(pattern=pattern, github_id__isnull=False)
    assert set(pinned.values_list("member", flat=True)) == {member.id for member in twelve}


def test_nothing_is_created_before_it_was_shown(github, pattern, twelve, club, olga):
    Membership.objects.create(
        cohort=club.cohort,
        account_id="00000000-0000-4000-8000-0000000000aa",
        role="member",
        joined_at="2026-11-01T00:00Z",
    )
    AccountMirror.objects.create(
        account_id="00000000-0000-4000-8000-0000000000aa", name="깃허브 없음", version=1
    )

    page = olga.post(path_of(pattern), FORM)
    changed = olga.post(path_of(pattern), FORM | {"prefix": "other-", "seen": page.context["form"].digest})

    text = page.content.decode()
    assert page.status_code == changed.status_code == 200
    assert "38-lets-sopt-server/week-ada-codes" in text
    assert "깃허브 없음" in text
    assert 'value="week-"' in text
    assert "38-lets-sopt-server/other-ada-codes" in changed.content.decode()
    assert not TemplateRun.objects.exists()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"template": "club/none"}, "템플릿"),
        ({"template": "club/*"}, "별표"),
        ({"template": "https://example.com/x"}, "example.com"),
        ({"prefix": "주차"}, "영문"),
    ],
)
def test_what_cannot_be_created_is_said_at_its_field(typed, message, github, pattern, olga):
    answer = olga.post(path_of(pattern), FORM | typed)

    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert next(iter(typed.values())) in answer.content.decode()


def test_a_repository_that_is_no_template_is_said(github, pattern, olga):
    github.add(f"{OWNER}/plain")

    answer = olga.post(path_of(pattern), FORM | {"template": f"{OWNER}/plain"})

    assert (answer.status_code, "Template repository" in answer.content.decode()) == (422, True)


def test_a_prefix_matches_the_pattern(github, club, olga):
    pattern = Repository.objects.create(cohort=club.cohort, name=f"{OWNER}/week-*")

    assert 'value="week-"' in olga.get(path_of(pattern)).content.decode()
    assert olga.post(path_of(pattern), FORM | {"prefix": "day-"}).status_code == 422


def test_pressing_twice_creates_once(github, pattern, twelve, olga, work):
    first, second = start(olga, pattern), olga.post(path_of(pattern), FORM)
    again = olga.post(path_of(pattern), FORM | {"seen": second.context["form"].digest})

    assert again["Location"] == first
    work(10)
    assert len(github.written) == RepositoryCreation.objects.count() == 12


def test_a_member_since_is_added(github, pattern, club, twelve, olga, work):
    late = twelve.pop()
    Membership.objects.filter(id=late.id).update(role="mentor")
    page = start(olga, pattern)
    Membership.objects.filter(id=late.id).update(role="member")

    assert start(olga, pattern) == page
    work(10)
    assert len(github.written) == 12


def test_an_answer_that_is_lost_creates_no_second_repository(github, pattern, olga, club, work):
    start(olga, pattern)
    github.answers[f"/repos/{TEMPLATE}/generate"] = [None]

    work(3)

    creation = RepositoryCreation.objects.get()
    assert (creation.state, github.written) == (CreationState.DONE, [creation.name])
    repository = Repository.objects.get(github_id=github.repositories[creation.name]["id"])
    assert (creation.repository, repository.member) == (repository, club.ada)


def test_a_worker_that_is_killed_before_it_stored_the_repository_finds_it_again(
    github, pattern, olga, work, clock, settings
):
    class Killed(Client):
        def generate_repository(self, *args, **options):
            super().generate_repository(*args, **options)
            raise SystemExit

    start(olga, pattern)
    creation = RepositoryCreation.objects.get()
    with pytest.raises(SystemExit):
        templates.create_repository(
            creation_id=creation.id, github=Killed(settings.GITHUB_API_URL, ""), at=clock()
        )
    work()
    assert states() == {"ada-codes": CreationState.WAITING}

    clock(templates.LEASE)
    work()

    assert states() == {"ada-codes": CreationState.DONE}
    assert github.written == [creation.name]
    assert Repository.objects.filter(pattern=pattern).count() == 1


def test_a_claimed_row_is_left_to_its_worker(github, pattern, olga, clock):
    start(olga, pattern)
    creation = RepositoryCreation.objects.get()
    assert RepositoryCreation.objects.filter(id=creation.id).claim(at=clock(), lease=templates.LEASE)

    templates.create_repository(creation_id=creation.id, github=client(), at=clock())

    assert RepositoryCreation.objects.get().attempts == 1
    assert not github.written


def test_a_worker_that_comes_back_late_overwrites_nothing(github, pattern, olga, work, clock, settings):
    class Late(Client):
        def generate_repository(self, *args, **options):
            clock(templates.LEASE)
            work()
            raise GitHubRefused(403, "Forbidden")

    start(olga, pattern)
    creation = RepositoryCreation.objects.get()

    templates.create_repository(creation_id=creation.id, github=Late(settings.GITHUB_API_URL, ""), at=clock())

    assert states() == {"ada-codes": CreationState.DONE}


def test_a_name_that_somebody_else_took_is_said_and_the_rest_goes_on(
    github, pattern, twelve, olga, work, clock
):
    github.add(f"{OWNER}/week-member-03", created_at=(clock() - timedelta(days=30)).isoformat())

    page = start(olga, pattern)
    work(10)

    assert states().pop("member-03") == CreationState.FAILED
    assert list(states().values()).count(CreationState.DONE) == 11
    assert "이미 있" in olga.get(page).content.decode()
    # An operator says that it is the member's.
    member = twelve[3]
    Repository.objects.create(
        cohort_id=pattern.cohort_id,
        name=f"{OWNER}/week-member-03",
        github_id=github.repositories[f"{OWNER}/week-member-03"]["id"],
        named_at=clock(),
        pattern=pattern,
        member=member,
    )
    olga.post(f"{page}retry/")
    work()
    assert set(states().values()) == {CreationState.DONE}


def test_a_template_that_is_gone_and_an_owner_that_refuses_are_said(github, pattern, twelve, olga, work):
    page = start(olga, pattern)
    del github.repositories[TEMPLATE]
    work(10)

    codes = set(RepositoryCreation.objects.values_list("error_code", flat=True))
    assert codes == {"template_gone"}
    assert "템플릿" in olga.get(page).content.decode()
    github.add(TEMPLATE, is_template=True)
    message = "You need admin access to the organization before adding a repository to it."
    github.answers[f"/repos/{TEMPLATE}/generate"] = [(403, {}, message)]
    olga.post(f"{page}retry/")
    work(10)
    refused = RepositoryCreation.objects.get(state=CreationState.FAILED)
    assert (refused.error_code, refused.error_message) == ("owner_refused", message)
    assert message in olga.get(page).content.decode()
    assert len(github.written) == 11


def test_github_that_is_down_is_asked_again(pattern, olga, club, settings, github, work):
    url, settings.GITHUB_API_URL = settings.GITHUB_API_URL, "http://127.0.0.1:1"
    page = olga.post(path_of(pattern), FORM)
    assert "응답하지" in page.content.decode()
    start(olga, pattern)
    work(3)
    assert states() == {"ada-codes": CreationState.WAITING}

    settings.GITHUB_API_URL = url
    work(5)

    assert states() == {"ada-codes": CreationState.DONE}


def test_without_a_token_it_is_said_at_once(github, pattern, olga, work):
    page = start(olga, pattern)
    github.answers[f"/repos/{TEMPLATE}/generate"] = [(401, {}, "Requires authentication")]

    work()

    assert RepositoryCreation.objects.get().error_code == "owner_refused"
    assert "권한" in olga.get(page).content.decode()
    olga.post(f"{page}retry/")
    work()
    assert states() == {"ada-codes": CreationState.DONE}


def test_a_member_who_left_gets_none(github, pattern, olga, club, work, clock):
    page = start(olga, pattern)
    Membership.objects.filter(id=club.ada.id).update(left_at=clock())

    work()

    assert RepositoryCreation.objects.get().error_code == "member_left"
    assert not github.written
    assert olga.get(page).status_code == 200


def test_a_closed_cohort_creates_nothing(github, pattern, olga, club, work, clock):
    start(olga, pattern)
    club.cohort.closed_at = clock()
    club.cohort.save(update_fields=["closed_at"])

    work(3)

    assert not github.written
    assert olga.post(path_of(pattern), FORM | {"seen": "x"}).status_code == 200


def test_the_pages_cost_the_same_for_more_members(
    github, pattern, twelve, olga, work, django_assert_max_num_queries
):
    page = start(olga, pattern)
    for path in (page, f"/cohorts/{pattern.cohort_id}/repositories/", path_of(pattern)):
        with django_assert_max_num_queries(12):
            assert olga.get(path).status_code == 200


def test_by_the_api(github, pattern, twelve, api_as, work):
    api, root = api_as(OLGA), f"/api/v1/study/cohorts/{pattern.cohort_id}"
    body = {"template": TEMPLATE, "prefix": "week-"}
    path = f"{root}/repository-patterns/{pattern.id}/runs"

    made = api.post(path, body)
    again = api.post(path, body)
    work(10)

    assert (made.status_code, made.json()["total"], made.json()["is_private"]) == (201, 12, True)
    assert again.json()["id"] == made.json()["id"]
    assert api.get(path).json()["results"][0]["done"] == 12
    rows = api.get(f"{root}/template-runs/{made.json()['id']}").json()["results"]
    assert {row["state"] for row in rows} == {"done"}
    assert api.post(path, body | {"template": "x*"}).status_code == 400
    assert api.post(f"{root}/template-runs/{made.json()['id']}/retry").json()["failed"] == 0
