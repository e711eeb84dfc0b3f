"""URLs of the users service."""

from __future__ import annotations

from django.urls import include, path

from chassis.web import openapi
from users.account_deletion import pages as closing
from users.accounts import api as accounts
from users.avatars import pages as avatars
from users.docs import pages as docs
from users.exports import api as exports
from users.exports import pages as export_pages
from users.invitations import pages as invitations
from users.keys import api as keys
from users.owners import pages as owners
from users.profile import pages as profile
from users.signin import api as signin
from users.signin import urls as signin_pages
from users.tokens import api as tokens
from users.tokens import pages as token_pages

api = [
    *accounts.urlpatterns,
    *signin.urlpatterns,
    *tokens.urlpatterns,
    *exports.urlpatterns,
    path("openapi.json", openapi.DocumentView.as_view(), name="openapi"),
]

pages = [
    *profile.urlpatterns,
    *avatars.urlpatterns,
    *signin_pages.urlpatterns,
    *invitations.urlpatterns,
    *token_pages.urlpatterns,
    *export_pages.urlpatterns,
    *closing.urlpatterns,
    *owners.urlpatterns,
]

urlpatterns = [
    *keys.public,
    path("accounts/", include(pages)),
    path("api/v1/users/", include(api)),
    path("api/docs/", include(docs.urlpatterns)),
    # Not routed by the gateway.
    *keys.internal,
    *accounts.internal,
    *exports.internal,
]

handler429 = "users.signin.pages.login.too_many"
handler400 = "chassis.web.problems.unreadable"
handler404 = "chassis.web.problems.missing"
handler500 = "chassis.web.problems.broken"
