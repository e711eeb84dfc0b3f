"""A member hands in by a link; GitHub's word counts, not the member's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chassis.account_mirror.models import AccountMirror
from chassis.errors import NotAllowed
from chassis.testing import NOW
from study.github.client import GitHubUnavailable
from study.github.models import GitHubLimit, Outcome, PullRequest, Source
from study.submissions.actions import links
from study.submissions.actions.links import MAX_ATTEMPTS, retry_link, submit_link
from study.submissions.actions.matching import match_pull_request
from study.submissions.models import Attempt, PendingLink, Submission
from study.submissions.queries.pending import links_to_retry
from study.submissions.tasks import retry_links
from tests.conftest import ADA, OLGA, mission_page
from tests.github.payloads import REPOSITORY, A, closed, minutes, person, pull_request

pytestmark = pytest.mark.django_db

PULL = f"/repos/{REPOSITORY}/pulls/42"
LINK = "https://github.com/CEOS-Developers/django-vote-15th/pull/42"


@pytest.fixture
def paste(mission, club, fake_github):
    def create_submission(link: str = LINK, *, membership=None, at=NOW):
        return submit_link(
            mission=mission, membership=membership or club.ada, link=link, github=fake_github.client, at=at
        )

    return create_submission


def says(fake_github, payload, **more):
    fake_github.says(PULL, payload["pull_request"], **more)


def test_a_pasted_link_is_a_submission_as_github_shows_it(paste, fake_github, club):
    says(fake_github, pull_request())

    result = paste()

    assert result.outcome == Outcome.SUBMITTED
    assert Submission.objects.get().membership == club.ada
    attempt = Attempt.objects.get()
    assert (attempt.source, attempt.head_sha, attempt.received_at) == (Source.LINK, A, NOW)
    assert PullRequest.objects.get().polled_at is None


@pytest.mark.parametrize(
    "link",
    [
        "github.com/ceos-developers/django-vote-15th/pull/42",
        "  http://github.com/CEOS-DEVELOPERS/Django-Vote-15th/pull/42/files  ",
        "https://www.github.com/ceos-developers/django-vote-15th/pull/42/commits#top",
        "https://github.com/ceos-developers/django-vote-15th/pull/42?w=1",
    ],
)
def test_a_link_may_be_pasted_as_it_stands_in_the_browser(paste, fake_github, link):
    says(fake_github, pull_request())

    assert paste(link).outcome == Outcome.SUBMITTED


@pytest.mark.parametrize(
    ("link", "error"),
    [
        ("hello", links.NotAPullRequestLink),
        ("https://github.com/ceos-developers/django-vote-15th", links.NotAPullRequestLink),
        ("https://github.com/ceos-developers/django-vote-15th/issues/42", links.NotAPullRequestLink),
        ("https://github.com/ceos-developers/django-vote-15th/pull/0", links.NotAPullRequestLink),
        ("https://github.com/ceos-developers/django-vote-15th/pull/42x", links.NotAPullRequestLink),
        ("https://github.com/../../pull/42", links.NotAPullRequestLink),
        ("https://github.com/ada-codes/django-vote-15th/pull/42", links.OtherRepository),
    ],
)
def test_another_link_is_refused_unasked(paste, fake_github, link, error):
    with pytest.raises(error) as refused:
        paste(link)

    assert refused.value.field == "link"
    assert fake_github.asked == []


def test_a_pull_request_that_is_not_there_is_refused(paste):
    with pytest.raises(links.PullRequestNotFound):
        paste()


def test_a_pull_request_that_moved_to_another_repository_is_refused(paste, fake_github):
    says(fake_github, pull_request(repository="somebody/else"))

    with pytest.raises(links.OtherRepository):
        paste()
    assert not PullRequest.objects.exists()


def test_a_bots_or_a_closed_pull_request_is_refused(paste, fake_github):
    says(fake_github, pull_request(user=person(5, "renovate[bot]", "Bot")))
    with pytest.raises(links.OpenedByBot):
        paste()
    says(fake_github, closed(at=1))
    with pytest.raises(links.PullRequestClosed):
        paste()
    assert not PullRequest.objects.exists()


def test_another_members_pull_request_is_refused(paste, fake_github, club):
    says(fake_github, pull_request())
    club.clara.cohort, club.clara.role = club.cohort, "member"
    club.clara.save(update_fields=["cohort", "role"])

    with pytest.raises(links.NotYours):
        paste(membership=club.clara)

    assert not Submission.objects.exists()


def test_one_by_an_unknown_account_waits_with_the_members_word(paste, fake_github, club):
    AccountMirror.objects.filter(account_id=ADA).update(github_id=None)
    says(fake_github, pull_request(user=person(999, "somebody")))

    result = paste(at=minutes(9))

    assert (result.outcome, result.submission) == (Outcome.CLAIMED, None)
    waiting = PullRequest.objects.get()
    assert (waiting.claimed_by, waiting.unmatched) == (club.ada, Outcome.CLAIMED)
    match_pull_request(pull_request=waiting, membership=club.ada, by=OLGA, at=minutes(90))
    assert Attempt.objects.get().received_at == minutes(9)


def test_only_members_hand_in(paste, club):
    with pytest.raises(NotAllowed):
        paste(membership=club.boris)


def test_a_merged_pull_request_can_be_handed_in(paste, fake_github):
    says(fake_github, closed(at=1, merged=True))

    assert paste().submission.state == "merged"


def test_while_github_is_down_the_link_is_noted_and_handed_in_with_its_time(paste, fake_github, club):
    fake_github.says(PULL, {}, 503)
    assert paste(at=minutes(5)).outcome == Outcome.QUEUED
    assert paste(at=minutes(6)).outcome == Outcome.QUEUED
    (link,) = PendingLink.objects.all()
    assert (link.pasted_at, link.next_attempt_at) == (minutes(5), minutes(6))
    assert not PullRequest.objects.exists()

    says(fake_github, pull_request())
    assert links_to_retry(NOW + timedelta(days=1), limit=9) == [link.id]
    PendingLink.objects.update(next_attempt_at=timezone.now())
    retry_links()

    assert Attempt.objects.get().received_at == minutes(5)
    assert Submission.objects.get().membership == club.ada
    assert not PendingLink.objects.exists()


def test_what_changed_after_it_was_noted_counts_from_the_answer(paste, fake_github):
    fake_github.says(PULL, {}, 429)
    paste(at=minutes(5))
    says(fake_github, pull_request(at=7, sha="b" * 40))
    # The wait that a 429 asks for runs by the real clock.
    later = timezone.now() + timedelta(hours=3)

    retry_link(link_id=PendingLink.objects.get().id, github=fake_github.client, at=later)

    assert Attempt.objects.get().received_at == later


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (None, "pull_request_not_found", "그런 PR이 없어요"),
        (pull_request(user=person(102, "boris-reviews")), None, ""),
        (pull_request(user=person(101, "ada-codes", "Bot")), "opened_by_bot", "봇이 연"),
        (closed(at=1), "pull_request_closed", "병합하지 않고 닫은 PR이에요"),
        (pull_request(repository="somebody/else"), "other_repository", REPOSITORY),
    ],
    ids=["gone", "waits for an organizer", "a bot's", "closed", "moved away"],
)
def test_a_noted_link_that_github_refuses_later_says_so(
    paste, fake_github, as_principal, answer, code, words
):
    fake_github.says(PULL, {}, 503)
    paste(at=minutes(5))
    link = PendingLink.objects.get()
    if answer:
        says(fake_github, answer)
    else:
        del fake_github.answers[PULL]

    retry_link(link_id=link.id, github=fake_github.client, at=NOW)

    assert [link.error_code for link in PendingLink.objects.all()] == ([code] if code else [])
    assert not Submission.objects.exists()
    assert links_to_retry(NOW + timedelta(days=9), limit=9) == []
    page = as_principal(ADA).get(f"{mission_page(link.mission)}submit/").content.decode()
    assert ("#42 링크를 제출하지 못했어요" in page) == bool(code)
    assert words in page


def test_a_refused_note_goes_when_its_member_pastes_again(paste, fake_github):
    fake_github.says(PULL, {}, 503)
    paste(at=minutes(5))
    PendingLink.objects.update(error_code="pull_request_not_found", attempts=3)
    assert paste(at=minutes(9)).outcome == Outcome.QUEUED
    link = PendingLink.objects.get()
    assert (link.error_code, link.attempts, link.pasted_at) == (None, 0, minutes(9))

    PendingLink.objects.update(error_code="pull_request_not_found")
    says(fake_github, pull_request())
    assert paste(at=minutes(12)).outcome == Outcome.SUBMITTED
    assert not PendingLink.objects.exists()


def test_a_noted_link_waits_longer_each_time(paste, fake_github):
    fake_github.says(PULL, {}, 503)
    paste(at=NOW)
    link = PendingLink.objects.get()
    waits = []
    for _ in range(8):
        with pytest.raises(GitHubUnavailable):
            retry_link(link_id=link.id, github=fake_github.client, at=NOW)
        link.refresh_from_db()
        waits.append((link.next_attempt_at - NOW) // timedelta(minutes=1))

    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
    PendingLink.objects.update(attempts=MAX_ATTEMPTS - 1)
    with pytest.raises(GitHubUnavailable):
        retry_link(link_id=link.id, github=fake_github.client, at=NOW)
    assert PendingLink.objects.get().error_code == "unanswered"


def test_pasting_asks_even_while_the_background_rests(paste, fake_github):
    GitHubLimit.objects.create(background_resumes_at=NOW + timedelta(minutes=30))
    says(fake_github, pull_request())
    assert paste().outcome == Outcome.SUBMITTED

    GitHubLimit.objects.update(resumes_at=NOW + timedelta(minutes=30))
    fake_github.asked.clear()
    assert paste().outcome == Outcome.QUEUED
    assert fake_github.asked == []
