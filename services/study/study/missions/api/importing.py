"""REST: importing a sheet of missions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import validated
from study.cohorts.access import membership_for_operator
from study.missions.actions.importing import import_missions, preview_import
from study.missions.rules.plan import ImportPlan, PlannedMission
from study.missions.rules.sheet import MAX_FILE_SIZE, PART_LENGTH, Fault, read_sheet


class ImportIn(serializers.Serializer[dict[str, Any]]):
    text = serializers.CharField(
        max_length=MAX_FILE_SIZE,
        trim_whitespace=False,
        help_text="CSV with the columns part, order, title, repository.",
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
        data = body
        rows, faults = read_sheet(data["text"])
        chosen = {"first_week": data["first_week"], "parts": data["parts"]}

        if data["dry_run"]:
            plan = preview_import(cohort=cohort, rows=rows, **chosen)
            return _report(plan, faults, dry_run=True)
        imported = import_missions(cohort=cohort, rows=rows, faults=faults, at=timezone.now(), **chosen)

        return _report(imported.plan, [], dry_run=False)


def _report(plan: ImportPlan, faults: list[Fault], *, dry_run: bool) -> Response:
    report = {
        "dry_run": dry_run,
        "faults": faults,
        "missions": plan.planned,
        "created": len(plan.to_create),
        "skipped": len(plan.to_skip),
        "new_parts": plan.unknown_parts,
        "new_weeks": [number for number, _starts_on in plan.new_weeks],
    }
    return Response(ImportOut(report).data)
