"""What completes a submission, and which merges are undone: pure, and indifferent to order."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.testing import NOW
from study.github.models import EventKind, TimelineEvent
from study.github.rules.payloads import PullRequestData
from study.missions.models import CompletedBy
from study.submissions.rules.completion import compute_completion
from study.submissions.rules.reverts import MergedPullRequest, reverted_at, reverted_numbers
from tests.github.payloads import pull_request

AUTHOR, MENTOR, MAINTAINER = 101, 102, 900
KINDS = [EventKind.APPROVED, EventKind.CHANGES_REQUESTED, EventKind.REVIEW_DISMISSED]


def event(kind, *, hours=0, by=MENTOR, sha="a", key=None):
    return TimelineEvent(
        kind=kind,
        at=NOW + timedelta(hours=hours),
        actor_id=by,
        sha=sha,
        key=key or ("merged" if kind == EventKind.MERGED else f"review:{hours}"),
        is_authorised_review=by == MENTOR,
    )


def dismissed(hours, *, at):
    return event(EventKind.REVIEW_DISMISSED, hours=at, key=f"dismissed:{hours}")


def attempts(*shas):
    """One an hour."""
    return [
        SimpleNamespace(head_sha=sha, received_at=NOW + timedelta(hours=hours))
        for hours, sha in enumerate(shas)
    ]


def complete(mode, events, *, shas="a", is_personal=False, author_ids=(AUTHOR,)):
    heads = attempts(*shas)
    return compute_completion(
        mode, events, heads, current=heads[-1], is_personal=is_personal, author_ids=author_ids
    )


APPROVED, CHANGES, MERGED = EventKind.APPROVED, EventKind.CHANGES_REQUESTED, EventKind.MERGED


@pytest.mark.parametrize(
    ("events", "is_personal", "hours"),
    [
        ([], False, None),
        ([event(APPROVED, hours=1)], False, 1),
        ([event(APPROVED, hours=1)], True, 1),
        ([event(CHANGES, hours=1)], False, None),
        ([event(CHANGES, hours=1), event(APPROVED, hours=2)], False, 2),
        ([event(APPROVED, hours=1), event(CHANGES, hours=2)], False, None),
        ([event(APPROVED, hours=1), dismissed(1, at=2)], False, None),
        ([event(APPROVED, hours=1), event(CHANGES, hours=2), dismissed(2, at=3)], False, 1),
        ([event(MERGED, hours=3)], False, 3),
        ([event(MERGED, hours=3)], True, 3),
        ([event(MERGED, hours=3, by=MAINTAINER)], False, 3),
        ([event(MERGED, hours=3, by=MAINTAINER)], True, None),
        ([event(MERGED, hours=3, by=AUTHOR)], False, None),
        ([event(MERGED, hours=3, by=AUTHOR)], True, None),
        # GitHub does not say who.
        ([event(MERGED, hours=3, by=None)], False, None),
        ([event(APPROVED, hours=1), event(MERGED, hours=3)], False, 1),
        ([event(CHANGES, hours=1), event(MERGED, hours=3)], False, 3),
        ([event(APPROVED, hours=1), event(MERGED, hours=3, by=AUTHOR)], True, 1),
    ],
)
@pytest.mark.parametrize("mode", [CompletedBy.APPROVAL, CompletedBy.EITHER])
def test_an_approval_or_a_merge_that_counts_completes(mode, events, is_personal, hours):
    completion = complete(mode, events, is_personal=is_personal)

    assert (completion and completion.at) == (None if hours is None else NOW + timedelta(hours=hours))
    assert completion is None or completion.event in events


def test_the_verdict_on_the_head_comes_before_a_later_one_on_an_earlier_commit():
    events = [event(APPROVED, hours=3, sha="b"), event(CHANGES, hours=4, sha="a")]

    assert complete(CompletedBy.APPROVAL, events, shas="ab")
    assert complete(CompletedBy.APPROVAL, events, shas="abc") is None


@pytest.mark.parametrize("event_", [event(APPROVED), event(MERGED)])
def test_where_seodang_reviews_github_completes_nothing(event_):
    assert complete(CompletedBy.REVIEW, [event_]) is None


def test_the_submission_alone_completes_when_its_first_attempt_came():
    completion = complete(CompletedBy.SUBMISSION, [event(CHANGES, hours=5)], shas="ab")

    assert completion
    assert (completion.at, completion.event) == (NOW, None)


events_of_a_life = st.lists(
    st.builds(
        lambda kind, hours, sha: event(kind, hours=hours, sha=sha),
        st.sampled_from([*KINDS[:2]]),
        st.integers(0, 5),
        st.sampled_from("abc"),
    )
    | st.integers(0, 5).map(lambda hours: dismissed(hours, at=hours + 1))
    | st.builds(
        lambda hours, by: event(MERGED, hours=hours, by=by),
        st.integers(0, 9),
        st.sampled_from([AUTHOR, MENTOR, MAINTAINER, None]),
    ),
    max_size=8,
    unique_by=lambda found: found.key,
)


@settings(max_examples=300, deadline=None)
@given(events=events_of_a_life, data=st.data(), is_personal=st.booleans())
def test_the_order_of_events_does_not_matter(events, data, is_personal):
    expected = complete(CompletedBy.APPROVAL, events, shas="ab", is_personal=is_personal)
    shuffled = data.draw(st.permutations(events))

    assert complete(CompletedBy.APPROVAL, shuffled, shas="ab", is_personal=is_personal) == expected
    if expected and expected.event:
        assert expected.event.actor_id != AUTHOR
        assert expected.event.is_authorised_review or not is_personal


def merged(number, title="", *, hours=None, reverts=None, is_revert=None):
    is_revert = is_revert if is_revert is not None else title.startswith("Revert ") or reverts is not None
    at = NOW + timedelta(hours=number if hours is None else hours)
    return MergedPullRequest(number, title, at, is_revert=is_revert, reverted_number=reverts)


@pytest.mark.parametrize(
    ("others", "hours"),
    [
        ([], None),
        ([merged(5, reverts=1)], 5),
        ([merged(5, reverts=2)], None),
        ([merged(5, 'Revert "A"')], 5),
        ([merged(5, 'Revert "B"')], None),
        # Two have the title: neither is certain.
        ([merged(2, "A"), merged(5, 'Revert "A"')], None),
        ([merged(7, "A"), merged(5, 'Revert "A"')], 5),
        # A number is more certain than a title.
        ([merged(5, 'Revert "A"', reverts=3)], None),
        ([merged(5, reverts=1), merged(6, reverts=5)], None),
        ([merged(5, 'Revert "A"'), merged(6, 'Revert "Revert "A""')], None),
        ([merged(5, reverts=1), merged(6, reverts=5), merged(7, reverts=6)], 5),
        ([merged(5, reverts=1), merged(6, reverts=5), merged(7, reverts=1)], 7),
        ([merged(5, "A fix", reverts=1, is_revert=False)], None),
        # A branch name may lie.
        ([merged(5, reverts=5)], None),
        ([merged(5, reverts=9), merged(9, reverts=5)], None),
    ],
)
def test_a_merge_holds_until_it_is_reverted(others, hours):
    for known in (others, others[::-1]):
        at = reverted_at(1, [merged(1, "A"), *known])
        assert at == (None if hours is None else NOW + timedelta(hours=hours))


def test_a_revert_of_a_revert_leads_to_what_was_reverted_first():
    chain = [merged(1, "A"), merged(5, reverts=1), merged(6, reverts=5)]

    assert reverted_numbers(6, chain) == [5, 1]
    assert reverted_numbers(5, chain) == [1]
    assert reverted_numbers(1, chain) == []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.builds(
            merged,
            st.integers(1, 8),
            st.sampled_from(["A", "B", 'Revert "A"', 'Revert "Revert "A""']),
            reverts=st.none() | st.integers(1, 8),
        ),
        max_size=8,
        unique_by=lambda found: found.number,
    ),
    st.data(),
)
def test_reverts_are_indifferent_to_order_and_end(known, data):
    shuffled = data.draw(st.permutations(known))

    for number in range(1, 9):
        assert reverted_at(number, known) == reverted_at(number, shuffled)
        assert all(earlier < number for earlier in reverted_numbers(number, known))


@pytest.mark.parametrize(
    ("branch", "body", "number"),
    [
        ("revert-42-vote", "", 42),
        ("revert-42-vote", "Reverts ceos-developers/django-vote-15th#41", 42),
        ("main", "Reverts CEOS-Developers/Django-vote-15th#42", 42),
        ("main", "\n Reverts #42\n\nBecause.", 42),
        ("main", "Reverts other/repository#42", None),
        ("main", "It reverts ceos-developers/django-vote-15th#42", None),
        ("revert-vote", None, None),
        ("revert-12345678901234567890-vote", "", None),
    ],
)
def test_the_number_of_what_is_reverted_is_read_as_github_writes_it(branch, body, number):
    payload = pull_request(body=body)["pull_request"]
    payload["head"]["ref"] = branch
    payload["base"]["repo"]["full_name"] = "CEOS-Developers/django-vote-15th"
    payload = {name: value for name, value in payload.items() if value is not None}

    assert msgspec.convert(payload, PullRequestData, strict=False).reverted_number == number
