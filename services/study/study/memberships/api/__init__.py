"""REST: members, invitations, joining and leaving."""

from __future__ import annotations

from django.urls import path

from study.memberships.api import invitations, members, requests

urlpatterns = [
    path("cohorts/<uuid:cohort_id>/members", members.MemberList.as_view()),
    path(
        "cohorts/<uuid:cohort_id>/members/updates/<uuid:update_id>/undo", members.UndoMembersUpdate.as_view()
    ),
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>", members.MemberDetail.as_view()),
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/github", members.MemberGitHubLogin.as_view()),
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/claim", members.ConfirmGitHubClaim.as_view()),
    path("cohorts/<uuid:cohort_id>/me", members.MyMembership.as_view()),
    path("cohorts/<uuid:cohort_id>/me/consent", members.MyConsent.as_view()),
    path("cohorts/<uuid:cohort_id>/me/claim", members.MyGitHubClaim.as_view()),
    path("cohorts/<uuid:cohort_id>/invitations", invitations.InvitationList.as_view()),
    path("cohorts/<uuid:cohort_id>/invitations/people", invitations.InvitePerson.as_view()),
    path("cohorts/<uuid:cohort_id>/invitations/<uuid:invitation_id>", invitations.InvitationDetail.as_view()),
    path(
        "cohorts/<uuid:cohort_id>/invitations/<uuid:invitation_id>/emails",
        invitations.InvitationEmails.as_view(),
    ),
    path("cohorts/<uuid:cohort_id>/join-requests", requests.JoinRequestList.as_view()),
    path("cohorts/<uuid:cohort_id>/join-requests/decisions", requests.JoinRequestDecisions.as_view()),
    path("join-requests", requests.MyJoinRequests.as_view()),
    path("join-requests/<uuid:request_id>", requests.MyJoinRequest.as_view()),
    path("join/<slug:token>", invitations.JoinCohort.as_view()),
]
