"""REST: import people from a sheet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.enqueue import enqueue_on_commit
from chassis.errors import DomainError
from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response, validated
from study.cohorts.access import membership_for_operator
from study.cohorts.models import Cohort, Role
from study.cohorts.queries import parts_of, teams_of
from study.missions.forms.sheet import Fault
from study.roster import access, queries, tasks
from study.roster.actions import start_import
from study.roster.forms.importing import ColumnsForm
from study.roster.forms.people import Groups, read_people
from study.roster.forms.table import MAX_TABLE_SIZE, read_text
from study.roster.models import RosterRow, RowState
from study.roster.queries import PlannedPerson
from study.roster.rules import FIELDS, Person, Table, guess_columns

MAX_TITLE_LENGTH = 300


class BadRoster(DomainError):
    code = "bad_sheet"
    title = _("Line %(line)s, %(column)s: %(message)s")
    status = 400


class PeopleIn(serializers.Serializer[dict[str, Any]]):
    text = serializers.CharField(
        max_length=MAX_TABLE_SIZE, trim_whitespace=False, help_text="CSV, with any titles in the first line."
    )
    columns = serializers.DictField(
        child=serializers.CharField(max_length=MAX_TITLE_LENGTH),
        default=dict,
        help_text=f"The title of the column by field: {', '.join(FIELDS)}. Others as in the last "
        "sheet, else by their titles.",
    )
    creates_groups = serializers.BooleanField(
        default=False, help_text="Create parts and teams that the cohort does not have."
    )
    dry_run = serializers.BooleanField(default=False, help_text="Only say what would happen.")


class RosterFaultOut(serializers.Serializer[Fault]):
    line = serializers.IntegerField()
    column = serializers.CharField(allow_blank=True, help_text="Its title; empty for the whole line.")
    message = serializers.CharField()


class PlannedPersonOut(serializers.Serializer[PlannedPerson]):
    line = serializers.IntegerField(source="person.line")
    name = serializers.CharField(source="person.name")
    role = serializers.ChoiceField(source="person.role", choices=Role.choices)
    state = serializers.ChoiceField(choices=RowState.choices)


class PeopleOut(serializers.Serializer[Any]):
    """What was started, or would be. With faults, nothing is."""

    id = serializers.UUIDField(allow_null=True, help_text="Of the import; null for a dry run.")
    columns = serializers.DictField(child=serializers.CharField(), help_text="As they were read.")
    faults = RosterFaultOut(many=True)
    people = PlannedPersonOut(many=True)
    new_parts = serializers.ListField(child=serializers.CharField())
    new_teams = serializers.ListField(child=serializers.CharField())


class ImportProgressOut(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="roster_import.id")
    created_at = serializers.DateTimeField(source="roster_import.created_at")
    total = serializers.IntegerField(source="progress.total")
    waiting = serializers.IntegerField(source="progress.waiting")
    invited = serializers.IntegerField(source="progress.invited")
    already_invited = serializers.IntegerField(source="progress.already_invited")
    already_member = serializers.IntegerField(source="progress.already_member")
    failed = serializers.IntegerField(source="progress.failed", help_text="To be imported again.")


class RosterRowOut(serializers.Serializer[RosterRow]):
    line = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    state = serializers.ChoiceField(choices=RowState.choices)
    invitation_id = serializers.UUIDField(allow_null=True)
    opened_at = serializers.DateTimeField(allow_null=True, help_text="When its link was first opened.")


class PeopleImports(APIView):
    @extend_schema(operation_id="import_people", request=PeopleIn, responses={200: PeopleOut, 201: PeopleOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Invite the people of a sheet by mail, in the background; all of them or none. Operators only.

        Who is a member or was invited before is left as it is.
        """
        me = principal_of(request).account_id
        cohort = membership_for_operator(cohort_id, account_id=me).cohort
        body = validated(PeopleIn, request)
        table, faults = read_text(body["text"])
        columns: dict[str, int | None] = {}
        people: list[Person] = []
        groups = Groups(parts_of(cohort), teams_of(cohort), is_created=body["creates_groups"])
        if table is not None:
            columns, faults = _columns(cohort, table, body["columns"])
            if not faults:
                people, faults = read_people(table, columns, groups)
        if faults and not body["dry_run"]:
            [fault, *_others] = faults
            raise BadRoster(field="text", line=fault.line, column=fault.column, message=fault.message)
        titles = {name: table.titles[index] for name, index in columns.items() if table and index is not None}
        plan = [] if faults else queries.plan_import(cohort, people, at=timezone.now())
        started = None
        if not body["dry_run"]:
            started = start_import(
                cohort=cohort,
                people=people,
                columns=titles,
                creates_groups=body["creates_groups"],
                by=me,
                at=timezone.now(),
            )
            enqueue_on_commit(tasks.invite_people)
        report = {
            "id": started and started.id,
            "columns": titles,
            "faults": faults,
            "people": plan,
            "new_parts": list(groups.new_parts.values()),
            "new_teams": [name for name, _kind in groups.new_teams.values()],
        }
        code = status.HTTP_201_CREATED if started else status.HTTP_200_OK
        return Response(PeopleOut(report).data, status=code)


class PeopleImport(APIView):
    @extend_schema(operation_id="get_people_import", responses={200: ImportProgressOut})
    def get(self, request: Request, cohort_id: UUID, import_id: UUID) -> Response:
        """Say how far an import of people is. Operators only."""
        found = access.import_for_operator(cohort_id, import_id, account_id=principal_of(request).account_id)
        report = {"roster_import": found, "progress": queries.progress_of(found)}
        return Response(ImportProgressOut(report).data)


class PeopleImportRows(APIView):
    @extend_schema(
        operation_id="list_people_import_rows", parameters=[PageIn], responses={200: list_of(RosterRowOut)}
    )
    def get(self, request: Request, cohort_id: UUID, import_id: UUID) -> Response:
        """List the rows of an import of people with what became of them. Operators only."""
        found = access.import_for_operator(cohort_id, import_id, account_id=principal_of(request).account_id)
        return list_response(RosterRowOut, queries.rows(found, **PageIn.of(request)))


def _columns(
    cohort: Cohort, table: Table, wanted: dict[str, str]
) -> tuple[dict[str, int | None], list[Fault]]:
    missing = [title for name, title in wanted.items() if name not in FIELDS or title not in table.titles]
    if missing:
        return {}, [Fault(1, title, _("There is no such column, or no such field.")) for title in missing]
    named = {name: table.titles.index(title) for name, title in wanted.items()}
    guessed = guess_columns(table.titles, queries.remembered_columns(cohort))
    others = {name: index for name, index in guessed.items() if index not in named.values()}
    columns = {name: index for name, index in (others | named).items() if index is not None}
    form = ColumnsForm({**columns, "text": "-"}, table=table)
    faults = [Fault(1, name, str(errors[0])) for name, errors in form.errors.items()]
    return dict(columns), faults


urlpatterns = [
    path("cohorts/<uuid:cohort_id>/people-imports", PeopleImports.as_view()),
    path("cohorts/<uuid:cohort_id>/people-imports/<uuid:import_id>", PeopleImport.as_view()),
    path("cohorts/<uuid:cohort_id>/people-imports/<uuid:import_id>/rows", PeopleImportRows.as_view()),
]
