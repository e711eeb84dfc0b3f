"""The documentation in both languages, and the build that finds what is broken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import docs
from project import ROOT

PAGES = {language: sorted((ROOT / "docs/site" / language).glob("*.md")) for language in docs.LANGUAGES}


def commands(text: str) -> list[str]:
    """Return the commands of the console blocks, without their comments."""
    lines = "\n".join(re.findall(r"```console\n(.*?)```", text, re.DOTALL)).splitlines()
    return [re.sub(r"\s+# .*", "", line) for line in lines]


def read(name: str) -> str:
    """Return a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def test_both_readmes_have_the_same_commands_and_link_to_each_other():
    english, korean = read("README.md"), read("README.ko.md")

    assert commands(korean) == commands(english)
    assert commands(english)[:2] == ["$ make demo", "$ make test"]
    assert set(re.findall(r"`(make [a-z -]+)`", korean)) == set(re.findall(r"`(make [a-z -]+)`", english))
    assert "(README.ko.md)" in english
    assert "(README.md)" in korean


def test_a_readme_links_to_files_that_exist():
    for name in ("README.md", "README.ko.md"):
        targets = re.findall(r"\]\(([^)#:]+)\)", read(name))
        assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_page_of_the_site_is_in_both_languages():
    # The English page of operations is docs/operations.md.
    names = {language: {path.name for path in paths} for language, paths in PAGES.items()}
    assert names["ko"] - set(docs.DOCUMENTS) == names["en"] - set(docs.DOCUMENTS)


@pytest.mark.parametrize("english", PAGES["en"], ids=lambda path: path.name)
def test_a_page_has_the_same_commands_and_headings_in_both_languages(english: Path):
    korean = (ROOT / "docs/site/ko" / english.name).read_text("utf-8")
    text = english.read_text("utf-8")

    assert commands(korean) == commands(text)
    assert re.findall(r"(?m)^#+ ", korean) == re.findall(r"(?m)^#+ ", text)
    assert re.findall(r"pictures/([\w-]+)\.ko\.webp", korean) == re.findall(
        r"pictures/([\w-]+)\.en\.webp", text
    )


def test_a_screenshot_of_the_documentation_has_at_most_80_kib():
    screenshots = list((ROOT / "docs/pictures").iterdir())

    assert len(screenshots) == 12
    assert [
        path.name for path in screenshots if path.suffix != ".webp" or path.stat().st_size > 80 * 1024
    ] == []


def test_a_copied_document_links_to_pages_of_the_site_or_to_the_repository():
    text = "[a](../CONTRIBUTING.md) [b](adr/0001-pages-live-in-their-service.md) [c](https://x.example)"
    place = ROOT / "docs/architecture.md"

    assert docs.with_links(text, place, "https://git.example/club") == (
        "[a](contributing.md) "
        "[b](https://git.example/club/blob/main/docs/adr/0001-pages-live-in-their-service.md) "
        "[c](https://x.example)"
    )
    assert docs.with_links("[b](../LICENSE)", place, "") == "b (`LICENSE`)"
    with pytest.raises(SystemExit, match=r"docs/architecture.md: nowhere.md does not exist"):
        docs.with_links("[b](nowhere.md)", place, "")


def test_a_page_that_loads_from_another_host_or_misses_a_file_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.setattr(docs, "SITE", tmp_path)
    (tmp_path / "here.png").touch()
    (tmp_path / "a.html").write_text(
        '<img src="here.png"><img src="missing.png"><script src=https://cdn.example/x.js></script>'
        '<a href="https://elsewhere.example/">a link</a><pre class="mermaid"></pre>'
    )

    assert list(docs.problems()) == [
        'a.html: class="mermaid" loads from another host',
        "a.html: missing.png is missing",
        "a.html: requests https://cdn.example/x.js",
    ]
