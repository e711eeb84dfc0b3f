from __future__ import annotations

import io
import unicodedata
import zipfile
from datetime import datetime

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.xml.constants import SHEET_MAIN_NS

from study.cohorts.models import Part, Role, Team, TeamKind
from study.exports.rules import write_xlsx
from study.roster.forms import table as forms_table
from study.roster.forms.people import Groups, read_people
from study.roster.forms.table import read_file, write_text
from study.roster.rules import Table, guess_columns

TITLES = "타임스탬프,이름,이메일 주소,역할,파트,스터디 팀,팀,깃허브 아이디"
GOOD = "2026. 3. 2 오후 3:04:05,김서당,kim@example.com,,백엔드,알고리즘,1조,Kim-Codes"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def workbook(rows, *, at=None, hidden=()):
    """Return the bytes of a workbook with these rows, other cells `at` places, and hidden sheets before."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    for place, value in (at or {}).items():
        sheet[place] = value
    for title in hidden:
        book.create_sheet(title, 0).sheet_state = "hidden"
    book.active = sheet
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table_of(raw):
    """Return the table of a file that is right."""
    table, faults = read_file(raw)
    assert not faults
    assert table is not None
    return table


def people_of(text, *, create=False):
    table = table_of(text.encode())
    groups = Groups(
        [Part(name="백엔드")],
        [Team(name="1조", kind=TeamKind.PROJECT), Team(name="알고리즘", kind=TeamKind.STUDY)],
        is_created=create,
    )
    people, faults = read_people(table, guess_columns(table.titles, {}), groups)
    return people, faults, groups


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_a_sheet_of_google_forms_is_read_in_any_encoding(encoding):
    table = table_of(f"{TITLES}\r\n{GOOD}\r\n".encode(encoding))

    assert guess_columns(table.titles, {}) == {
        "name": 1, "email": 2, "role": 3, "part": 4, "study_team": 5, "team": 6, "github_login": 7,
    }  # fmt: skip
    assert table.records[0][1][1] == "김서당"


def test_a_workbook_is_read_as_the_same_sheet():
    at = datetime(2026, 3, 2, 15, 4, 5)  # noqa: DTZ001 - as a workbook has it
    rows = [TITLES.split(","), [at, *GOOD.split(",")[1:]]]

    table = table_of(workbook(rows))

    people, faults = read_people(
        table, guess_columns(table.titles, {}), Groups([Part(name="백엔드")], [], is_created=True)
    )
    assert not faults
    [kim] = people
    assert (kim.line, kim.name, kim.email, kim.role) == (2, "김서당", "kim@example.com", Role.MEMBER)
    assert (kim.part, kim.study_team, kim.team, kim.github_login) == (
        "백엔드",
        "알고리즘",
        "1조",
        "kim-codes",
    )


def test_pasted_cells_with_commas_in_their_titles_are_read():
    table = table_of("이름, 학번 없이\t메일(학교, 개인)\n김서당\tkim@example.com\n".encode())

    assert guess_columns(table.titles, {})["email"] == 1


def test_the_columns_of_the_last_sheet_are_remembered_by_their_titles():
    titles = ["성명", "연락 메일", "학교 메일", "희망 파트", "비고"]
    remembered = {"name": "성명", "email": "학교 메일"}

    assert guess_columns(titles, {})["email"] == 1
    guessed = guess_columns(titles, remembered)
    assert (guessed["name"], guessed["email"], guessed["part"]) == (0, 2, None)
    assert guess_columns(["이름", "학교 메일"], remembered)["name"] == 0


@pytest.mark.parametrize(
    ("text", "role"),
    [("", "member"), ("운영진", "operator"), ("Mentor", "mentor"), ("파트 장", "mentor"), ("부원", "member")],
)
def test_roles_are_read_in_both_languages(text, role):
    people, faults, _groups = people_of(f"이름,이메일,역할\n김서당,kim@example.com,{text}\n")

    assert not faults
    assert people[0].role == role


def zipped(**entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


TEXTS_TYPE = (
    '<Override PartName="/xl/sharedStrings.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)


def changed(entries):
    """Return the bytes of a workbook with other entries, of which one can be its table of texts."""
    with zipfile.ZipFile(io.BytesIO(workbook([["이름", "이메일"], ["김", "kim@example.com"]]))) as archive:
        found = {name: archive.read(name).decode() for name in archive.namelist()}
    types = found["[Content_Types].xml"].replace("</Types>", f"{TEXTS_TYPE}</Types>")
    if "xl/sharedStrings.xml" in entries:
        found["[Content_Types].xml"] = types
    return zipped(**found | entries)


HEAD = "이름,이메일,역할,파트,스터디 팀,팀,깃허브\n"
FILES = {
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", 1, "", "an old or password-protected"),
    "no text": (b"\x80\xff\x00\x81", 1, "", "neither a CSV nor an XLSX"),
    "nulls": (b"a,b\n\x00,c", 1, "", "neither a CSV nor an XLSX"),
    "a broken archive": (b"PK\x03\x04broken", 1, "", "broken, protected, or no XLSX"),
    "another archive": (zipped(a="b"), 1, "", "broken, protected, or no XLSX"),
    "empty": (b"", 1, "", "The sheet is empty"),
    "empty workbook": (workbook([]), 1, "", "The sheet is empty"),
    "only titles": (HEAD.encode(), 1, "", "no rows below the titles"),
    "a quotation mark": (b'a,b\n"' + b"x" * 140_000, 1, "", "a quotation mark may be missing"),
    "too many rows": (b"a,b\n" + b"x,y\n" * 2001, 2002, "", "More than 2000 rows"),
    "too many columns": (b",".join([b"a"] * 101) + b"\nx,y\n", 1, "", "More than 100 columns"),
    "blank lines": (b"a,b\n" + b"\n" * 6000 + b"x,y\n", 6002, "", "Too many blank lines"),
    "blank rows": (workbook([["a", "b"]], at={"A6002": "x"}), 6002, "", "Too many blank lines"),
    "the last cell": (workbook([["a", "b"]], at={"A1048576": "x"}), 1_048_576, "", "Too many blank lines"),
    "too many cells": (b"a,b\nx,y,z\n", 2, "", "3 cells, but the first line has 2 titles"),
    "too much text": (
        (",".join("t" * 9) + "\n" + (",".join(["가" * 300] * 9) + "\n") * 400).encode(),
        1, "", "too much text",
    ),
    "a formula in a CSV": (b"a,b\nx,=1+1\n", 2, "B", "A formula"),
    "a formula in a workbook": (workbook([["a", "b"], ["x", "=HYPERLINK(1)"]]), 2, "B", "A formula"),
    "a text like a formula": (write_xlsx("a", [["a", "b"], ["x", " =1"]]), 2, "B", "A formula"),
    "an error of a formula": (workbook([["a", "b"], ["#REF!", "y"]]), 2, "A", "An error of a formula"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_explained(name):
    raw, line, column, message = FILES[name]

    table, faults = read_file(raw)

    assert table is None
    assert (faults[0].line, faults[0].column) == (line, column)
    assert message in str(faults[0].message)


def test_what_is_big_when_it_is_unpacked_is_refused():
    table, [fault] = read_file(zipped(**{"xl/workbook.xml": "0" * (51 * 1024 * 1024)}))

    assert table is None
    assert "bigger than 50 MiB" in str(fault.message)


def test_a_workbook_of_more_tags_than_memory_holds_is_refused():
    table, [fault] = read_file(changed({"xl/styles.xml": "<x>" + "<a/>" * 1_000_000 + "</x>"}))

    assert table is None
    assert "too much" in str(fault.message)


def test_other_compressions_are_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/workbook.xml", "")

    table, [fault] = read_file(out.getvalue())

    assert table is None
    assert "broken, protected" in str(fault.message)


def test_a_long_text_is_cut_before_anything_else(monkeypatch):
    # A workbook has a text once, for any number of cells that show it: read whole, it is hours of work.
    texts = f'<sst xmlns="{SHEET_MAIN_NS}"><si><t>{"a " * 50_000}</t></si></sst>'
    rows = '<row><c t="str"><v>b</v></c></row><row><c t="s"><v>0</v></c></row>'
    sheet = f'<worksheet xmlns="{SHEET_MAIN_NS}"><sheetData>{rows}</sheetData></worksheet>'
    lengths: list[int] = []
    cut = forms_table._cut

    def measured(cell: str) -> str:
        lengths.append(len(cell))
        return cut(cell)

    monkeypatch.setattr(forms_table, "_cut", measured)

    table = table_of(changed({"xl/sharedStrings.xml": texts, "xl/worksheets/sheet1.xml": sheet}))

    assert max(lengths) < 1000
    # Cut again it is the same, so that the digest of the preview is.
    assert table.records == [(2, [("a " * 150).strip()])]


def test_a_hidden_sheet_is_not_read():
    raw = workbook([["이름", "이메일"], ["김", "kim@example.com"]], hidden=["작년 명단"])

    assert table_of(raw).titles == ["이름", "이메일"]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"])
def test_entities_are_not_expanded(part):
    with zipfile.ZipFile(io.BytesIO(workbook([["a", "b"], ["x", "y"]]))) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    declaration, end, rest = entries[part].rpartition(b"?>")

    table, [fault] = read_file(zipped(**entries | {part: declaration + end + bomb + rest}))

    assert table is None
    assert "broken, protected" in str(fault.message)


def test_decomposed_and_full_width_titles_and_names_are_the_same():
    titles = unicodedata.normalize("NFD", "이름,이메일,파트,팀,ＧitHub")
    groups = Groups(
        [Part(name=unicodedata.normalize("NFD", "백엔드"))], [Team(name="Ａ조", kind=TeamKind.PROJECT)]
    )
    table = table_of(f"{titles}\n김서당,kim@example.com,백엔드,a조,kim\n".encode())

    people, faults = read_people(table, guess_columns(table.titles, {}), groups)

    assert not faults
    # As the cohort has them.
    assert (people[0].part, people[0].team) == (groups.parts[0].name, "Ａ조")
    assert people[0].github_login == "kim"


@pytest.mark.parametrize("nothing", ["-", "없음", "None", "x"])
def test_a_word_for_nothing_is_no_group_and_no_role(nothing):
    people, faults, groups = people_of(
        f"{HEAD}김,kim@example.com,{nothing},{nothing},{nothing},{nothing},\n", create=True
    )

    assert not faults
    assert not groups.new_names
    assert (people[0].role, people[0].part, people[0].study_team, people[0].team) == ("member", "", "", "")


ROWS = {
    "no name": (",kim@example.com,,,,,", "이름", "The name is missing"),
    "a long name": ("김" * 101 + ",kim@example.com,,,,,", "이름", "Longer than 100"),
    "an invisible name": ("\u3164,kim@example.com,,,,,", "이름", "Nothing of this can be seen"),
    "a name that turns the text around": ("김\u202e서당,kim@example.com,,,,,", "이름", "cannot be shown"),
    "a date for a name": ("2026-03-02,kim@example.com,,,,,", "이름", "A date."),
    "no address": ("김서당,,,,,,", "이메일", "The address is missing"),
    "no @": ("김서당,kim.example.com,,,,,", "이메일", "“@” is missing"),
    "two addresses": ("김서당,kim@example.com / kim@example.org,,,,,", "이메일", "More than one address"),
    "a space": ("김서당,ki m@example.com,,,,,", "이메일", "a space"),
    "Hangul in an address": ("김서당,김@example.com,,,,,", "이메일", "Only Latin letters"),
    "a long address": (f"김서당,{'k' * 250}@example.com,,,,,", "이메일", "Longer than 254"),
    "no domain": ("김서당,kim@example,,,,,", "이메일", "Not an email address"),
    "no role": ("김서당,kim@example.com,총무팀,,,,", "역할", "is no role"),
    "an unknown part": ("김서당,kim@example.com,,기획,,,", "파트", "No part “기획”. There are: 백엔드."),
    "a long part": (f"김서당,kim@example.com,,{'기' * 41},,,", "파트", "Longer than 40"),
    "an unknown study team": ("김서당,kim@example.com,,,2조,,", "스터디 팀", "No team “2조”"),
    "an unknown team": ("김서당,kim@example.com,,,,2조,", "팀", "No team “2조”"),
    "a team of the other kind": ("김서당,kim@example.com,,,1조,,", "스터디 팀", "“1조” is a Project team"),
    "a team that became a date": ("김서당,kim@example.com,,,,2026-01-02T00:00:00,", "팀", "A date."),
    "a wrong login": ("김서당,kim@example.com,,,,,kim_codes", "깃허브", "GitHub logins have only"),
    "a long login": (f"김서당,kim@example.com,,,,,{'k' * 40}", "깃허브", "GitHub logins have only"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_mistake_is_named_by_its_line_and_column(name):
    row, column, message = ROWS[name]

    _people, faults, _groups = people_of(f"{HEAD}박서당,park@example.com,,,,,\n{row}\n")

    assert [(fault.line, fault.column) for fault in faults] == [(3, column)]
    assert message in str(faults[0].message)


def test_repeated_addresses_and_logins_are_mistakes():
    _people, faults, _groups = people_of(
        f"{HEAD}김서당,kim@example.com,,,,,kim\n박서당,KIM@example.com,,,,,@Kim\n"
    )

    assert [(fault.line, fault.column) for fault in faults] == [(3, "이메일"), (3, "깃허브")]


def test_a_sheet_without_anybody_in_the_chosen_columns_is_a_mistake():
    _people, [fault], _groups = people_of("이름,이메일,비고\n,,합계\n")

    assert "Nobody" in str(fault.message)


def test_unknown_parts_and_teams_can_be_new_ones():
    people, faults, groups = people_of(
        f"{HEAD}김서당,kim@example.com,,기획,a팀,,\n박서당,park@example.com,, 기획 ,A팀,,\n", create=True
    )

    assert not faults
    assert list(groups.new_parts.values()) == ["기획"]
    assert list(groups.new_teams.values()) == [("a팀", TeamKind.STUDY)]
    assert {person.study_team for person in people} == {"a팀"}


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00="), max_size=20)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=5), min_size=1, max_size=8), st.integers(0, 3))
def test_a_table_survives_its_way_through_the_form(rows, gap):
    records = [
        (2 + index * (1 + gap), [" ".join(cell.split()) for cell in row]) for index, row in enumerate(rows)
    ]
    records = [(line, cells) for line, cells in records if any(cells)]
    if not records:
        return
    table = Table(["이름, 성", "메일", "a;b", '"d', "e"], records)

    read = table_of(write_text(table).encode())

    assert [line for line, _cells in read.records] == [line for line, _cells in records]
    assert [list(cells) for _line, cells in read.records] == [list(cells) for _line, cells in records]


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=400))
def test_any_file_is_read_or_explained(raw):
    table, faults = read_file(raw)

    assert (table is None) == bool(faults)
