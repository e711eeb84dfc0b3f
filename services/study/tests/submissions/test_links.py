"""A member hands in by a link; GitHub's word counts, not the member's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chassis.errors import NotAllowed
from chassis.testing import NOW
from study.mirrors.models import AccountMirror
from study.submissions.actions import Noted, links, match_pull, paste_link, retry_link
from study.submissions.actions.links import MOST_TRIES
from study.submissions.github import GithubDown
from study.submissions.models import Attempt, GithubLimit, Outcome, PastedLink, Pull, Source, Submission
from study.submissions.queries import links_to_retry
from study.submissions.tasks import retry_links
from tests.conftest import ADA, OLGA
from tests.hooks.payloads import REPOSITORY, A, closed, minutes, person, pull

pytestmark = pytest.mark.django_db

PULL = f"/repos/{REPOSITORY}/pulls/42"
LINK = "https://github.com/CEOS-Developers/django-vote-15th/pull/42"


@pytest.fixture
def paste(mission, club, little_github):
    def hand_in(link: str = LINK, *, membership=None, at=NOW):
        return paste_link(
            mission=mission, membership=membership or club.ada, link=link, github=little_github.client, at=at
        )

    return hand_in


def says(little_github, payload, **more):
    little_github.says(PULL, payload["pull_request"], **more)


def test_a_pasted_link_is_a_submission_as_github_shows_it(paste, little_github, club):
    says(little_github, pull())

    taken = paste()

    assert taken.outcome == Outcome.SUBMITTED
    assert Submission.objects.get().membership == club.ada
    attempt = Attempt.objects.get()
    assert (attempt.source, attempt.head_sha, attempt.received_at) == (Source.LINK, A, NOW)
    assert Pull.objects.get().polled_at is None


@pytest.mark.parametrize(
    "link",
    [
        "github.com/ceos-developers/django-vote-15th/pull/42",
        "  http://github.com/CEOS-DEVELOPERS/Django-Vote-15th/pull/42/files  ",
        "https://www.github.com/ceos-developers/django-vote-15th/pull/42/commits#top",
        "https://github.com/ceos-developers/django-vote-15th/pull/42?w=1",
    ],
)
def test_a_link_may_be_pasted_as_it_stands_in_the_browser(paste, little_github, link):
    says(little_github, pull())

    assert paste(link).outcome == Outcome.SUBMITTED


@pytest.mark.parametrize(
    ("link", "error"),
    [
        ("hello", links.NoPullLink),
        ("https://github.com/ceos-developers/django-vote-15th", links.NoPullLink),
        ("https://github.com/ceos-developers/django-vote-15th/issues/42", links.NoPullLink),
        ("https://github.com/ceos-developers/django-vote-15th/pull/0", links.NoPullLink),
        ("https://github.com/ceos-developers/django-vote-15th/pull/42x", links.NoPullLink),
        ("https://github.com/../../pull/42", links.NoPullLink),
        ("https://github.com/ada-codes/django-vote-15th/pull/42", links.OtherRepository),
    ],
)
def test_another_link_is_refused_unasked(paste, little_github, link, error):
    with pytest.raises(error) as refused:
        paste(link)

    assert refused.value.field == "link"
    assert little_github.asked == []


def test_a_pull_request_that_is_not_there_is_refused(paste):
    with pytest.raises(links.NoSuchPull):
        paste()


def test_a_pull_request_that_moved_to_another_repository_is_refused(paste, little_github):
    says(little_github, pull(repository="somebody/else"))

    with pytest.raises(links.OtherRepository):
        paste()
    assert not Pull.objects.exists()


def test_a_bots_or_a_closed_pull_request_is_refused(paste, little_github):
    says(little_github, pull(user=person(5, "renovate[bot]", "Bot")))
    with pytest.raises(links.OpenedByBot):
        paste()
    says(little_github, closed(at=1))
    with pytest.raises(links.ClosedPull):
        paste()
    assert not Pull.objects.exists()


def test_another_members_pull_request_is_refused(paste, little_github, club):
    says(little_github, pull())
    club.clara.cohort, club.clara.role = club.cohort, "member"
    club.clara.save(update_fields=["cohort", "role"])

    with pytest.raises(links.NotYours):
        paste(membership=club.clara)

    assert not Submission.objects.exists()


def test_one_by_an_unknown_account_waits_with_the_members_word(paste, little_github, club):
    AccountMirror.objects.filter(account_id=ADA).update(github_id=None)
    says(little_github, pull(user=person(999, "somebody")))

    taken = paste(at=minutes(9))

    assert (taken.outcome, taken.submission) == (Outcome.CLAIMED, None)
    waiting = Pull.objects.get()
    assert (waiting.claimed_by, waiting.unmatched) == (club.ada, Outcome.CLAIMED)
    match_pull(pull=waiting, membership=club.ada, by=OLGA, at=minutes(90))
    assert Attempt.objects.get().received_at == minutes(9)


def test_only_members_hand_in(paste, club):
    with pytest.raises(NotAllowed):
        paste(membership=club.boris)


def test_a_merged_pull_request_can_be_handed_in(paste, little_github):
    says(little_github, closed(at=1, merged=True))

    assert paste().submission.state == "merged"


def test_while_github_is_down_the_link_is_noted_and_handed_in_with_its_time(paste, little_github, club):
    little_github.says(PULL, {}, 503)
    assert paste(at=minutes(5)) == Noted(42)
    assert paste(at=minutes(6)) == Noted(42)
    (link,) = PastedLink.objects.all()
    assert (link.pasted_at, link.next_try_at) == (minutes(5), minutes(6))
    assert not Pull.objects.exists()

    says(little_github, pull())
    assert links_to_retry(NOW + timedelta(days=1), most=9) == [link.id]
    PastedLink.objects.update(next_try_at=timezone.now())
    retry_links()

    assert Attempt.objects.get().received_at == minutes(5)
    assert Submission.objects.get().membership == club.ada
    assert not PastedLink.objects.exists()


def test_what_changed_after_it_was_noted_counts_from_the_answer(paste, little_github):
    little_github.says(PULL, {}, 429)
    paste(at=minutes(5))
    says(little_github, pull(at=7, sha="b" * 40))
    # The wait that a 429 asks for runs by the real clock.
    later = timezone.now() + timedelta(hours=3)

    retry_link(link_id=PastedLink.objects.get().id, github=little_github.client, at=later)

    assert Attempt.objects.get().received_at == later


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (None, "no_such_pull", "그런 풀 리퀘스트가 없어요"),
        (pull(user=person(102, "boris-reviews")), None, ""),
        (pull(user=person(101, "ada-codes", "Bot")), "opened_by_bot", "봇이 연"),
        (closed(at=1), "closed_pull", "병합하지 않고 닫은 풀 리퀘스트예요"),
        (pull(repository="somebody/else"), "other_repository", REPOSITORY),
    ],
    ids=["gone", "waits for an operator", "a bot's", "closed", "moved away"],
)
def test_a_noted_link_that_github_refuses_later_says_so(
    paste, little_github, as_principal, answer, code, words
):
    little_github.says(PULL, {}, 503)
    paste(at=minutes(5))
    link = PastedLink.objects.get()
    if answer:
        says(little_github, answer)
    else:
        del little_github.answers[PULL]

    retry_link(link_id=link.id, github=little_github.client, at=NOW)

    assert [one.error for one in PastedLink.objects.all()] == ([code] if code else [])
    assert not Submission.objects.exists()
    assert links_to_retry(NOW + timedelta(days=9), most=9) == []
    page = as_principal(ADA).get(f"/missions/{link.mission_id}/submit/").content.decode()
    assert ("#42을(를) 제출하지 못했어요" in page) == bool(code)
    assert words in page


def test_a_refused_note_goes_when_its_member_pastes_again(paste, little_github):
    little_github.says(PULL, {}, 503)
    paste(at=minutes(5))
    PastedLink.objects.update(error="no_such_pull", tries=3)
    assert paste(at=minutes(9)) == Noted(42)
    link = PastedLink.objects.get()
    assert (link.error, link.tries, link.pasted_at) == (None, 0, minutes(9))

    PastedLink.objects.update(error="no_such_pull")
    says(little_github, pull())
    assert paste(at=minutes(12)).outcome == Outcome.SUBMITTED
    assert not PastedLink.objects.exists()


def test_a_noted_link_waits_longer_each_time(paste, little_github):
    little_github.says(PULL, {}, 503)
    paste(at=NOW)
    link = PastedLink.objects.get()
    waits = []
    for _ in range(8):
        with pytest.raises(GithubDown):
            retry_link(link_id=link.id, github=little_github.client, at=NOW)
        link.refresh_from_db()
        waits.append((link.next_try_at - NOW) // timedelta(minutes=1))

    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
    PastedLink.objects.update(tries=MOST_TRIES - 1)
    with pytest.raises(GithubDown):
        retry_link(link_id=link.id, github=little_github.client, at=NOW)
    assert PastedLink.objects.get().error == "unanswered"


def test_pasting_asks_even_while_the_background_rests(paste, little_github):
    GithubLimit.objects.create(background_resumes_at=NOW + timedelta(minutes=30))
    says(little_github, pull())
    assert paste().outcome == Outcome.SUBMITTED

    GithubLimit.objects.update(resumes_at=NOW + timedelta(minutes=30))
    little_github.asked.clear()
    assert paste() == Noted(42)
    assert little_github.asked == []
