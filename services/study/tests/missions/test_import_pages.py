from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from study.cohorts.models import Part, Week
from study.missions.models import Mission
from tests.conftest import OLGA
from tests.missions.test_pages import text_of

SHEET = "part,order,title,repository\n백엔드,1,투표,club/vote\n디자인,9,시안,club/draft\n"


def preview(olga, club, **sent):
    url = f"/cohorts/{club.cohort.id}/missions/import/"
    return olga.post(url, {"text": SHEET, "first_week": "1"} | sent)


def test_an_import_shows_its_plan_and_writes_nothing_before_the_confirmation(club, as_principal):
    olga = as_principal(OLGA)

    answer = preview(olga, club)

    page = text_of(answer)
    assert answer.status_code == 200
    for shown in ["투표", "club/draft", "디자인", "11.15(일) 23:59"]:
        assert shown in page
    assert not Mission.objects.exists()
    assert Part.objects.filter(cohort=club.cohort).count() == 2


def test_the_confirmation_does_it(club, as_principal):
    olga = as_principal(OLGA)
    text = preview(olga, club).context["form"].cleaned_data["text"]

    answer = preview(olga, club, text=text, confirm="yes")

    assert answer["Location"] == f"/cohorts/{club.cohort.id}/missions/"
    assert Mission.objects.filter(title="시안", part__name="디자인").exists()
    assert Week.objects.filter(cohort=club.cohort).count() == 9
    again = text_of(preview(olga, club))
    assert "이미 있어 건너뜀" in again
    assert 'name="confirm"' not in again


def test_an_unknown_part_may_mean_one_that_there_is(club, as_principal):
    preview(as_principal(OLGA), club, confirm="yes", **{"part:디자인": str(club.frontend.id)})

    assert Mission.objects.get(title="시안").part == club.frontend
    assert Part.objects.filter(cohort=club.cohort).count() == 2


def test_a_confirmation_that_was_tampered_with_is_read_as_carefully(club, as_principal):
    answer = preview(as_principal(OLGA), club, confirm="yes", text="part,order\n1,2\n")
    assert answer.status_code == 422
    answer = preview(as_principal(OLGA), club, confirm="yes", **{"part:디자인": str(club.weeks[0].id)})
    assert answer.status_code == 422

    assert not Mission.objects.exists()


def test_every_fault_is_named_by_line_and_column_and_the_sheet_is_kept(club, as_principal):
    answer = preview(as_principal(OLGA), club, text=SHEET + "백엔드,하나,,없음\n")

    assert answer.status_code == 422
    assert [(fault.line, fault.column) for fault in answer.context["faults"]] == [
        (4, "order"),
        (4, "title"),
        (4, "repository"),
    ]
    assert "백엔드,하나,,없음" in text_of(answer)


@pytest.mark.parametrize(
    "raw", [SHEET.encode("cp949"), SHEET.encode("utf-8-sig"), SHEET.replace(",", ";").encode()]
)
def test_a_file_is_read_as_a_spreadsheet_saves_it(club, as_principal, raw):
    answer = preview(as_principal(OLGA), club, text="", file=SimpleUploadedFile("missions.csv", raw))

    assert answer.status_code == 200
    assert "디자인" in text_of(answer)
    assert "시안" in answer.context["form"].cleaned_data["text"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"a" * (256 * 1024 + 1), b"\x89PNG\r\n\x1a\n\x00\xff\xff"],
    ids=["empty", "too big", "no text"],
)
def test_what_is_no_sheet_is_refused(club, as_principal, raw):
    answer = preview(as_principal(OLGA), club, text="", file=SimpleUploadedFile("missions.csv", raw))

    assert answer.status_code == 422


def test_changing_the_sheet_goes_back_with_it(club, as_principal):
    answer = preview(as_principal(OLGA), club, again="yes")

    assert answer.status_code == 200
    assert "club/draft</textarea>" in text_of(answer).replace("\r", "").replace("\n", "")


def test_the_sheet_of_a_real_club_is_taken_over_whole(club, as_principal):
    raw = (Path(__file__).parent / "missions-ceos-15.csv").read_bytes()
    sent = {"text": "", "file": SimpleUploadedFile("missions.csv", raw)}
    text = preview(as_principal(OLGA), club, **sent).context["form"].cleaned_data["text"]

    preview(as_principal(OLGA), club, text=text, confirm="yes", **{"part:backend": str(club.backend.id)})

    found = Mission.objects.order_by("week__number", "github_repository__name")
    assert list(found.filter(part=club.backend).values_list("week__number", "title")) == [
        (1, "django-tutorial"),
        (2, "django-rest-framework"),
        (3, "django-vote"),
    ]
    assert list(found.filter(part__name="frontend").values_list("week__number", flat=True)) == [1, 2, 3, 4, 5]
    assert found[0].repository == "ceos-developers/django-tutorial-15th"
