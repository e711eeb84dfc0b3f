"""REST: submissions, and the pull requests that are none."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.representation import represented
from chassis.web.rest import PageIn, list_of, list_response, validated
from study.cohorts.access import membership_for_operator, require_mentor
from study.github.client import client
from study.github.models import EventKind, Outcome, Source, TimelineEvent
from study.missions.access import mission_for_member
from study.missions.api.missions import NewMissionIn
from study.missions.rules.assignment import AssignmentRule
from study.submissions import access
from study.submissions.actions.links import submit_link
from study.submissions.actions.matching import (
    assign_pull_requests,
    dismiss_pull_request,
    match_pull_request,
    restore_pull_request,
)
from study.submissions.actions.preview import preview_assignments
from study.submissions.actions.sync import SyncResult
from study.submissions.api.works import WorkOut
from study.submissions.forms import MAX_LINK_LENGTH
from study.submissions.models import Clock, State
from study.submissions.queries.lists import list_cohort_submissions, list_own_submissions
from study.submissions.queries.pull_requests import dismissed, mission_of, unmatched
from study.submissions.queries.rows import AttemptRow, SubmissionRow, attempts_of, readable_submission
from study.submissions.queries.timeline import timeline_events


class SubmissionOut(serializers.Serializer[SubmissionRow]):
    id = serializers.UUIDField()
    cohort_id = serializers.UUIDField()
    cohort_title = serializers.CharField()
    mission_id = serializers.UUIDField()
    mission_title = serializers.CharField()
    week = serializers.IntegerField()
    account_id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True)
    mentor_id = serializers.UUIDField(allow_null=True)
    mentor = serializers.CharField(allow_null=True)
    repository = serializers.CharField(
        allow_null=True,
        help_text="Null, as `number` and `url`, where everything was sent to Seodang.",
    )
    mission_rule = serializers.CharField(
        allow_null=True,
        help_text=f"Why it is for this mission: {', '.join(AssignmentRule.values)}; null if unknown.",
    )
    number = serializers.IntegerField(allow_null=True, help_text="The pull request's.")
    url = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=State.choices)
    is_late = serializers.BooleanField(
        help_text="Whether even the first attempt came after the deadline in force now."
    )
    was_late = serializers.BooleanField(help_text="The same by the deadline that bound when it came.")
    attempts = serializers.IntegerField()
    points = serializers.IntegerField(allow_null=True)
    max_points = serializers.IntegerField(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(
        allow_null=True, help_text="Null where a review in Seodang completes it, and until something does."
    )
    completion = serializers.CharField(
        allow_null=True, help_text="What completed it: approval, merge, submission; null as completed_at."
    )
    completion_login = serializers.CharField(
        allow_null=True,
        help_text="The GitHub login of who approved or merged it.",
    )
    handed_in_at = serializers.DateTimeField(help_text="Since when the first attempt counts.")
    created_at = serializers.DateTimeField()


class AttemptOut(serializers.Serializer[AttemptRow]):
    number = serializers.IntegerField()
    head_sha = serializers.CharField(
        allow_null=True, help_text="The commit; null for what was sent to Seodang."
    )
    work = WorkOut(
        allow_null=True,
        help_text="What was sent to Seodang; null for a commit, and once it was deleted with the account.",
    )
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]
    received_at = serializers.DateTimeField(help_text="Since when it counts.")
    # Not a ChoiceField: the document would give its enumeration by name, which cannot be null.
    clock = serializers.CharField(
        source="counted_by",
        allow_null=True,
        help_text=f"Which time: {', '.join(Clock.values)}; null where an earlier release used its own.",
    )
    due_at = serializers.DateTimeField(help_text="The deadline that bound at that moment.")
    late_seconds = serializers.IntegerField(help_text="By `due_at`.")
    is_late = serializers.BooleanField(help_text="By the deadline in force now.")


class TimelineEventOut(serializers.Serializer[TimelineEvent]):
    kind = serializers.ChoiceField(choices=EventKind.choices)
    at = serializers.DateTimeField()
    actor = serializers.CharField(help_text="A GitHub login, empty where GitHub names nobody.")
    sha = serializers.CharField()
    before_sha = serializers.CharField()
    text = serializers.CharField()
    count = serializers.IntegerField(allow_null=True, help_text="Of commits or checks, where known.")


class SubmissionDetailOut(serializers.Serializer[dict[str, Any]]):
    submission = SubmissionOut()
    attempts = AttemptOut(many=True)
    timeline = TimelineEventOut(many=True)


class LinkIn(serializers.Serializer[dict[str, Any]]):
    mission_id = serializers.UUIDField()
    link = serializers.CharField(max_length=MAX_LINK_LENGTH)


class SubmitOut(serializers.Serializer[SyncResult]):
    submission_id = serializers.UUIDField(
        source="submission.id", allow_null=True, help_text="Null while it waits."
    )
    outcome = serializers.ChoiceField(choices=Outcome.choices)


class StateIn(PageIn):
    state = serializers.ChoiceField(choices=State.choices, required=False)


class PullRequestsIn(PageIn):
    show = serializers.ChoiceField(choices=["waiting", "aside"], default="waiting")


class PullRequestOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    mission_id = serializers.SerializerMethodField(help_text="Null while it is not decided.")
    mission_title = serializers.SerializerMethodField()
    repository = serializers.CharField(source="repository.name")
    number = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField()
    author_login = serializers.CharField()
    state = serializers.ChoiceField(choices=["open", "closed", "merged"])
    draft = serializers.BooleanField()
    opened_at = serializers.DateTimeField()
    reason = serializers.CharField(source="unmatched", help_text="Why it waits; empty once it is dismissed.")
    dismissed_at = serializers.DateTimeField(allow_null=True)
    guess_id = serializers.UUIDField(allow_null=True, help_text="The membership whose it may be.")
    guess = serializers.CharField(allow_null=True)
    first_number = serializers.IntegerField(allow_null=True)

    def get_mission_id(self, pull_request: Any) -> UUID | None:
        mission = mission_of(pull_request)
        return mission.id if mission else None

    def get_mission_title(self, pull_request: Any) -> str | None:
        mission = mission_of(pull_request)
        return mission.title if mission else None


class MatchIn(serializers.Serializer[dict[str, Any]]):
    membership_id = serializers.UUIDField()
    mission_id = serializers.UUIDField(
        allow_null=True, default=None, help_text="A mission of the repository; null lets the rules decide."
    )


class AssignMissionIn(serializers.Serializer[dict[str, Any]]):
    pull_request_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=100)
    mission_id = serializers.UUIDField()


class AssignMissionOut(serializers.Serializer[dict[str, int]]):
    assigned = serializers.IntegerField()


# What of a mission decides which pull requests are for it.
_DECIDING = (
    "repository",
    "other_repositories",
    "marker",
    "week_id",
    "part_id",
    "team_id",
    "opens_at",
    "due_at",
)


class AssignmentPreviewOut(serializers.Serializer[Any]):
    """What the pull requests without a decision would become."""

    found = serializers.IntegerField()
    assigned = serializers.IntegerField()
    to_decide = serializers.IntegerField()
    unknown = serializers.IntegerField(help_text="From GitHub accounts that no member has.")
    is_complete = serializers.BooleanField(help_text="False if GitHub did not respond.")


class AssignmentPreview(APIView):
    @extend_schema(
        operation_id="preview_assignments", request=NewMissionIn, responses={200: AssignmentPreviewOut}
    )
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Count what pull requests that exist would become with a new mission. Operators only."""
        cohort = membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort
        body = validated(NewMissionIn, request)
        given = {name: body[name] for name in _DECIDING}

        counts = preview_assignments(cohort=cohort, github=client(), at=timezone.now(), **given)

        return Response(AssignmentPreviewOut(counts).data)


