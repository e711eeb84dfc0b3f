"""Who has not handed in a mission that they have to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Membership, Role
from study.missions.models import Mission
from study.missions.queries.deadlines import deadlines_of
from study.missions.rules.deadlines import Deadline
from study.submissions.models import Submission


def list_unsubmitted(missions: Collection[Mission]) -> Iterator[tuple[Mission, Membership, Deadline]]:
    """Yield each mission and member who has it to do and has handed nothing in, with their deadline.

    Four statements, however many missions.
    """
    members: dict[UUID, list[Membership]] = defaultdict(list)
    cohort_ids = {mission.cohort_id for mission in missions}
    for member in Membership.objects.live().filter(cohort__in=cohort_ids, role=Role.MEMBER):
        members[member.cohort_id].append(member)
    handed_in = set(
        Submission.objects.handed_in().filter(mission__in=missions).values_list("mission_id", "membership_id")
    )
    deadline_of = deadlines_of(missions)
    for mission in missions:
        for member in members[mission.cohort_id]:
            if mission.is_for(member) and (mission.id, member.id) not in handed_in:
                yield mission, member, deadline_of(mission, member)


def list_unsubmitted_by_name(mission: Mission) -> list[Any]:
    """Return the members who have not handed the mission in, by `name`, each with their `deadline`.

    The name is "" if the account is unknown. Five statements.
    """
    found = [(member, deadline) for _mission, member, deadline in list_unsubmitted([mission])]
    names = AccountMirror.objects.names(member.account_id for member, _deadline in found)
    members: list[Any] = []
    for row, deadline in found:
        member: Any = row
        member.name, member.deadline = names.get(member.account_id, ""), deadline
        members.append(member)
    return sorted(members, key=lambda member: (member.name, member.id))
