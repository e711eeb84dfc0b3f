"""The fonts of every page, as they are committed."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from fontTools.ttLib import TTFont

import font_fallbacks
import fonts

RULE = re.compile(rf"{fonts.URL}(([a-z]+(?:-\d+)?)\.\w+\.woff2)'[^}}]*unicode-range: ([^;]+);")


@pytest.fixture(scope="module")
def parts():
    """The name of each file and the characters that a browser takes from it, by the file's part."""
    found: dict[str, tuple[str, set[int]]] = {}
    taken: set[int] = set()
    for name, part, text in reversed(RULE.findall(fonts.STYLES.read_text("utf-8"))):
        chosen = set(fonts.codes(text)) - taken
        taken |= chosen
        found[part] = (name, chosen & set(TTFont(fonts.TARGET / name).getBestCmap()))
    return found


def size(parts, chosen):
    return sum((fonts.TARGET / name).stat().st_size for part, (name, _) in parts.items() if chosen(part))


def test_the_files_are_those_of_the_stylesheet_beside_their_licence(parts):
    assert {path.name for path in fonts.TARGET.iterdir()} == {
        "OFL.txt",
        *(name for name, _ in parts.values()),
    }
    assert "SIL Open Font License" in (fonts.TARGET / "OFL.txt").read_text("utf-8")


def test_the_two_files_of_every_page_and_the_slices_are_small(parts):
    assert size(parts, {"latin", "common"}.__contains__) <= 130_000
    assert size(parts, lambda part: part.startswith("slice-")) <= 450_000


def test_a_character_is_in_one_file_and_every_syllable_of_ks_x_1001_in_some(parts):
    sets = [chosen for _, chosen in parts.values()]
    assert not [first & second for first, second in combinations(sets, 2) if first & second]
    assert set(map(ord, fonts.ks_x_1001())) <= set().union(*sets)


def test_a_file_lacks_nothing_that_the_stylesheet_promises_but_syllables_that_no_file_has(parts):
    every = set().union(*(chosen for _, chosen in parts.values()))
    for _, _, text in RULE.findall(fonts.STYLES.read_text("utf-8")):
        assert all(0xAC00 <= code <= 0xD7A3 for code in set(fonts.codes(text)) - every)


def test_the_syllables_of_our_texts_are_on_every_page_but_for_new_ones_in_a_slice(parts):
    every_page = parts["common"][1]
    missing = {char for char in fonts.own_texts() if ord(char) not in every_page}
    assert len(missing) <= 10, f"{''.join(sorted(missing))} load slices: run `make fonts`"
    assert set(map(ord, missing)) <= set().union(*(chosen for _, chosen in parts.values()))


def test_a_file_has_what_the_stylesheet_says_under_a_name_that_its_licence_allows(parts):
    for name, chosen in parts.values():
        font = TTFont(fonts.TARGET / name)
        assert set(font.getBestCmap()) == chosen
        assert [(axis.axisTag, axis.minValue, axis.maxValue) for axis in font["fvar"].axes] == [
            ("wght", 400, 700)
        ]
        assert {font["name"].getDebugName(number) for number in (1, 4)} == {font_fallbacks.FAMILY}
        named = [str(entry) for entry in font["name"].names if entry.nameID not in {0, 13, 14}]
        assert not [text for text in named if "pretendard" in text.lower()]


def test_figures_can_be_of_one_width(parts):
    font = TTFont(fonts.TARGET / parts["latin"][0])
    assert "tnum" in {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}


def test_a_range_is_read_as_it_was_written():
    chosen = {0x20, 0xAC00, 0xAC01, 0xAC02, 0xAC10}
    assert fonts.unicode_range(chosen) == "U+20,U+AC00-AC02,U+AC10"
    assert set(fonts.codes(fonts.unicode_range(chosen))) == chosen
