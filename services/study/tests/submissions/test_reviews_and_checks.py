"""Reviews on GitHub change the state if their author may review; checks are reported by commit."""

from __future__ import annotations

import pytest

from chassis.account_mirror.models import AccountMirror
from study.github.models import EventKind, Outcome, PullRequest, TimelineEvent
from study.submissions.actions.grading import record_score
from study.submissions.actions.matching import match_pull_request
from study.submissions.models import State, Submission
from tests.conftest import ADA, BORIS, CLARA, OLGA
from tests.github.payloads import (
    ADA_ON_GITHUB,
    A,
    B,
    closed,
    minutes,
    parse,
    person,
    pull_request,
    push,
    review,
    run,
    suite,
)

pytestmark = pytest.mark.django_db

EVENT = "pull_request_review"


@pytest.fixture
def submission(mission, ingest) -> Submission:
    ingest("pull_request", pull_request(), at=minutes(0))
    return Submission.objects.get()


def status() -> tuple[str, bool]:
    submission = Submission.objects.get()
    return submission.state, submission.awaits_review


def test_requested_changes_are_published_for_the_member_to_act_on(submission, ingest, published):
    result = ingest(EVENT, review("changes_requested", at=3, body="제약 조건으로 막아 주세요."))

    assert result.outcome == Outcome.UPDATED
    assert status() == (State.CHANGES_REQUESTED, False)
    (event,) = published("study.changes_requested.v1")
    assert event == {
        "submission_id": str(submission.id),
        "cohort_id": str(submission.mission.cohort_id),
        "mission_title": "django-vote",
        "reviewer": "Boris",
        "recipients": [str(ADA)],
    }
    timeline_event = TimelineEvent.objects.get(kind=EventKind.CHANGES_REQUESTED)
    assert (timeline_event.actor, timeline_event.text, timeline_event.sha) == (
        "boris-reviews",
        "제약 조건으로 막아 주세요.",
        A,
    )


def test_a_review_delivered_twice_is_published_once(submission, ingest, published):
    ingest(EVENT, review("changes_requested", at=3))
    assert ingest(EVENT, review("changes_requested", at=3)).outcome == Outcome.UNCHANGED

    assert len(published("study.changes_requested.v1")) == 1


def test_pushing_a_fix_hands_it_in_again_and_brings_it_back_to_the_queue(submission, ingest):
    ingest(EVENT, review("changes_requested", at=3))
    ingest("pull_request", push(A, B, at=6), at=minutes(6))

    assert status() == (State.RESUBMITTED, True)
    assert Submission.objects.get().waiting_since == minutes(6)


def test_a_review_of_the_commit_before_does_not_undo_the_push(submission, ingest):
    ingest("pull_request", push(A, B, at=2), at=minutes(2))
    ingest(
        EVENT,
        review("changes_requested", at=3, sha=A)
        | {"pull_request": pull_request(at=3, sha=B)["pull_request"]},
    )

    assert status() == (State.RESUBMITTED, True)


def test_approved_it_still_awaits_our_own_review(submission, ingest):
    ingest(EVENT, review("approved", at=3))

    assert status() == (State.APPROVED, True)


def test_of_two_reviews_the_newer_counts_in_whichever_order_they_come(submission, ingest):
    ingest(EVENT, review("approved", at=5, review_id=2))
    ingest(EVENT, review("changes_requested", at=3, review_id=1))

    assert status()[0] == State.APPROVED


def test_a_comment_moves_nothing(submission, ingest, published):
    ingest(EVENT, review("commented", at=3, body=None))

    assert status() == (State.WAITING, True)
    assert TimelineEvent.objects.get(kind=EventKind.COMMENTED).text == ""
    assert published("study.changes_requested.v1") == []


@pytest.mark.parametrize("association", ["NONE", "CONTRIBUTOR", "FIRST_TIMER"])
def test_a_passer_bys_review_is_in_the_timeline_and_changes_no_state(
    submission, ingest, published, association
):
    passer_by = person(999, "passer-by")
    ingest(EVENT, review("changes_requested", at=3, by=passer_by, association=association))

    assert status() == (State.WAITING, True)
    assert TimelineEvent.objects.filter(kind=EventKind.CHANGES_REQUESTED).exists()
    assert published("study.changes_requested.v1") == []


