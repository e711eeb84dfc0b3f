"""REST: the review queue, drafts and releases, and who reviews what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.errors import NotFound
from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response, validated
from study.cohorts.access import membership_for_operator
from study.cohorts.actions import set_automatic_assignment
from study.cohorts.models import Role
from study.reviews import actions, queries
from study.reviews.forms import MAX_ASSIGNED_AT_ONCE, MAX_COMMENT_LENGTH, ScoreInput
from study.submissions.access import (
    submission_for_operator,
    submission_for_reader,
    submission_for_reviewer,
)
from study.submissions.actions.grading import assign_mentor
from study.submissions.models import State, Submission


class QueueRowOut(serializers.Serializer[Submission]):
    id = serializers.UUIDField(help_text="The submission's.")
    name = serializers.CharField(allow_null=True, help_text="Null until users has published it.")
    cohort_title = serializers.CharField(source="mission.cohort.title")
    week = serializers.IntegerField(source="mission.week.number")
    mission_title = serializers.CharField(source="mission.title")
    state = serializers.ChoiceField(choices=State.choices)
    is_late = serializers.BooleanField()
    waiting_since = serializers.DateTimeField()
    points = serializers.IntegerField(allow_null=True)
    max_points = serializers.IntegerField(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)


class ScoreIn(serializers.Serializer[dict[str, Any]]):
    criterion_id = serializers.UUIDField()
    level_id = serializers.UUIDField()
    comment = serializers.CharField(max_length=MAX_COMMENT_LENGTH, allow_blank=True, default="")


class DraftIn(serializers.Serializer[dict[str, Any]]):
    comment = serializers.CharField(max_length=MAX_COMMENT_LENGTH, allow_blank=True, default="")
    scores = serializers.ListField(child=ScoreIn(), max_length=100)
    revision = serializers.CharField(
        max_length=100,
        allow_blank=True,
        allow_null=True,
        default=None,
        help_text="As it was read. If the review has changed since: 409 edit_conflict. Null overwrites.",
    )


class ChoiceOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    points = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    chosen = serializers.BooleanField()


class DraftCriterionOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    choices = ChoiceOut(source="levels.all", many=True)
    comment = serializers.CharField()


class ReviewDraftOut(serializers.Serializer[queries.ReviewDraft]):
    criteria = DraftCriterionOut(many=True)
    comment = serializers.CharField()
    saved_at = serializers.DateTimeField(
        allow_null=True,
        help_text="Null while there is no draft: what stands here was released last, if ever.",
    )
    version = serializers.IntegerField(allow_null=True)
    revision = serializers.CharField()
    withdrawable_until = serializers.DateTimeField(
        allow_null=True,
        help_text="Until when the mentor who released this version can withdraw it. Null: it is a draft.",
    )
    points = serializers.IntegerField()
    max_points = serializers.IntegerField()


class ScoreOut(serializers.Serializer[Any]):
    title = serializers.CharField(source="criterion.title")
    points = serializers.IntegerField(source="level.points")
    max_points = serializers.IntegerField()
    label = serializers.CharField(source="level.label")  # type: ignore[assignment]
    comment = serializers.CharField()


class ReviewOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    version = serializers.IntegerField()
    attempt = serializers.IntegerField(source="attempt.number")
    mentor_name = serializers.CharField(allow_null=True)
    comment = serializers.CharField()
    points = serializers.IntegerField()
    max_points = serializers.IntegerField()
    released_at = serializers.DateTimeField()
    scores = ScoreOut(many=True)


class ReviewerOut(serializers.Serializer[Any]):
    account_id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True)
    role = serializers.ChoiceField(choices=Role.choices)
    part_name = serializers.CharField(source="part", allow_null=True)
    waiting = serializers.IntegerField()
    done = serializers.IntegerField()


class AssignIn(serializers.Serializer[dict[str, Any]]):
    mentor_id = serializers.UUIDField(allow_null=True, help_text="Null for nobody.")


class AssignSeveralIn(AssignIn):
    submission_ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MAX_ASSIGNED_AT_ONCE
    )


class AutomaticIn(serializers.Serializer[dict[str, Any]]):
    is_on = serializers.BooleanField()


class AssignedOut(serializers.Serializer[dict[str, int]]):
    assigned = serializers.IntegerField()


class Queue(APIView):
    @extend_schema(operation_id="list_reviews", parameters=[PageIn], responses={200: list_of(QueueRowOut)})
    def get(self, request: Request) -> Response:
        """List the submissions that wait for the caller's review, oldest first."""
        page = queries.queue(principal_of(request).account_id, **PageIn.of(request))
        return list_response(QueueRowOut, page)


