"""Whole sheets by the page: five hundred people in each format, and everything that can be wrong."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from study.cohorts.models import Team
from study.memberships.models import Invitation
from study.roster import tasks
from study.roster.models import RosterImport
from tests.roster.test_import import EVENT, address, confirm
from tests.roster.test_table import FILES, HEAD, ROWS, workbook


def test_every_mistake_is_named_by_its_line_and_column_and_nothing_is_written(club, olga, published):
    Team.objects.filter(id=club.team.id).update(name="1조")
    text = HEAD + "".join(f"{row}\n" for row, _column, _message in ROWS.values())

    with translation.override("en"):
        answer = confirm(olga, club, text, name="0", email="1")

    assert answer.status_code == 422
    named = [(fault.line, fault.column) for fault in answer.context["faults"]]
    expected = [(line, column) for line, (_row, column, _message) in enumerate(ROWS.values(), start=2)]
    assert set(expected) <= set(named)
    assert not RosterImport.objects.exists()
    assert not Invitation.objects.exists()
    assert not published(EVENT)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_refused_by_the_page(club, olga, name):
    raw, line, _column, _message = FILES[name]

    answer = olga.post(address(club), {"file": SimpleUploadedFile("people", raw)})

    assert answer.status_code == 422
    assert [fault.line for fault in answer.context["faults"]][:1] == [line]
    assert not RosterImport.objects.exists()


GOOGLE_FORMS = [
    ["타임스탬프", "성함을 적어 주세요", "이메일 주소", "희망 파트", "깃허브 아이디"],
    *(["2026. 3. 2 오후 3:04:05", f"김{n}", f"p{n}@example.com", "백엔드", f"p-{n}"] for n in range(500)),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_five_hundred_people_of_google_forms_are_read(club, olga, encoding):
    raw = "\r\n".join(",".join(row) for row in GOOGLE_FORMS).encode(encoding)

    answer = olga.post(address(club), {"file": SimpleUploadedFile("응답.csv", raw)})

    assert answer.status_code == 200
    assert answer.context["invited_count"] == 500


def test_five_hundred_people_of_google_forms_are_invited(club, olga, published):
    file = SimpleUploadedFile("응답.xlsx", workbook(GOOGLE_FORMS))
    form = olga.post(address(club), {"file": file}).context["form"]
    answer = olga.post(address(club), form.data | {"seen": form.digest})
    progress: list[int] = []
    while not progress or progress[-1] < 500:
        tasks.invite_people()
        progress.append(olga.get(answer["Location"]).context["progress"].invited)

    # In steps of a task: other tasks come between them.
    assert progress == [100, 200, 300, 400, 500]
    assert {event["email"] for event in published(EVENT)} == {f"p{n}@example.com" for n in range(500)}
