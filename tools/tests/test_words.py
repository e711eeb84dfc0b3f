from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import project
import words
from words import find, problems


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A repository of its own."""
    for module in (project, words):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(words, "ALLOWED", {})
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    return tmp_path


def put(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def found_in(path, text):
    return {word for word, _ in words.search(Path(path), text)}


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("class Refusal(Exception): ...", "Refusal"),
        ("class NameRefusal(Exception): ...", "refusal"),
        ("def change(*, seat): ...", "seat"),
        ("old_seats = 1", "seats"),
        ("row.parked_at = None", "parked"),
        ("import x as pulse", "pulse"),
        ("MOST_WEEKS = 60", "MOST_WEEKS"),
        ("_LONGEST = 60", "_LONGEST"),
        ("a = [one for one in rows]", "one"),
        ("for those in rows: ...", "those"),
        ("def test_a_letter_is_sent(): ...", "letter"),
        ('"""Nobody is told."""', "told"),
        ("# It stands there.", "stands"),
        ("def f():\n    '''Hear of it.'''", "hear"),
    ],
)
def test_a_coined_word_in_code_is_found(code, word):
    assert found_in("services/study/study/cohorts/models.py", code) == {word}


@pytest.mark.parametrize(
    "code",
    [
        "def test_a_member_is_told(): ...",
        "class DeadLetter: ...\ndead_letters = 1  # a dead letter",
        "MAX_WEEKS = 60\nalmost = 1\nMOSTLY = 1",
        'text = "It stands there."',
        "print(seat, row.parked, f(seat=1))",
    ],
)
def test_names_of_tests_strings_terms_and_uses_are_not_searched(code):
    assert found_in("services/study/study/cohorts/models.py", code) == set()


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("services/users/users/letters/rules.py", "", {"letters"}),
        ("services/study/study/missions/setting.py", "", {"setting"}),
        ("services/study/study/cohorts/seats.py", "", {"seats"}),
        ("services/e2e/browser/proof.py", "", set()),
        ("a/templates/a.html", '<p class="soft row">a seat</p>', {".soft", "seat"}),
        ("a/static/a.css", ".kan > .cells { color: red } /* a seat */", {".kan"}),
        ("docs/a.md", "A Picture of the rooms", {"picture", "rooms"}),
    ],
)
def test_paths_pages_stylesheets_and_documents_are_searched(path, text, expected):
    assert found_in(path, text) == expected


def test_a_finding_is_a_file_and_a_word_with_a_hint(root):
    put(root, "docs/a.md", "told and told again, hence told")
    put(root, "tools/a.py", "seat = seat_of = 1\n")
    put(root, "services/study/study/cohorts/migrations/0001_initial.py", "seat = 1\n")
    found = find()
    assert [(finding.path, finding.word) for finding in found] == [
        ("docs/a.md", "told"),
        ("tools/a.py", "seat"),
    ]
    assert next(problems(found)).startswith("docs/a.md: told → ")


def test_an_honest_use_is_allowed_and_the_list_is_short(root, monkeypatch):
    put(root, "docs/a.md", "told and heard")
    monkeypatch.setattr(words, "ALLOWED", {"docs/a.md": {"told"}})
    assert [finding.word for finding in find()] == ["heard"]
    monkeypatch.setattr(words, "ALLOWED", {"docs/a.md": {str(number) for number in range(81)}})
    assert "81 words are allowed, 80 at most" in problems([])