class Submissions(APIView):
    @extend_schema(
        operation_id="list_submissions", parameters=[PageIn], responses={200: list_of(SubmissionOut)}
    )
    def get(self, request: Request) -> Response:
        """List the caller's submissions, newest first."""
        page = list_own_submissions(principal_of(request).account_id, **PageIn.of(request))
        return list_response(SubmissionOut, page)

    @extend_schema(
        operation_id="create_submission", request=LinkIn, responses={201: SubmitOut, 202: SubmitOut}
    )
    def post(self, request: Request) -> Response:
        """Submit a pull request by its link. 202: it waits for GitHub or an operator."""
        body = validated(LinkIn, request)
        mission, membership = mission_for_member(
            body["mission_id"], account_id=principal_of(request).account_id
        )

        result = submit_link(
            mission=mission, membership=membership, link=body["link"], github=client(), at=timezone.now()
        )

        code = status.HTTP_201_CREATED if result.submission else status.HTTP_202_ACCEPTED
        return Response(SubmitOut(result).data, status=code)


class SubmissionDetail(APIView):
    @extend_schema(operation_id="get_submission", responses={200: SubmissionDetailOut})
    def get(self, request: Request, submission_id: UUID) -> Response:
        """Get a submission, its attempts and timeline. Its author, mentors and operators only."""
        submission = readable_submission(submission_id, account_id=principal_of(request).account_id)
        return Response(
            {
                "submission": represented(SubmissionOut, [submission])[0],
                "attempts": represented(AttemptOut, attempts_of(submission)),
                "timeline": represented(TimelineEventOut, timeline_events(submission.id)),
            }
        )


