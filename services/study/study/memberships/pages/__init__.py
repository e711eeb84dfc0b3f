"""Pages: members, invitations, joining and leaving, cohorts of the installation."""

from __future__ import annotations

from django.urls import path

from study.memberships.pages import invitations, joining, members, owners, requests

app_name = "memberships"
urlpatterns = [
    path("cohorts/<uuid:cohort_id>/members/", members.members, name="members"),
    path("cohorts/<uuid:cohort_id>/members/update/", members.update_many, name="update_many"),
    path("cohorts/<uuid:cohort_id>/members/updates/<uuid:update_id>/undo/", members.undo, name="undo"),
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/", members.member, name="member"),
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/github/", members.github, name="github"),
    path(
        "cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/claim/",
        members.confirm_claim,
        name="confirm_claim",
    ),
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/remove/", members.remove, name="remove"),
    path("cohorts/<uuid:cohort_id>/invitations/", invitations.invitations, name="invitations"),
    path("cohorts/<uuid:cohort_id>/invitations/people/", invitations.invite_person, name="invite_person"),
    path(
        "cohorts/<uuid:cohort_id>/invitations/<uuid:invitation_id>/withdraw/",
        invitations.withdraw,
        name="withdraw",
    ),
    path(
        "cohorts/<uuid:cohort_id>/invitations/<uuid:invitation_id>/resend/",
        invitations.resend,
        name="resend",
    ),
    path("cohorts/<uuid:cohort_id>/invitations/requests/", requests.join_requests, name="join_requests"),
    path("cohorts/<uuid:cohort_id>/me/", joining.mine, name="mine"),
    path("cohorts/<uuid:cohort_id>/me/part/", joining.part, name="part"),
    path("cohorts/<uuid:cohort_id>/me/consent/", joining.consent, name="consent"),
    path("cohorts/<uuid:cohort_id>/leave/", joining.leave, name="leave"),
    path("cohorts/installation/", owners.cohorts, name="every_cohort"),
    path("cohorts/installation/<uuid:cohort_id>/", owners.appoint, name="appoint"),
    path("join/requests/<uuid:request_id>/", requests.my_request, name="my_request"),
    path("join/requests/<uuid:request_id>/withdraw/", requests.withdraw, name="withdraw_request"),
    path("join/<slug:token>/", joining.join, name="join"),
]
