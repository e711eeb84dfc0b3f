"""REST: people's places in a cohort."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import PageIn
from study.cohorts.access import seat_to_read
from study.cohorts.api.cohorts import REFUSALS
from study.cohorts.models import Membership, Role
from study.memberships import access, actions, queries
from study.memberships.rules import github_login


class MembersIn(PageIn):
    part_id = serializers.UUIDField(required=False)
    role = serializers.ChoiceField(choices=Role.choices, required=False)
    search = serializers.CharField(
        max_length=100, required=False, help_text="Looked for in names and GitHub logins."
    )


class MemberOut(serializers.Serializer[queries.MemberRow]):
    id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    name = serializers.CharField(
        allow_null=True, allow_blank=True, help_text='null: not heard of yet; "": a closed account.'
    )
    role = serializers.ChoiceField(choices=Role.choices)
    part_id = serializers.UUIDField(allow_null=True)
    part = serializers.CharField(allow_null=True)
    team_id = serializers.UUIDField(allow_null=True)
    team = serializers.CharField(allow_null=True)
    joined_at = serializers.DateTimeField()
    github = serializers.ChoiceField(
        choices=[str(one) for one in queries.Github],
        help_text="How sure it is whose GitHub account it is: pinned and linked are by GitHub's id, "
        "awaited is an operator's word, claimed is the member's own and counts for nothing.",
    )
    github_login = serializers.CharField(allow_blank=True)
    github_claim = serializers.CharField(allow_blank=True, help_text="For operators and the member alone.")


class MembersOut(serializers.Serializer[Any]):
    results = MemberOut(many=True)
    next = serializers.CharField(allow_null=True)


class SeatIn(serializers.Serializer[dict[str, Any]]):
    role = serializers.ChoiceField(choices=Role.choices)
    part_id = serializers.UUIDField(allow_null=True)
    team_id = serializers.UUIDField(allow_null=True)

    def validate_role(self, role: str) -> Role:
        """As the choice that it is."""
        return Role(role)


class LoginIn(serializers.Serializer[dict[str, Any]]):
    login = serializers.CharField(
        max_length=80, allow_blank=True, help_text="A GitHub login; empty for none."
    )

    def validate_login(self, typed: str) -> str:
        """Lower case, without @ or GitHub's address."""
        login = github_login(typed) if typed else ""
        if login is None:
            raise serializers.ValidationError(
                _("GitHub logins have only letters, digits and single hyphens, 39 at most.")
            )
        return login


class Members(APIView):
    @extend_schema(
        operation_id="list_members", parameters=[MembersIn], responses={200: MembersOut, **REFUSALS}
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """The people of a cohort that the caller is in, by name."""
        seat = seat_to_read(cohort_id, account_id=principal_of(request).account_id)
        asked = MembersIn(data=request.query_params)
        asked.is_valid(raise_exception=True)

        page = queries.members(seat, **asked.validated_data)

        return Response(MembersOut({"results": page.rows, "next": page.next}).data)


class OneMember(APIView):
    @extend_schema(operation_id="read_member", responses={200: MemberOut, **REFUSALS})
    def get(self, request: Request, cohort_id: UUID, membership_id: UUID) -> Response:
        """One of them. Operators."""
        seat = access.member_to_run(cohort_id, membership_id, account_id=principal_of(request).account_id)
        return _one(seat)

    @extend_schema(operation_id="change_member", request=SeatIn, responses={200: MemberOut, **REFUSALS})
    def put(self, request: Request, cohort_id: UUID, membership_id: UUID) -> Response:
        """Give a person another role, part or team. Operators."""
        seat = access.member_to_run(cohort_id, membership_id, account_id=principal_of(request).account_id)
        body = SeatIn(data=request.data)
        body.is_valid(raise_exception=True)

        seat = actions.change_seat(seat=seat, at=timezone.now(), **body.validated_data)

        return _one(seat)

    @extend_schema(operation_id="remove_member", responses={204: None, **REFUSALS})
    def delete(self, request: Request, cohort_id: UUID, membership_id: UUID) -> Response:
        """End a person's place; what they did stays. Operators."""
        seat = access.member_to_run(cohort_id, membership_id, account_id=principal_of(request).account_id)
        actions.leave(seat=seat, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Github(APIView):
    @extend_schema(operation_id="set_github_login", request=LoginIn, responses={200: MemberOut, **REFUSALS})
    def put(self, request: Request, cohort_id: UUID, membership_id: UUID) -> Response:
        """Say whose GitHub account it is; its id is pinned at its next pull request. Operators."""
        seat = access.member_to_run(cohort_id, membership_id, account_id=principal_of(request).account_id)
        body = LoginIn(data=request.data)
        body.is_valid(raise_exception=True)

        seat = actions.set_github_login(seat=seat, **body.validated_data)

        return _one(seat)


class ConfirmedClaim(APIView):
    @extend_schema(operation_id="confirm_claim", request=LoginIn, responses={200: MemberOut, **REFUSALS})
    def put(self, request: Request, cohort_id: UUID, membership_id: UUID) -> Response:
        """Believe what the member claims, if it still is this login. Operators."""
        seat = access.member_to_run(cohort_id, membership_id, account_id=principal_of(request).account_id)
        body = LoginIn(data=request.data)
        body.is_valid(raise_exception=True)

        seat = actions.confirm_claim(seat=seat, **body.validated_data)

        return _one(seat)


class Me(APIView):
    @extend_schema(operation_id="read_my_place", responses={200: MemberOut, **REFUSALS})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """The caller's own place in a cohort."""
        seat = seat_to_read(cohort_id, account_id=principal_of(request).account_id)
        return _one(seat)

    @extend_schema(operation_id="leave_cohort", responses={204: None, **REFUSALS})
    def delete(self, request: Request, cohort_id: UUID) -> Response:
        """Leave; what the caller did stays."""
        seat = seat_to_read(cohort_id, account_id=principal_of(request).account_id)
        actions.leave(seat=seat, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Claim(APIView):
    @extend_schema(operation_id="claim_github", request=LoginIn, responses={200: MemberOut, **REFUSALS})
    def put(self, request: Request, cohort_id: UUID) -> Response:
        """Say which GitHub account one has; it counts once an operator has confirmed it."""
        seat = seat_to_read(cohort_id, account_id=principal_of(request).account_id)
        body = LoginIn(data=request.data)
        body.is_valid(raise_exception=True)

        seat = actions.claim_github(seat=seat, **body.validated_data)

        return _one(seat)


def _one(seat: Membership) -> Response:
    # As the person sees it, which is as the operators do: with the claim.
    return Response(MemberOut(queries.member(seat, seen_by=seat)).data)
