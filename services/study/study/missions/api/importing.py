"""REST: importing a sheet of missions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.errors import DomainError
from chassis.web.auth import principal_of
from chassis.web.rest import validated
from study.cohorts.access import membership_for_operator
from study.missions.actions.importing import import_missions, preview_import
from study.missions.forms.importing import MAX_FILE_SIZE
from study.missions.forms.sheet import PART_LENGTH, Fault, read_sheet
from study.missions.models import CompletedBy
from study.missions.rules.plan import PlannedMission


class BadSheet(DomainError):
    code = "bad_sheet"
    title = _("Line %(line)s, %(column)s: %(message)s")
    status = 400


class ImportIn(serializers.Serializer[dict[str, Any]]):
    text = serializers.CharField(
        max_length=MAX_FILE_SIZE,
        trim_whitespace=False,
        help_text="CSV with the columns part, order, title, repository, and optionally completed_by.",
    )
    first_week = serializers.IntegerField(
        min_value=1, max_value=1000, help_text="The number of the week in which the missions of order 1 fall."
    )
    parts = serializers.DictField(
        child=serializers.UUIDField(),
        default=dict,
        help_text="Which part a name in the sheet means. Other unknown names become new parts.",
    )
    dry_run = serializers.BooleanField(default=False, help_text="Only say what would happen.")


class FaultOut(serializers.Serializer[Fault]):
    line = serializers.IntegerField()
    column = serializers.CharField(allow_blank=True, help_text="Empty for the whole line.")
    message = serializers.CharField()


class PlannedMissionOut(serializers.Serializer[PlannedMission]):
    line = serializers.IntegerField(source="row.line")
    part = serializers.CharField(source="row.part", allow_blank=True, max_length=PART_LENGTH)
    title = serializers.CharField(source="row.title")
    repository = serializers.CharField(source="row.repository")
    completed_by = serializers.ChoiceField(source="row.completed_by", choices=CompletedBy.choices)
    week = serializers.IntegerField()
    opens_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    exists = serializers.BooleanField(help_text="There already, so it is skipped.")


class ImportOut(serializers.Serializer[Any]):
    """What was done, or would be. With faults, nothing is."""

    dry_run = serializers.BooleanField()
    faults = FaultOut(many=True)
    missions = PlannedMissionOut(many=True)
    created = serializers.IntegerField()
    skipped = serializers.IntegerField()
    new_parts = serializers.ListField(child=serializers.CharField())
    new_weeks = serializers.ListField(child=serializers.IntegerField())


class Import(APIView):
    @extend_schema(operation_id="import_missions", request=ImportIn, responses={200: ImportOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Create a mission per line whose repository has none yet; all of them or none. Operators only."""
        cohort = membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort
        body = validated(ImportIn, request)
        dry_run = body["dry_run"]
        rows, faults = read_sheet(body["text"])
        if faults and not dry_run:
            [fault, *_others] = faults
            raise BadSheet(field="text", line=fault.line, column=fault.column, message=fault.message)
        arguments = {"cohort": cohort, "rows": rows, "first_week": body["first_week"], "parts": body["parts"]}

        plan = (
            preview_import(**arguments)
            if dry_run
            else import_missions(**arguments, by=principal_of(request).account_id, at=timezone.now())
        )

        report = {
            "dry_run": dry_run,
            "faults": faults,
            "missions": plan.missions,
            "created": len(plan.to_create),
            "skipped": len(plan.missions) - len(plan.to_create),
            "new_parts": plan.unknown_parts,
            "new_weeks": list(plan.new_weeks),
        }
        return Response(ImportOut(report).data)
