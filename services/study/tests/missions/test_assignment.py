from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.missions.rules.assignment import (
    UNRESOLVED,
    Assignment,
    AssignmentRule,
    Candidate,
    PullRequestFacts,
    is_revert,
    normalize_marker,
    resolve_mission,
    resolve_missions,
)

SEMESTER = datetime(2026, 3, 2, tzinfo=UTC)
A, B = UUID(int=101), UUID(int=102)


def day(number, hours=0):
    return SEMESTER + timedelta(days=number, hours=hours)


def mission(number, marker="", *, opens=None, cohort=A, due=None):
    """The mission of a week: it opens on its first day and is due a week later."""
    opens = day(7 * (number - 1)) if opens is None else opens
    return Candidate(UUID(int=number), cohort, opens, due or opens + timedelta(days=7), marker)


WEEKS = [mission(1), mission(2), mission(3)]
MARKED = [mission(number, f"week{number}") for number in (1, 2, 3, 12)]


def resolve(facts, candidates, *submitted, **options):
    return resolve_mission(
        facts, candidates=candidates, submitted={UUID(int=number) for number in submitted}, **options
    )


def by(rule, number):
    return Assignment(UUID(int=number), AssignmentRule(rule))


class TestMarkers:
    @pytest.mark.parametrize(
        ("marker", "text"),
        [
            ("week3", "[member07] WEEK 03 solutions"),
            ("week3", "Week-3"),
            ("3주차", "23기 3 주차 미션 제출합니다."),
            ("3주차", unicodedata.normalize("NFD", "3주차 제출")),
            ("JPA 심화", "[19기_member08] Spring JPA  심화 미션"),
            ("week3", "\uff37\uff45\uff45\uff4b\uff13"),
            ("Security & JWT", "spring security&jwt 미션"),
        ],
    )
    def test_are_compared_without_case_spaces_punctuation_and_leading_zeros(self, marker, text):
        assert resolve(PullRequestFacts(day(1), text), [mission(3, marker)]) == by("marker", 3)

    @pytest.mark.parametrize(
        ("marker", "text"), [("1", "12"), ("week1", "week 12"), ("2", "12"), ("week1", "1week")]
    )
    def test_a_number_is_not_found_in_another_one(self, marker, text):
        assert resolve(PullRequestFacts(day(1), text), [mission(3, marker)]) == UNRESOLVED

    @pytest.mark.parametrize(
        "facts",
        [
            PullRequestFacts(day(30), title="WEEK 02"),
            PullRequestFacts(day(30), branches=["main", "week-2"]),
            PullRequestFacts(day(30), labels=["bug", "Week 2"]),
        ],
    )
    def test_are_found_in_titles_branches_and_labels(self, facts):
        assert resolve(facts, MARKED) == by("marker", 2)

    def test_two_missions_named_are_for_an_operator(self):
        assert resolve(PullRequestFacts(day(1), "week 1", labels=["week 2"]), MARKED) == UNRESOLVED

    def test_a_longer_marker_covers_the_shorter_one_inside_it(self):
        missions = [mission(1, "JPA"), mission(2, "JPA 심화")]
        assert resolve(PullRequestFacts(day(1), "JPA 심화"), missions) == by("marker", 2)
        assert resolve(PullRequestFacts(day(1), "JPA 미션"), missions) == by("marker", 1)
        assert resolve(PullRequestFacts(day(1), "JPA, JPA 심화"), missions) == UNRESOLVED

    def test_the_same_marker_twice_in_a_cohort_is_for_an_operator(self):
        assert (
            resolve(PullRequestFacts(day(1), "week 1"), [mission(1, "week1"), mission(2, "Week 1")])
            == UNRESOLVED
        )

    def test_of_two_cohorts_the_one_that_runs_then_has_it(self):
        missions = [mission(1, "week1"), mission(21, "week1", opens=day(140), cohort=B)]
        assert resolve(PullRequestFacts(day(2), "week 1"), missions) == by("marker", 1)
        assert resolve(PullRequestFacts(day(142), "week 1"), missions) == by("marker", 21)
        assert resolve(PullRequestFacts(day(70), "week 1"), missions) == UNRESOLVED

    def test_of_two_cohorts_that_run_at_once_an_operator_decides(self):
        missions = [mission(1, "week1"), mission(2, "week1", opens=day(1), cohort=B)]
        assert resolve(PullRequestFacts(day(2), "week 1"), missions) == UNRESOLVED

    def test_a_title_without_a_marker_is_never_decided_by_time_alone(self):
        assert resolve(PullRequestFacts(day(1), "fix the sponsors' list"), MARKED) == UNRESOLVED
        assert resolve(PullRequestFacts(day(1), ""), MARKED) == by("time", 1)
        assert resolve(PullRequestFacts(day(1), "first try"), [*MARKED, mission(4)]) == by("time", 1)