class CohortSubmissions(APIView):
    @extend_schema(
        operation_id="list_cohort_submissions", parameters=[StateIn], responses={200: list_of(SubmissionOut)}
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the submissions of a cohort, newest first. Mentors and operators only."""
        require_mentor(cohort_id, account_id=principal_of(request).account_id)
        page = list_cohort_submissions(cohort_id, **StateIn.of(request))
        return list_response(SubmissionOut, page)


class Pulls(APIView):
    @extend_schema(
        operation_id="list_pull_requests",
        parameters=[PullRequestsIn],
        responses={200: list_of(PullRequestOut)},
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List pull requests that are no submission: waiting, or dismissed. Operators only."""
        membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        query = PullRequestsIn.of(request)
        rows = dismissed if query.pop("show") == "aside" else unmatched
        page = rows(cohort_id, **query)
        return list_response(PullRequestOut, page)


class AssignMission(APIView):
    @extend_schema(
        operation_id="assign_pull_requests", request=AssignMissionIn, responses={200: AssignMissionOut}
    )
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Make waiting pull requests submissions of a mission. Operators only.

        Others of the ids are left out: those that were decided or dismissed meanwhile.
        """
        account_id = principal_of(request).account_id
        membership_for_operator(cohort_id, account_id=account_id)
        body = validated(AssignMissionIn, request)

        assigned = assign_pull_requests(cohort_id=cohort_id, by=account_id, at=timezone.now(), **body)

        return Response(AssignMissionOut({"assigned": assigned}).data)


class Match(APIView):
    @extend_schema(operation_id="match_pull_request", request=MatchIn, responses={200: SubmitOut})
    def post(self, request: Request, pull_request_id: UUID) -> Response:
        """Make a pull request a member's submission, and link its author's GitHub account. Operators only."""
        account_id = principal_of(request).account_id
        pull_request = access.pull_request_for_operator(pull_request_id, account_id=account_id)
        body = validated(MatchIn, request)
        member = access.member_for_match(pull_request, body["membership_id"])

        result = match_pull_request(
            pull_request=pull_request,
            membership=member,
            mission_id=body["mission_id"],
            by=account_id,
            at=timezone.now(),
        )

        return Response(SubmitOut(result).data)


class Dismiss(APIView):
    @extend_schema(operation_id="dismiss_pull_request", request=None, responses={204: None})
    def post(self, request: Request, pull_request_id: UUID) -> Response:
        """Dismiss a pull request: it is no submission. Operators only."""
        account_id = principal_of(request).account_id
        pull_request = access.pull_request_for_operator(pull_request_id, account_id=account_id)
        dismiss_pull_request(pull_request=pull_request, by=account_id, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Restore(APIView):
    @extend_schema(operation_id="restore_pull_request", request=None, responses={204: None})
    def post(self, request: Request, pull_request_id: UUID) -> Response:
        """Restore a dismissed pull request. Operators only."""
        pull_request = access.pull_request_for_operator(
            pull_request_id, account_id=principal_of(request).account_id
        )
        restore_pull_request(pull_request=pull_request, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