class Draft(APIView):
    @extend_schema(operation_id="get_review_draft", responses={200: ReviewDraftOut})
    def get(self, request: Request, submission_id: UUID) -> Response:
        """Get the rubric with the draft, else with the newest released review. Mentors and operators only."""
        submission = submission_for_reviewer(submission_id, account_id=principal_of(request).account_id)
        return Response(ReviewDraftOut(queries.review_draft(submission)).data)

    @extend_schema(operation_id="save_review_draft", request=DraftIn, responses={200: ReviewDraftOut})
    def put(self, request: Request, submission_id: UUID) -> Response:
        """Save a draft; the author does not see it. Mentors and operators only."""
        body = validated(DraftIn, request)
        submission = submission_for_reviewer(submission_id, account_id=principal_of(request).account_id)

        actions.save_draft(
            submission_id=submission.id,
            mentor_id=principal_of(request).account_id,
            scores={
                score["criterion_id"]: ScoreInput(score["level_id"], score["comment"])
                for score in body["scores"]
            },
            comment=body["comment"],
            at=timezone.now(),
            revision=body["revision"],
        )

        return Response(ReviewDraftOut(queries.review_draft(submission)).data)

    @extend_schema(operation_id="discard_review_draft", request=None, responses={204: None})
    def delete(self, request: Request, submission_id: UUID) -> Response:
        """Delete the draft. Mentors and operators only."""
        submission = submission_for_reviewer(submission_id, account_id=principal_of(request).account_id)
        actions.discard_draft(submission_id=submission.id)
        return Response(status=204)


class Release(APIView):
    @extend_schema(operation_id="release_review", request=None, responses={200: ReviewOut})
    def post(self, request: Request, submission_id: UUID) -> Response:
        """Release the draft to the author, who is notified. Mentors and operators only."""
        me = principal_of(request).account_id
        submission = submission_for_reviewer(submission_id, account_id=me)
        review = actions.release(submission_id=submission.id, mentor_id=me, at=timezone.now())
        return Response(ReviewOut(queries.find_released_review(review.submission)).data)


class Withdraw(APIView):
    @extend_schema(operation_id="withdraw_review", request=None, responses={200: ReviewDraftOut})
    def post(self, request: Request, submission_id: UUID) -> Response:
        """Withdraw the newest review within 5 minutes: it is a draft again. Only who released it."""
        me = principal_of(request).account_id
        submission = submission_for_reviewer(submission_id, account_id=me)
        actions.withdraw_review(submission_id=submission.id, mentor_id=me, at=timezone.now())
        return Response(ReviewDraftOut(queries.review_draft(submission)).data)


class Review(APIView):
    @extend_schema(operation_id="get_review", responses={200: ReviewOut})
    def get(self, request: Request, submission_id: UUID) -> Response:
        """Get the newest released review. For the author and the cohort's mentors and operators."""
        submission = submission_for_reader(submission_id, account_id=principal_of(request).account_id)
        review = queries.find_released_review(submission)
        if review is None:
            raise NotFound
        return Response(ReviewOut(review).data)


class Reviewers(APIView):
    @extend_schema(operation_id="list_reviewers", responses={200: list_of(ReviewerOut)})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the mentors and operators of a cohort with their numbers of submissions. Operators only."""
        membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        return list_response(ReviewerOut, queries.reviewers(cohort_id))

    @extend_schema(operation_id="assign_evenly", request=None, responses={200: AssignedOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Assign the submissions without a reviewer to the reviewers, evenly. Operators only."""
        membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        return Response({"assigned": actions.assign_evenly(cohort_id=cohort_id)})

    @extend_schema(operation_id="assign_several", request=AssignSeveralIn, responses={200: AssignedOut})
    def patch(self, request: Request, cohort_id: UUID) -> Response:
        """Assign several submissions to one reviewer, or to nobody; all or none. Operators only."""
        membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        body = validated(AssignSeveralIn, request)
        return Response({"assigned": actions.assign_several(cohort_id=cohort_id, **body)})


class AutomaticAssignment(APIView):
    @extend_schema(operation_id="set_automatic_assignment", request=AutomaticIn, responses={204: None})
    def put(self, request: Request, cohort_id: UUID) -> Response:
        """Set whether new submissions get a reviewer by themselves. Operators only."""
        body = validated(AutomaticIn, request)
        membership = membership_for_operator(cohort_id, account_id=principal_of(request).account_id)

        set_automatic_assignment(cohort=membership.cohort, **body)

        return Response(status=204)


class Reviewer(APIView):
    @extend_schema(operation_id="assign_reviewer", request=AssignIn, responses={204: None})
    def put(self, request: Request, cohort_id: UUID, submission_id: UUID) -> Response:
        """Assign a submission to a mentor or an operator, or to nobody. Operators only."""
        body = validated(AssignIn, request)
        me = principal_of(request).account_id
        submission = submission_for_operator(cohort_id, submission_id, account_id=me)

        assign_mentor(submission=submission, **body)

        return Response(status=204)


urlpatterns = [
    path("reviews", Queue.as_view()),
    path("submissions/<uuid:submission_id>/review", Review.as_view()),
    path("submissions/<uuid:submission_id>/review/draft", Draft.as_view()),
    path("submissions/<uuid:submission_id>/review/release", Release.as_view()),
    path("submissions/<uuid:submission_id>/review/withdraw", Withdraw.as_view()),
    path("cohorts/<uuid:cohort_id>/reviewers", Reviewers.as_view()),
    path("cohorts/<uuid:cohort_id>/reviewers/automatic", AutomaticAssignment.as_view()),
    path("cohorts/<uuid:cohort_id>/reviewers/<uuid:submission_id>", Reviewer.as_view()),
]
