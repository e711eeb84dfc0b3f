"""The @font-face rules of the system's fonts that pages have until ours have loaded: nothing moves then.

`size-adjust` makes a font's average as wide as ours; the other overrides give it the height of our lines.
Fonts that differ in width are families of their own: a browser takes the first of a rule's fonts that it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FAMILY = "Seodang Sans"
HANGUL = "U+1100-11FF,U+3000-303F,U+3130-318F,U+AC00-D7A3,U+FF00-FFEF"
LATIN = "U+20-2FF,U+1E00-1EFF,U+2000-22FF"
# Ours are wider for their font than those of others: dates and figures would move. A later rule goes before.
DIGITS = "U+30-39"
# What the average of Latin is taken over.
SAMPLE = "Members submit a pull request before the deadline. Reviewers read it, score it, and answer them. "
SAMPLES = {LATIN: SAMPLE, HANGUL: "가", DIGITS: "0123456789"}


@dataclass(frozen=True)
class Fallback:
    """A system font: its family in our stylesheet, its names by weight, and its average width in em."""

    family: str
    range: str
    weight: int
    width: float
    names: tuple[str, ...]


# PostScript names: they do not differ by version or language, and each more that is not there costs a lookup.
ARIAL = ("ArialMT", "LiberationSans", "Roboto-Regular")
ARIAL_BOLD = ("Arial-BoldMT", "LiberationSans-Bold", "Roboto-Bold")
NOTO = ("NotoSansKR-Regular", "NotoSansCJKkr-Regular")
NOTO_BOLD = ("NotoSansKR-Bold", "NotoSansCJKkr-Bold")
APPLE = ("AppleSDGothicNeo-Regular",)
APPLE_BOLD = ("AppleSDGothicNeo-Bold",)
MALGUN = ("MalgunGothic",)
MALGUN_BOLD = ("MalgunGothicBold",)

# Widths of SAMPLE, or of a syllable or digit: all of a font are as wide. Liberation Sans is as wide as Arial;
# Roboto is 1 % wider.
FALLBACKS = (
    Fallback("Seodang Latin", LATIN, 400, 0.4469, ARIAL),
    Fallback("Seodang Latin", LATIN, 700, 0.4778, ARIAL_BOLD),
    Fallback("Seodang Noto Latin", LATIN, 400, 0.4662, NOTO),
    Fallback("Seodang Noto Latin", LATIN, 700, 0.4947, NOTO_BOLD),
    Fallback("Seodang Latin", DIGITS, 400, 0.5562, ARIAL),
    Fallback("Seodang Latin", DIGITS, 700, 0.5562, ARIAL_BOLD),
    Fallback("Seodang Noto Latin", DIGITS, 400, 0.555, NOTO),
    Fallback("Seodang Noto Latin", DIGITS, 700, 0.59, NOTO_BOLD),
    Fallback("Seodang Apple", HANGUL, 400, 0.865, APPLE),
    Fallback("Seodang Apple", HANGUL, 700, 0.865, APPLE_BOLD),
    Fallback("Seodang Hangul", HANGUL, 400, 0.92, (*MALGUN, *NOTO)),
    Fallback("Seodang Hangul", HANGUL, 700, 0.92, (*MALGUN_BOLD, *NOTO_BOLD)),
)


def at_weight(font: TTFont, weight: int) -> TTFont:
    """Return a copy of a variable font with one weight."""
    copy = BytesIO()
    font.save(copy)
    copy.seek(0)
    return instantiateVariableFont(TTFont(copy), {"wght": weight})


def width(font: TTFont, text: str) -> float:
    """Return the average width of a text's characters, in em. Of digits, of those for tables."""
    glyphs, advances = font.getBestCmap(), font["hmtx"]
    of_tables = tabular(font) if text.isdigit() else {}
    names = [glyphs[ord(char)] for char in text]
    total = sum(advances[of_tables.get(name, name)][0] for name in names)
    return float(total / len(text) / font["head"].unitsPerEm)


def tabular(font: TTFont) -> dict[str, str]:
    """Return the names of a font's digits for tables, by those of its others."""
    table = font["GSUB"].table
    [lookup] = {
        index
        for feature in table.FeatureList.FeatureRecord
        if feature.FeatureTag == "tnum"
        for index in feature.Feature.LookupListIndex
    }
    [substitution] = table.LookupList.Lookup[lookup].SubTable
    return dict(substitution.mapping)


def fallbacks(font: TTFont) -> Iterator[str]:
    """Yield the rules of the system's fonts, as wide and as high as a variable font."""
    # Our bold text is of the weights 600 and 700.
    weights = {400: at_weight(font, 400), 700: at_weight(font, 650)}
    line, units = font["hhea"], font["head"].unitsPerEm
    for fallback in FALLBACKS:
        scale = width(weights[fallback.weight], SAMPLES[fallback.range]) / fallback.width
        sources = ", ".join(f"local('{name}')" for name in fallback.names)
        weight = "100 500" if fallback.weight == 400 else "501 900"
        yield (
            f"@font-face {{ font-family: '{fallback.family}'; font-weight: {weight};\n"
            f"  src: {sources};\n"
            f"  unicode-range: {fallback.range};\n"
            f"  size-adjust: {scale:.2%}; ascent-override: {line.ascent / units / scale:.2%};"
            f" descent-override: {-line.descent / units / scale:.2%}; line-gap-override: 0%; }}\n"
        )
