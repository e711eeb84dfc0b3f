"""Settings of the study service, all from the environment. Defaults are for production."""

from __future__ import annotations

from chassis import env, logs, settings, settings_base
from chassis.settings import *  # noqa: F403 - what has one value in every service

SERVICE = "study"

FIELD_KEYS = env.list_of("FIELD_KEY")
SERVICE_SECRET = env.secret("SERVICE_SECRET")
USERS_URL = env.url("USERS_URL")
JWKS_LOADER = "chassis.web.jwks.fetch_over_http"
ACCOUNT_IS_CLOSED = "chassis.account_mirror.queries.is_closed"
EXPORT_PERSONAL_DATA = "study.personal_data.queries.export_personal_data"
DELETE_PERSONAL_DATA = "study.personal_data.actions.delete_personal_data"
# Lists from which `rebuild_mirrors` fetches: the service, and the function that gets each row.
MIRRORS = {"accounts": ("users", "chassis.personal_data.handlers.upsert_account")}

GITHUB_API_URL = env.string("GITHUB_API_URL", "https://api.github.com")
# Where people go: GitHub itself, or an Enterprise Server.
GITHUB_WEB_URL = env.url("GITHUB_WEB_URL", "https://github.com").rstrip("/")
GITHUB_TOKEN = env.string("GITHUB_TOKEN", "")
GITHUB_REPOSITORY_AUTH = "study.installations.client.repository_token"
GITHUB_OWN_APP_ID = "study.installations.queries.own_app_id"
CHECK_RUN_CONTENT = "study.submissions.queries.check_runs.check_run_content"
PULL_REQUEST_SUBSCRIBER = "study.submissions.actions.sync.handle_pull_request"
MISSION_ANNOTATIONS = "study.submissions.queries.lists.mission_annotations"
OPEN_JOIN_REQUESTS = "study.memberships.queries.open_requests_of"
TEAM_HAS_MISSIONS = "study.missions.queries.missions.team_has_missions"
REVIEWER_OF_SUBMISSION = "study.reviews.queries.reviewer_of"
MISSION_REVIEWS = "study.reviews.queries.reviews_of_mission"
MISSION_PREVIEW = "study.submissions.actions.preview.preview_assignments"
MISSION_PULL_REQUESTS = "study.submissions.queries.pull_requests.pull_requests_of_mission"
MISSION_SUBMISSIONS = "study.submissions.queries.lists.submissions_of_mission"
MISSION_COMPLETION_SUBSCRIBER = "study.submissions.actions.status.update_statuses"
# Move what belongs to a former membership to the new one, in the transaction that creates it.
REJOINING_SUBSCRIBERS = [
    "study.missions.actions.deadlines.carry_over_extensions",
    "study.submissions.actions.grading.carry_over_submissions",
]
# Gives what waits for a reviewer who leaves or is demoted to others, in the transaction that ends it.
REVIEWER_LEFT_SUBSCRIBER = "study.submissions.actions.reviewers.reassign_reviews"

# Lets what waits for a mission be decided again, with each joining and change of a part, team or role.
MEMBERSHIP_MOVED_SUBSCRIBER = "study.submissions.actions.assignment.decide_again"

# How much the submitted files of a cohort may take, in MiB.
COHORT_FILES_MIB = env.number("COHORT_FILES_MIB", 1024)

PEER_BROKER_URLS = {
    "users": env.url("BROKER_URL_USERS", settings.BROKER_URL),
    "notification": env.url("BROKER_URL_NOTIFICATION", settings.BROKER_URL),
}
CONSUMERS = settings_base.consumers(SERVICE)
SUBSCRIPTIONS = "study.subscriptions.SUBSCRIPTIONS"
CELERY = "study.celery"

INSTALLED_APPS = [
    *settings_base.APPS,
    *settings_base.ACCOUNT_APPS,
    "study.cohorts",
    "study.audit",
    "study.memberships",
    "study.github",
    "study.installations",
    "study.missions",
    "study.repositories",
    "study.submissions",
    "study.discussions",
    "study.reviews",
    "study.announcements",
    "study.reminders",
    "study.notes",
    "study.roster",
    "study.exports",
    "study.copies",
    "study.home",
    "study.search",
    "study.personal_data",
]
TEMPLATES = settings_base.templates(
    "chassis.account_mirror.templatetags.people", "study.submissions.templatetags.states"
)
SPECTACULAR_SETTINGS = settings_base.openapi(SERVICE) | {
    "ENUM_NAME_OVERRIDES": {
        "MissionState": "study.missions.rules.deadlines.STATUSES",
        "CheckRunError": "study.installations.models.CheckRunError",
        "RosterRowState": "study.roster.models.RowState",
        "TeamKind": "study.cohorts.models.TeamKind",
        "InvitationState": ["open", "withdrawn", "over", "used_up"],
        "JoinRequestState": "study.memberships.models.JoinRequestState",
        "SubmissionState": "study.submissions.models.State",
    }
}
ROOT_URLCONF = "study.urls"
WSGI_APPLICATION = "study.wsgi.application"

STATIC_URL = f"/static/{SERVICE}/"

logs.configure(SERVICE)
