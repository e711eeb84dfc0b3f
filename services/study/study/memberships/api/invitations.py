"""REST: the ways into a cohort."""

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
from chassis.web.problems import ProblemOut
from chassis.web.rest import PageIn
from study.cohorts.access import seat_to_run
from study.cohorts.api.cohorts import REFUSALS
from study.cohorts.models import Role
from study.memberships import access, actions, queries
from study.memberships.api.members import MemberOut
from study.memberships.rules import MOST_USES, InvitationState


class _PlaceIn(serializers.Serializer[dict[str, Any]]):
    role = serializers.ChoiceField(choices=Role.choices)
    part_id = serializers.UUIDField(allow_null=True, default=None)

    def validate_role(self, role: str) -> Role:
        """As the choice that it is."""
        return Role(role)


class InvitationIn(_PlaceIn):
    expires_at = serializers.DateTimeField()
    max_uses = serializers.IntegerField(min_value=1, max_value=MOST_USES)


class InvitedPersonIn(_PlaceIn):
    account_id = serializers.UUIDField(help_text="Somebody in another cohort that the caller operates.")


class InvitationOut(serializers.Serializer[queries.InvitationRow]):
    id = serializers.UUIDField()
    path = serializers.CharField(help_text="The link, as a path of this installation.")
    role = serializers.ChoiceField(choices=Role.choices)
    part = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=[str(one) for one in InvitationState])
    expires_at = serializers.DateTimeField()
    uses = serializers.IntegerField()
    max_uses = serializers.IntegerField()
    addressed = serializers.BooleanField(help_text="Whether it is for one person alone.")
    invited = serializers.CharField(allow_null=True, allow_blank=True, help_text="That person's name.")
    made_by = serializers.CharField(allow_null=True, allow_blank=True)
    created_at = serializers.DateTimeField()


class InvitationsOut(serializers.Serializer[Any]):
    results = InvitationOut(many=True)
    next = serializers.CharField(allow_null=True)


class JoinIn(serializers.Serializer[dict[str, Any]]):
    part_id = serializers.UUIDField(
        allow_null=True, default=None, help_text="One of the parts that the link offers, if it offers any."
    )


class OfferedPartOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class WelcomeOut(serializers.Serializer[Any]):
    cohort_title = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    part = serializers.CharField(allow_null=True)
    inviter = serializers.CharField(allow_null=True, allow_blank=True)
    state = serializers.ChoiceField(choices=[str(one) for one in InvitationState])
    expires_at = serializers.DateTimeField()
    already_in = serializers.BooleanField()
    parts = OfferedPartOut(many=True, help_text="To choose from when joining; empty: nothing to choose.")


class Invitations(APIView):
    @extend_schema(
        operation_id="list_invitations", parameters=[PageIn], responses={200: InvitationsOut, **REFUSALS}
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """The ways into a cohort, the newest first. Operators."""
        cohort = seat_to_run(cohort_id, account_id=principal_of(request).account_id).cohort
        page = queries.invitations(cohort, at=timezone.now(), **PageIn.of(request))
        return Response(InvitationsOut({"results": page.rows, "next": page.next}).data)

    @extend_schema(
        operation_id="make_invitation", request=InvitationIn, responses={201: InvitationOut, **REFUSALS}
    )
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Make a link. Operators."""
        principal = principal_of(request)
        cohort = seat_to_run(cohort_id, account_id=principal.account_id).cohort
        body = InvitationIn(data=request.data)
        body.is_valid(raise_exception=True)
        at = timezone.now()

        made = actions.make_invitation(cohort=cohort, by=principal.account_id, at=at, **body.validated_data)

        row = queries.invitation(made, at=at)
        return Response(InvitationOut(row).data, status=status.HTTP_201_CREATED)


class InvitedPeople(APIView):
    @extend_schema(
        operation_id="invite_person", request=InvitedPersonIn, responses={201: InvitationOut, **REFUSALS}
    )
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Invite one person whom the caller knows; they are told. Operators."""
        principal = principal_of(request)
        cohort = seat_to_run(cohort_id, account_id=principal.account_id).cohort
        body = InvitedPersonIn(data=request.data)
        body.is_valid(raise_exception=True)
        at = timezone.now()

        made = actions.invite_account(cohort=cohort, by=principal.account_id, at=at, **body.validated_data)

        row = queries.invitation(made, at=at)
        return Response(InvitationOut(row).data, status=status.HTTP_201_CREATED)


class OneInvitation(APIView):
    @extend_schema(operation_id="read_invitation", responses={200: InvitationOut, **REFUSALS})
    def get(self, request: Request, cohort_id: UUID, invitation_id: UUID) -> Response:
        """One of them. Operators."""
        made = access.invitation_to_run(cohort_id, invitation_id, account_id=principal_of(request).account_id)
        return Response(InvitationOut(queries.invitation(made, at=timezone.now())).data)

    @extend_schema(operation_id="withdraw_invitation", responses={204: None, **REFUSALS})
    def delete(self, request: Request, cohort_id: UUID, invitation_id: UUID) -> Response:
        """Let nobody more join by it. Operators."""
        made = access.invitation_to_run(cohort_id, invitation_id, account_id=principal_of(request).account_id)
        actions.withdraw_invitation(invitation=made, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Join(APIView):
    @extend_schema(operation_id="read_welcome", responses={200: WelcomeOut, **REFUSALS})
    def get(self, request: Request, token: str) -> Response:
        """What a link leads into. Looking uses nothing up."""
        made = access.invitation_to_use(token)
        welcome = queries.welcome(made, account_id=principal_of(request).account_id, at=timezone.now())
        parts = [{"id": part_id, "name": name} for part_id, name in queries.parts_to_choose(made)]
        return Response(WelcomeOut({**vars(welcome), "parts": parts}).data)

    @extend_schema(
        operation_id="join", request=JoinIn, responses={201: MemberOut, 422: ProblemOut, **REFUSALS}
    )
    def post(self, request: Request, token: str) -> Response:
        """Join by the link."""
        made = access.invitation_to_use(token)
        body = JoinIn(data=request.data)
        body.is_valid(raise_exception=True)

        seat = actions.join(
            invitation=made,
            account_id=principal_of(request).account_id,
            at=timezone.now(),
            **body.validated_data,
        )

        return Response(MemberOut(queries.member(seat, seen_by=seat)).data, status=status.HTTP_201_CREATED)
