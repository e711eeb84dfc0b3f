"""What the audit log keeps of a value fits its column, and is shown in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone, translation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from study.audit.rules import (
    MISSION_CHOICES,
    VALUE_LENGTH,
    audit_value,
    field_label,
    rubric_value,
    score_value,
    shown_value,
)
from study.cohorts.models import AuditKind
from study.missions.models import CompletedBy, SubmissionKind

VALUES = st.one_of(
    st.none(), st.text(), st.integers(), st.datetimes(timezones=st.just(UTC)), st.lists(st.text())
)
FIELDS = st.sampled_from(["", "title", "opens_at", *MISSION_CHOICES])


@example(datetime.max.replace(tzinfo=UTC), AuditKind.DEADLINE, "")
@settings(deadline=None)
@given(VALUES, st.sampled_from(AuditKind), FIELDS)
def test_any_value_fits_and_can_be_shown(value, kind, field):
    kept = audit_value(value)

    assert len(kept) <= VALUE_LENGTH
    assert bool(shown_value(kind, field, kept)) == bool(kept)


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(), st.lists(st.integers(0, 100)))))
def test_any_rubric_fits(criteria):
    assert len(rubric_value(criteria)) <= VALUE_LENGTH


@pytest.mark.parametrize(
    ("kind", "value", "english", "korean"),
    [
        (AuditKind.ROLE, "operator", "Organizer", "운영진"),
        (AuditKind.EXTENSION, 1, "+1 hour", "+1시간"),
        (AuditKind.EXTENSION, 48, "+48 hours", "+48시간"),
        (AuditKind.SCORE, score_value(7, 8), "7/8", "7/8"),
        (AuditKind.SCORE, score_value(None, None), "", ""),
        (AuditKind.WEBHOOK, "created", "Created", "생성됨"),
        (
            AuditKind.DEADLINE,
            datetime(2026, 12, 1, 14, 59, tzinfo=UTC),
            "2026-12-01 23:59",
            "2026-12-01 23:59",
        ),
    ],
)
def test_values_are_shown_in_the_readers_language_and_zone(kind, value, english, korean):
    with timezone.override("Asia/Seoul"):
        for language, expected in (("en", english), ("ko", korean)):
            with translation.override(language):
                assert shown_value(kind, "", audit_value(value)) == expected


def test_choices_of_missions_are_shown_as_missions_show_them():
    with translation.override("ko"):
        theirs = {"accepts": dict(SubmissionKind.choices), "completed_by": dict(CompletedBy.choices)}
        assert theirs == MISSION_CHOICES
        assert shown_value(AuditKind.MISSION, "accepts", audit_value(["file", "link"])) == "파일, 링크"
        assert shown_value(AuditKind.MISSION, "completed_by", "submission") == "제출만 하면 완료"


def test_a_team_of_a_mission_is_of_either_kind():
    with translation.override("ko"):
        assert field_label(AuditKind.MISSION, "team") == "팀"
        assert field_label(AuditKind.TEAM, "team") == "프로젝트 팀"
        assert field_label(AuditKind.MISSION, "") == ""
