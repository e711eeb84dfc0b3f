"""Pages of missions."""

from __future__ import annotations

from django.urls import path

from study.missions.pages import dues, editing, importing, reading

app_name = "missions"
urlpatterns = [
    path("cohorts/<uuid:cohort_id>/missions/", reading.missions, name="list"),
    path("cohorts/<uuid:cohort_id>/missions/new/", editing.new, name="new"),
    path("cohorts/<uuid:cohort_id>/missions/import/", importing.bring_in, name="import"),
    path("missions/<uuid:mission_id>/", reading.detail, name="detail"),
    path("missions/<uuid:mission_id>/edit/", editing.edit, name="edit"),
    path("missions/<uuid:mission_id>/rubric/share/", editing.share, name="share_rubric"),
    path("missions/<uuid:mission_id>/delete/", editing.delete, name="delete"),
    path("missions/<uuid:mission_id>/dues/", dues.dues, name="dues"),
    path("missions/<uuid:mission_id>/dues/parts/", dues.set_part, name="set_part_due"),
    path(
        "missions/<uuid:mission_id>/dues/parts/<uuid:part_id>/clear/", dues.clear_part, name="clear_part_due"
    ),
    path("missions/<uuid:mission_id>/dues/extensions/", dues.extend, name="extend"),
    path(
        "missions/<uuid:mission_id>/dues/extensions/<uuid:extension_id>/withdraw/",
        dues.withdraw,
        name="withdraw",
    ),
]