class TestTimes:
    @pytest.mark.parametrize(("hours", "number"), [(0, 1), (7 * 24 - 1, 1), (11 * 24, 2), (300 * 24, 3)])
    def test_the_mission_whose_period_contains_the_opening(self, hours, number):
        assert resolve(PullRequestFacts(day(0, hours)), WEEKS, number - 1) == by("time", number)

    def test_before_the_first_opening_an_operator_decides(self):
        assert resolve(PullRequestFacts(day(0, -1)), WEEKS) == UNRESOLVED

    def test_soon_after_an_opening_it_may_be_for_the_mission_before(self):
        soon = PullRequestFacts(day(7, 71))
        assert resolve(soon, WEEKS) == UNRESOLVED
        assert resolve(soon, WEEKS, 1) == by("time", 2)
        assert resolve(PullRequestFacts(day(7, 72)), WEEKS) == by("time", 2)
        assert resolve(soon, WEEKS, overlap=timedelta(hours=24)) == by("time", 2)

    def test_the_first_mission_is_never_doubtful(self):
        assert resolve(PullRequestFacts(day(0, 1)), WEEKS) == by("time", 1)

    def test_two_missions_that_opened_together_are_for_an_operator(self):
        assert resolve(PullRequestFacts(day(20)), [*WEEKS, mission(4, opens=day(14))], 2) == UNRESOLVED

    def test_of_two_cohorts_the_one_that_runs_then_has_it(self):
        missions = [*WEEKS, mission(21, opens=day(140), cohort=B)]
        assert resolve(PullRequestFacts(day(141)), missions) == by("time", 21)
        assert resolve(PullRequestFacts(day(70)), missions) == by("time", 3)


class TestDecisions:
    def test_an_operators_comes_first_and_an_earlier_one_stays(self):
        facts = PullRequestFacts(day(1), "week 1", chosen=UUID(int=3), previous=UUID(int=2))
        assert resolve(facts, MARKED) == by("operator", 3)
        assert resolve(PullRequestFacts(day(1), "week 1", previous=UUID(int=2)), MARKED) == by("previous", 2)

    def test_deciding_one_makes_the_authors_next_one_certain(self):
        pulls = {"late": PullRequestFacts(day(7, 2)), "next": PullRequestFacts(day(7, 50))}
        assert set(resolve_missions(pulls, candidates=WEEKS).values()) == {UNRESOLVED}
        pulls["late"] = PullRequestFacts(day(7, 2), chosen=UUID(int=1))
        assert resolve_missions(pulls, candidates=WEEKS)["next"] == by("time", 2)

    @pytest.mark.parametrize(
        ("title", "branch", "expected"),
        [
            ('Revert "week 3"', "main", True),
            ("week 3", "revert-41-member07", True),
            ("Reverting to JPA", "main", False),
            ("week 3", "do-not-revert-1-x", False),
        ],
    )
    def test_a_revert_is_recognised_by_githubs_branch_or_title(self, title, branch, expected):
        assert is_revert(title=title, branch=branch) is expected


TEXTS = st.text(alphabet="wek1203 주차-_/JPA심화\u3000\uff13²", max_size=12)
TIMES = st.integers(-3, 40).map(lambda number: day(number // 2, number % 2 * 12))
CANDIDATES = st.lists(
    st.builds(
        lambda number, cohort, opens, length, marker: Candidate(
            UUID(int=number), cohort, opens, opens + length, marker
        ),
        st.integers(1, 6),
        st.sampled_from([A, B]),
        TIMES,
        st.integers(1, 14).map(timedelta),
        st.sampled_from(["", "", "week1", "week2", "1", "3주차", "JPA", "JPA 심화"]),
    ),
    max_size=6,
    unique_by=lambda candidate: candidate.mission_id,
)
PULL_REQUESTS = st.builds(
    PullRequestFacts,
    TIMES,
    TEXTS,
    st.lists(TEXTS, max_size=2).map(tuple),
    st.lists(TEXTS, max_size=2).map(tuple),
)


class TestForAnyInput:
    @settings(max_examples=2000, deadline=None)
    @given(st.lists(PULL_REQUESTS, min_size=1, max_size=5), CANDIDATES, st.randoms(use_true_random=False))
    def test_there_is_one_result_in_every_order_and_it_stays(self, pulls, candidates, random):
        numbered = dict(enumerate(pulls))
        found = resolve_missions(numbered, candidates=candidates)
        assert set(found) == set(numbered)
        known = {candidate.mission_id for candidate in candidates}
        assert all(
            (assignment.mission_id in known) != (assignment == UNRESOLVED) for assignment in found.values()
        )
        shuffled = random.sample(candidates, len(candidates))
        # As deliveries arrive: one at a time, in any order, each decision kept.
        arrived = {}
        for key in random.sample(list(numbered), len(numbered)):
            arrived[key] = numbered[key]
            for other, assignment in resolve_missions(arrived, candidates=shuffled).items():
                if assignment.mission_id:
                    arrived[other] = PullRequestFacts(
                        arrived[other].opened_at, previous=assignment.mission_id
                    )
        assert {key: facts.previous for key, facts in arrived.items()} == {
            key: assignment.mission_id for key, assignment in found.items()
        }
        moved = [
            mission(int(candidate.mission_id), opens=day(random.randint(-9, 40))) for candidate in candidates
        ]
        again = resolve_missions(arrived, candidates=moved)
        assert all(
            again[key].mission_id == facts.previous for key, facts in arrived.items() if facts.previous
        )

    @settings(max_examples=2000, deadline=None)
    @given(PULL_REQUESTS, CANDIDATES, st.sets(st.integers(1, 12).map(lambda number: UUID(int=number))))
    def test_nothing_chooses_between_two_equals(self, facts, candidates, submitted):
        twins = [
            Candidate(
                UUID(int=int(twin.mission_id) + 6), twin.cohort_id, twin.opens_at, twin.due_at, twin.marker
            )
            for twin in candidates
        ]
        assert resolve_mission(facts, candidates=[*candidates, *twins], submitted=submitted) == UNRESOLVED

    @settings(max_examples=500, deadline=None)
    @given(st.text(max_size=30), st.text(max_size=30))
    def test_a_marker_is_found_in_a_longer_title(self, marker, rest):
        if normalize_marker(marker):
            facts = PullRequestFacts(day(1), f"[{rest}] {marker} [{rest}]")
            assert resolve(facts, [mission(1, marker)]) == by("marker", 1)
