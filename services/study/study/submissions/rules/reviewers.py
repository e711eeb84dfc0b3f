"""Choose who reviews a submission. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from study.cohorts.models import Membership, Role
from study.submissions.models import Submission

# How many submissions wait for an account, and how many it has.
Workload = tuple[int, int]


def distribute_evenly(
    reviewers: Sequence[Membership],
    submissions: Sequence[Submission],
    *,
    load: Mapping[UUID, Workload],
    any_part: bool = False,
) -> Mapping[UUID, UUID]:
    """Return the reviewer's account by submission, in the order given.

    The mentor of the team that the mission is for, else of the author's study team, else of their project
    team, if they are among the reviewers. Else the least busy of the author's part, else of the mentors
    without a part, else, with `any_part`, of all mentors. An operator without a part runs the cohort and is
    not chosen. Ties fall to the smaller id, so the same input gives the same result; nobody reviews
    themselves. A submission that nobody may review is left out.
    """
    loads = dict(load)
    assigned: dict[UUID, UUID] = {}
    for submission in submissions:
        others = [reviewer for reviewer in reviewers if reviewer.account_id != submission.account_id]
        candidates = _candidates(submission, others, any_part=any_part)
        if candidates:
            chosen = min(candidates, key=lambda account_id: (loads.get(account_id, (0, 0)), account_id))
            assigned[submission.id] = chosen
            waiting, total = loads.get(chosen, (0, 0))
            loads[chosen] = waiting + 1, total + 1
    return assigned


def _candidates(submission: Submission, reviewers: Sequence[Membership], *, any_part: bool) -> list[UUID]:
    author = submission.membership
    accounts = {reviewer.account_id for reviewer in reviewers}
    for team in (submission.mission.team, author.study_team, author.team):
        if team is not None and team.mentor_id in accounts:
            return [team.mentor_id]
    able = [reviewer for reviewer in reviewers if reviewer.role == Role.MENTOR or reviewer.part_id]
    own = [reviewer for reviewer in able if reviewer.part_id == author.part_id]
    mentors = [reviewer for reviewer in able if reviewer.role == Role.MENTOR]
    partless = [reviewer for reviewer in mentors if reviewer.part_id is None]
    chosen = own or partless or (mentors if any_part else [])
    return [reviewer.account_id for reviewer in chosen]
