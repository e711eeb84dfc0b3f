from __future__ import annotations

import pytest

import glossary
import messages
from project import ROOT

PO = "services/study/study/cohorts/locale/ko/LC_MESSAGES/django.po"
RULES = glossary.rules(ROOT / glossary.GLOSSARY)


@pytest.fixture
def app(tmp_path, monkeypatch):
    """An app in a tree of its own, with the glossary of the repository."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(glossary, "ROOT", tmp_path)
    app = tmp_path / "services/study/study/cohorts"
    app.mkdir(parents=True)
    (app / "__init__.py").write_text("")
    (tmp_path / "docs").mkdir()
    (tmp_path / glossary.GLOSSARY).write_bytes((ROOT / glossary.GLOSSARY).read_bytes())
    return app


def write_entry(app, entry):
    path = messages.catalogue(app)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(messages.HEADER + entry + "\n")


@pytest.mark.parametrize(
    ("entry", "word", "instead"),
    [
        ('msgid "Hand in"\nmsgstr "제출하기"', "Hand in", "Submit, submitted (submit)"),
        ('msgid "Submit"\nmsgstr "내기"', "내기", "제출하기 (submit)"),
        ('msgid "Ask an operator."\nmsgstr "운영진에게 물어보세요."', "operator", "organizer (organizer)"),
        ('msgid "Delete it."\nmsgstr "되돌릴 수 없습니다."', "니다", "-어요, -예요 (polite style (해요체))"),
        ('msgid "Rubric"\nmsgstr "루브릭"', "루브릭", "채점 기준 (rubric)"),
        (
            'msgid "%(n)s pull request"\nmsgid_plural "%(n)s pull requests"\nmsgstr[0] "풀 리퀘스트 %(n)s개"',
            "풀 리퀘스트",
            "PR (pull request)",
        ),
    ],
)
def test_a_forbidden_word_in_either_language_is_found_with_what_to_write_instead(app, entry, word, instead):
    write_entry(app, entry)
    [problem] = glossary.check()
    assert problem.startswith(f"{PO}: ")
    assert f"“{word}” in “" in problem
    assert problem.endswith(f": write {instead}")


@pytest.mark.parametrize(
    "entry",
    [
        'msgid "Submit"\nmsgstr "제출하기"',
        'msgid "You can send it."\nmsgstr "보낼 수 있어요."',
        'msgid "Letters, digits and hyphens."\nmsgstr "영문자, 숫자, 붙임표"',
        'msgctxt "in cells"\nmsgid "operator, organizer, admin"\nmsgstr "운영진, 운영자, 회장"',
    ],
)
def test_other_words_are_not_found(app, entry):
    write_entry(app, entry)
    assert glossary.check() == []


def test_two_services_say_a_text_alike(app):
    other = app.parents[2] / "users/users/signin"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("")
    write_entry(app, 'msgid "Save"\nmsgstr "저장"')
    write_entry(other, 'msgid "Save"\nmsgstr "저장하기"')
    [problem] = glossary.check()
    assert '"Save" is “저장”, but “저장하기” in services/users' in problem


def test_a_sentence_in_code_that_is_not_translated_is_found_but_no_docstring(app):
    (app / "api.py").write_text(
        '"""Hand in a mission."""\nHELP = "What the member handed in."\nKEY = "operator"\n'
    )
    [problem] = glossary.check()
    assert problem.startswith("services/study/study/cohorts/api.py:2: “handed in” in ")


def test_a_korean_text_in_a_template_is_found(app):
    (app / "templates/cohorts").mkdir(parents=True)
    (app / "templates/cohorts/list.html").write_text("<h1>기수</h1>\n<p>링크로 내기</p>\n")
    [problem] = glossary.check()
    assert problem.startswith("services/study/study/cohorts/templates/cohorts/list.html:2: “링크로 내기”")


def test_what_the_glossary_recommends_breaks_no_rule():
    words = [
        glossary.Text(rule.term, language, rule.words[language])
        for rule in RULES
        for language in ("ko", "en")
    ]
    assert [problem for text in words for problem in glossary.problems(text, RULES)] == []


def test_a_row_without_its_language_is_refused(tmp_path):
    path = tmp_path / "glossary.csv"
    path.write_text("term,ko,en,forbidden pattern,where\nmember,멤버,member,회원,korean\n")
    with pytest.raises(ValueError, match="five columns"):
        glossary.rules(path)
