"""What a cohort that begins has already."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from study.cohorts.models import Cohort, Membership, Part, Role
from study.installations.queries import is_connected
from study.missions.models import Mission


@dataclass(frozen=True)
class Checklist:
    """What a cohort that begins has, in the order in which operators set it up."""

    has_parts: bool
    has_github: bool
    has_missions: bool
    has_people: bool

    @property
    def is_complete(self) -> bool:
        return self.has_parts and self.has_github and self.has_missions and self.has_people


def checklist(cohort: Cohort) -> Checklist | None:
    """Return what the cohort has. None if that is everything, or it is closed, or an operator hid the list.

    One statement.
    """
    if cohort.closed_at or cohort.checklist_hidden_at:
        return None
    people = Membership.objects.live().exclude(role=Role.OPERATOR)
    facts = Cohort.objects.filter(id=cohort.id).values_list(
        Exists(Part.objects.filter(cohort=OuterRef("id"))),
        is_connected(OuterRef("id")),
        Exists(Mission.objects.filter(cohort=OuterRef("id"))),
        Exists(people.filter(cohort=OuterRef("id"))),
    )
    found = Checklist(*facts.get())
    return None if found.is_complete else found