@pytest.mark.parametrize("association", ["OWNER", "MEMBER", "COLLABORATOR", None])
def test_who_may_write_to_the_repository_has_no_say_for_that_alone(
    submission, ingest, published, association
):
    ingest(EVENT, review("changes_requested", at=3, by=person(999, "co-mentor"), association=association))

    assert status() == (State.WAITING, True)
    assert published("study.changes_requested.v1") == []


def test_a_mentor_whom_an_operator_named_has_a_say_and_is_known_by_id_from_then_on(submission, ingest, club):
    club.boris.github_login = "co-mentor"
    club.boris.save(update_fields=["github_login"])
    AccountMirror.objects.filter(account_id=BORIS).update(github_id=None, github_login="")

    ingest(EVENT, review("approved", at=3, by=person(999, "Co-Mentor")))

    assert status()[0] == State.APPROVED
    club.boris.refresh_from_db()
    assert club.boris.github_id == 999


@pytest.mark.parametrize("known", ["named", "claimed", "unknown"])
def test_a_fellow_member_has_no_say_before_their_own_first_pull_request(submission, ingest, club, known):
    club.clara.cohort, club.clara.role = club.cohort, "member"
    if known != "unknown":
        setattr(club.clara, "github_login" if known == "named" else "github_claim", "clara-else")
    club.clara.save()
    AccountMirror.objects.filter(account_id=CLARA).update(github_id=None, github_login="")

    ingest(EVENT, review("approved", at=3, by=person(104, "clara-else"), association="COLLABORATOR"))

    assert status()[0] == State.WAITING


def test_who_became_a_mentor_does_not_review_their_own_submission(mission, ingest, club):
    # Handed in by another account than the one that is linked, as an operator confirmed.
    ingest("pull_request", pull_request(user=person(999, "ada-at-work")), at=minutes(0))
    match_pull_request(pull_request=PullRequest.objects.get(), membership=club.ada, by=OLGA, at=minutes(1))
    club.ada.role = "mentor"
    club.ada.save(update_fields=["role"])

    ingest(
        EVENT,
        review("approved", at=3, by=ADA_ON_GITHUB, association="MEMBER", user=person(999, "ada-at-work")),
    )
    assert status()[0] == State.WAITING

    ingest(EVENT, review("approved", at=4, review_id=2, user=person(999, "ada-at-work")))
    assert status()[0] == State.APPROVED


def test_another_member_has_no_say_even_if_they_may_write(submission, ingest, club):
    club.clara.cohort, club.clara.role = club.cohort, "member"
    club.clara.save(update_fields=["cohort", "role"])
    assert AccountMirror.objects.get(account_id=CLARA).github_id == 104

    ingest(EVENT, review("approved", at=3, by=person(104, "clara-else"), association="MEMBER"))

    assert status()[0] == State.WAITING


@pytest.mark.parametrize("by", [ADA_ON_GITHUB, person(7, "ai[bot]", "Bot")], ids=["author", "bot"])
def test_neither_the_author_nor_a_bot_has_a_say(submission, ingest, by):
    ingest(EVENT, review("approved", at=3, by=by, association="OWNER"))

    assert status()[0] == State.WAITING


def test_a_dismissed_review_counts_no_more(submission, ingest):
    ingest(EVENT, review("changes_requested", at=3))
    ingest(EVENT, review("dismissed", at=5, action="dismissed"))

    assert status() == (State.WAITING, True)
    assert list(TimelineEvent.objects.order_by("at").values_list("kind", flat=True)) == [
        EventKind.OPENED,
        EventKind.CHANGES_REQUESTED,
        EventKind.REVIEW_DISMISSED,
    ]


def test_a_dismissal_that_comes_before_its_review_counts_as_well(submission, ingest):
    ingest(EVENT, review("dismissed", at=5, action="dismissed"))
    ingest(EVENT, review("approved", at=3))

    assert status()[0] == State.WAITING


def test_an_edited_review_changes_its_words(submission, ingest):
    ingest(EVENT, review("changes_requested", at=3, body="고쳐 주세요"))
    ingest(EVENT, review("changes_requested", at=3, body="이름만 고쳐 주세요", action="edited"))

    assert TimelineEvent.objects.get(kind=EventKind.CHANGES_REQUESTED).text == "이름만 고쳐 주세요"


