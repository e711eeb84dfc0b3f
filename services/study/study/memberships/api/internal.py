"""REST for other services: cohorts and memberships for mirrors, cohorts to hand over, people invited by mail.

Not routed by the gateway.
"""

from __future__ import annotations

from uuid import UUID

from django.urls import path, reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.crypto import decrypt
from chassis.errors import NotAllowed, NotFound
from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, ServiceOnly, list_of, list_response
from study.cohorts import queries
from study.cohorts.models import Cohort, Membership, Role
from study.memberships import access
from study.memberships.models import Invitee


class CohortOut(serializers.Serializer[Cohort]):
    cohort_id = serializers.UUIDField(source="id")
    title = serializers.CharField()
    version = serializers.IntegerField()
    parts = serializers.SerializerMethodField()

    def get_parts(self, cohort: Cohort) -> list[dict[str, str]]:
        parts = sorted(cohort.parts.all(), key=lambda part: part.position)
        return [{"part_id": str(part.id), "name": part.name} for part in parts]


class MembershipOut(serializers.Serializer[Membership]):
    membership_id = serializers.UUIDField(source="id")
    cohort_id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    role = serializers.ChoiceField(choices=Role.choices)
    left = serializers.SerializerMethodField()
    version = serializers.IntegerField()

    def get_left(self, membership: Membership) -> bool:
        return membership.left_at is not None


class CohortToHandOverOut(serializers.Serializer[Cohort]):
    title = serializers.CharField()
    path = serializers.SerializerMethodField(help_text="The page that appoints an organizer.")

    def get_path(self, cohort: Cohort) -> str:
        return reverse("memberships:members", args=[cohort.id])


class AllCohorts(APIView):
    permission_classes = [ServiceOnly]

    @extend_schema(operation_id="list_cohorts", parameters=[PageIn], responses={200: list_of(CohortOut)})
    def get(self, request: Request) -> Response:
        """List all cohorts."""
        return list_response(CohortOut, queries.all_cohorts(**PageIn.of(request)))


class AllMemberships(APIView):
    permission_classes = [ServiceOnly]

    @extend_schema(
        operation_id="list_memberships", parameters=[PageIn], responses={200: list_of(MembershipOut)}
    )
    def get(self, request: Request) -> Response:
        """List all memberships, also ended ones."""
        return list_response(MembershipOut, queries.all_memberships(**PageIn.of(request)))


class ToHandOver(APIView):
    permission_classes = [ServiceOnly]

    @extend_schema(operation_id="list_cohorts_to_hand_over", responses={200: list_of(CohortToHandOverOut)})
    def get(self, request: Request, account_id: UUID) -> Response:
        """List the cohorts that need another operator before this account closes, by title. Only for users.

        Empty for an unknown account.
        """
        if principal_of(request).subject != "users":
            raise NotAllowed
        return list_response(CohortToHandOverOut, queries.cohorts_to_hand_over(account_id))


class InvitedPersonOut(serializers.Serializer[Invitee]):
    name = serializers.CharField(help_text="As the sheet has it.")
    email = serializers.SerializerMethodField(help_text="The address that the mail went to.")
    path = serializers.CharField(source="invitation.path", help_text="The page that joins.")

    def get_email(self, invitee: Invitee) -> str:
        try:
            return decrypt(invitee.email_encrypted)
        except ValueError:
            raise NotFound from None


class InvitedPerson(APIView):
    permission_classes = [ServiceOnly]

    @extend_schema(operation_id="get_invited_person", responses={200: InvitedPersonOut})
    def get(self, request: Request, key_hash: str) -> Response:
        """Get who was invited by the mail whose link has the key with this SHA-256. Only for users.

        Not found once the invitation is used, withdrawn or over, or was mailed again.
        """
        if principal_of(request).subject != "users":
            raise NotAllowed
        return Response(InvitedPersonOut(access.invitee_by_key(key_hash, at=timezone.now())).data)


urlpatterns = [
    path("internal/cohorts", AllCohorts.as_view()),
    path("internal/memberships", AllMemberships.as_view()),
    path("internal/accounts/<uuid:account_id>/cohorts-to-hand-over", ToHandOver.as_view()),
    path("internal/invited-people/<slug:key_hash>", InvitedPerson.as_view()),
]
