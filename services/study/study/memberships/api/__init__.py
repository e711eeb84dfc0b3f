"""REST: members, invitations, joining and leaving."""

from __future__ import annotations

from django.urls import path

from study.memberships.api import invitations, members

urlpatterns = [
    path("cohorts/<uuid:cohort_id>/members", members.Members.as_view()),
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>", members.OneMember.as_view()),
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/github", members.Github.as_view()),
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/claim", members.ConfirmedClaim.as_view()),
    path("cohorts/<uuid:cohort_id>/me", members.Me.as_view()),
    path("cohorts/<uuid:cohort_id>/me/claim", members.Claim.as_view()),
    path("cohorts/<uuid:cohort_id>/invitations", invitations.Invitations.as_view()),
    path("cohorts/<uuid:cohort_id>/invitations/people", invitations.InvitedPeople.as_view()),
    path("cohorts/<uuid:cohort_id>/invitations/<uuid:invitation_id>", invitations.OneInvitation.as_view()),
    path("join/<slug:token>", invitations.Join.as_view()),
]