def test_a_review_that_is_not_sent_off_says_nothing():
    payload = review("pending", at=3)
    payload["review"]["submitted_at"] = None

    assert parse(EVENT, payload)[1] is None


def test_a_review_of_an_unknown_pull_request_hands_it_in(mission, ingest):
    ingest(EVENT, review("approved", at=3))

    assert Submission.objects.get().state == State.APPROVED


def test_merged_stays_merged_whatever_is_reviewed_after(submission, ingest):
    ingest("pull_request", closed(at=4, merged=True))
    ingest(
        EVENT, review("changes_requested", at=5) | {"pull_request": closed(at=5, merged=True)["pull_request"]}
    )

    assert status()[0] == State.MERGED


def test_a_released_review_ends_the_wait_until_the_next_attempt(submission, ingest):
    record_score(submission=submission, points=17, max_points=20, at=minutes(4), by=OLGA)
    ingest("pull_request", pull_request("labeled", at=5))
    released = Submission.objects.get()
    assert (released.points, released.max_points, released.awaits_review) == (17, 20, False)

    ingest("pull_request", push(A, B, at=6), at=minutes(6))

    assert Submission.objects.get().awaits_review is True
    assert Submission.objects.get().points == 17


def test_passed_checks_are_recorded_for_the_commit(submission, ingest):
    assert ingest("check_suite", suite("success")).outcome == Outcome.UPDATED
    assert ingest("check_suite", suite("success")).outcome == Outcome.UNCHANGED

    timeline_event = TimelineEvent.objects.get(kind=EventKind.CHECKS_PASSED)
    assert (timeline_event.count, timeline_event.sha, timeline_event.text, timeline_event.at) == (
        4,
        A,
        "octocoders-linter",
        minutes(6),
    )


def test_a_failed_check_speaks_for_its_suite(submission, ingest):
    ingest("check_run", run("failure"))
    ingest("check_suite", suite("failure"))

    (timeline_event,) = TimelineEvent.objects.filter(kind=EventKind.CHECKS_FAILED)
    assert timeline_event.text == "test / pytest"


def test_a_failed_suite_is_recorded_if_no_single_check_was(submission, ingest):
    ingest("check_suite", suite("failure"))

    assert TimelineEvent.objects.get(kind=EventKind.CHECKS_FAILED).text == "octocoders-linter"


def test_a_suite_run_again_with_another_conclusion_is_recorded_again(submission, ingest):
    ingest("check_suite", suite("failure"))
    ingest("check_suite", suite("success"))

    assert TimelineEvent.objects.filter(key__startswith="suite:51:").count() == 2


@pytest.mark.parametrize("conclusion", ["neutral", "skipped", "cancelled", "stale", "action_required"])
def test_other_ends_of_checks_say_nothing(submission, ingest, conclusion):
    assert ingest("check_suite", suite(conclusion)).outcome == Outcome.IGNORED
    assert ingest("check_run", run(conclusion)).outcome == Outcome.IGNORED
    assert ingest("check_run", run("success")).outcome == Outcome.IGNORED
    assert TimelineEvent.objects.count() == 1


def test_checks_of_a_commit_before_stay_with_their_pull_request(submission, ingest):
    ingest("pull_request", push(A, B, at=2))

    assert ingest("check_suite", suite("success", sha=A)).outcome == Outcome.UPDATED


def test_checks_of_an_unknown_commit_are_left(submission, ingest):
    assert ingest("check_suite", suite("success", sha="9" * 40)).outcome == Outcome.UNKNOWN_COMMIT


def test_checks_of_an_unknown_repository_are_left(submission, ingest):
    payload = suite("success")
    payload["repository"].update(id=1, full_name="somebody/else")

    assert ingest("check_suite", payload).outcome == Outcome.UNKNOWN_REPOSITORY


def test_two_pull_requests_of_one_commit_both_hear_of_its_checks(submission, ingest):
    ingest("pull_request", pull_request(number=43))
    ingest("check_suite", suite("success"))

    assert TimelineEvent.objects.filter(kind=EventKind.CHECKS_PASSED).count() == 2
