"""A sheet of missions is read whole, or every fault in it is named by line and column."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from study.missions.forms.sheet import MAX_ROWS, decode_sheet, read_sheet
from study.missions.rules.plan import SheetRow, mission_key, part_key, plan_import

HEAD = "part,order,title,repository\n"
GOOD = HEAD + "백엔드,1,투표 API,https://github.com/Club/vote-16th\n,2,모두의 미션,club/everyone\n"
ROWS = [
    SheetRow(2, "백엔드", 1, "투표 API", "club/vote-16th"),
    SheetRow(3, "", 2, "모두의 미션", "club/everyone"),
]


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.encode("cp949"),
        GOOD.encode("utf-16"),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace("\n", "\n\n").rstrip().encode(),
        GOOD.replace("part,order", "Part, ORDER ").encode(),
        GOOD.replace("투표 API", '"투표 API"').encode(),
    ],
    ids=["utf-8", "mark", "cp949", "utf-16", "crlf", "semicolon", "tab", "blank lines", "header", "quotes"],
)
def test_a_sheet_is_read_as_any_spreadsheet_saves_it(raw):
    rows, faults = read_sheet(decode_sheet(raw))

    assert faults == []
    assert [(row.part, row.order, row.title, row.repository) for row in rows] == [
        (row.part, row.order, row.title, row.repository) for row in ROWS
    ]


def test_columns_may_stand_in_any_order_and_others_are_left_alone():
    rows, faults = read_sheet("note,repository,title,order,part\n메모,club/vote,투표,3,백엔드\n")

    assert (rows, faults) == ([SheetRow(2, "백엔드", 3, "투표", "club/vote")], [])


def test_a_column_may_say_what_completes_a_mission():
    rows, faults = read_sheet(
        "completed_by,part,order,title,repository\n"
        "Approval,a,1,b,c/d\n,a,2,b2,c/d\nsubmission,a,3,b3,c/d\nmerge,a,4,b4,c/d\n"
    )

    assert [row.completed_by for row in rows] == ["approval", "review", "submission"]
    assert [(fault.line, fault.column) for fault in faults] == [(5, "completed_by")]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", [(1, "")]),
        ("\n\n", [(1, "")]),
        (HEAD, [(1, "")]),
        ("part,title,repository\n백엔드,투표,club/vote\n", [(1, "order")]),
        ("part,part,order,title,repository\na,a,1,b,c/d\n", [(1, "part")]),
        (HEAD + 'a,1,"' + "가" * 140_000, [(1, "")]),
        ("투표\n", [(1, "part"), (1, "order"), (1, "title"), (1, "repository")]),
        (HEAD + "백엔드,1,투표\n", [(2, "")]),
        (HEAD + "백엔드,1,투표,club/vote,더\n", [(2, "")]),
        (HEAD + "백엔드,하나,투표,club/vote\n", [(2, "order")]),
        (HEAD + "백엔드,0,투표,club/vote\n", [(2, "order")]),
        (HEAD + "백엔드,53,투표,club/vote\n", [(2, "order")]),
        (HEAD + "백엔드,1.5,투표,club/vote\n", [(2, "order")]),
        (HEAD + "백엔드,,,\n", [(2, "order"), (2, "title"), (2, "repository")]),
        (HEAD + "백엔드,1,투표,https://gitlab.com/club/vote\n", [(2, "repository")]),
        (HEAD + f"{'가' * 41},1,{'가' * 121},club/vote\n", [(2, "part"), (2, "title")]),
        (HEAD + "백엔드,1,투\x07표,club/vote\n", [(2, "title")]),
        (HEAD + "a,1,b c,club/vote\n\na,2,B  C,https://github.com/CLUB/vote/\n", [(4, "title")]),
        (HEAD + 'a,1,"두\n줄",club/vote\nb,x,c,club/other\n', [(2, "title"), (4, "order")]),
    ],
)
def test_everything_wrong_is_named_by_line_and_column(text, where):
    _, faults = read_sheet(text)

    assert [(fault.line, fault.column) for fault in faults] == where
    assert all(str(fault.message) for fault in faults)


def test_good_rows_beside_bad_ones_are_read_too():
    rows, faults = read_sheet(GOOD + "백엔드,3,,club/third\n")

    assert (rows, len(faults)) == (ROWS, 1)


def test_a_sheet_has_a_largest_size():
    rows, faults = read_sheet(HEAD + "".join(f"a,1,b,c/r{n}\n" for n in range(MAX_ROWS + 1)))

    assert rows == []
    assert [fault.line for fault in faults] == [MAX_ROWS + 2]


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(ValidationError):
        decode_sheet(b"\x89PNG\r\n\x1a\n\x00\xff\xff")


@given(st.text(max_size=200) | st.text(max_size=200).map(lambda text: HEAD + text))
def test_any_text_is_read_or_faulted_but_never_breaks(text):
    rows, faults = read_sheet(text)

    assert rows or faults
    assert all(1 <= fault.line <= text.count("\n") + text.count("\r") + 1 for fault in faults)


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(raw):
    try:
        read_sheet(decode_sheet(raw))
    except ValidationError:
        return


MONDAY = date(2026, 11, 9)
WEEKS = {number: MONDAY + timedelta(weeks=number - 1) for number in (1, 2, 3)}


def plan(rows=ROWS, *, parts=(), existing=(), first_week=1, zone="Asia/Seoul"):
    known = {part_key(name): uuid4() for name in parts}
    return plan_import(rows, weeks=WEEKS, parts=known, existing=existing, first_week=first_week, zone=zone)


def test_order_n_falls_in_week_n_from_its_first_midnight_to_its_last_evening():
    [first, second] = plan(parts=["백엔드"]).missions

    assert (first.week, second.week) == (1, 2)
    assert first.opens_at == datetime(2026, 11, 8, 15, tzinfo=UTC)
    assert first.due_at == datetime(2026, 11, 15, 14, 59, tzinfo=UTC)
    assert second.opens_at - first.opens_at == timedelta(days=7)


def test_the_first_week_moves_all_and_weeks_that_are_missing_are_named():
    planned = plan(first_week=3, parts=["백엔드"])

    assert [mission.week for mission in planned.missions] == [3, 4]
    assert planned.new_weeks == {4: MONDAY + timedelta(weeks=3)}


def test_what_the_cohort_has_is_skipped_and_asks_for_nothing():
    planned = plan(existing={mission_key(row.repository, row.title) for row in ROWS}, first_week=3)

    assert planned.to_create == []
    assert [mission.exists for mission in planned.missions] == [True, True]
    assert (planned.unknown_parts, planned.new_weeks) == ([], {})


def test_parts_are_known_by_name_whatever_their_case():
    rows = [
        SheetRow(2, "Backend", 1, "a", "c/a"),
        SheetRow(3, "Frontend", 1, "b", "c/b"),
        SheetRow(4, "FRONTEND", 2, "c", "c/c"),
        SheetRow(5, "", 2, "d", "c/d"),
    ]

    assert plan(rows, parts=["backend"]).unknown_parts == ["Frontend"]
