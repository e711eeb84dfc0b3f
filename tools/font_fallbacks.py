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
# What the average of Latin is taken over.
SAMPLE = "Members submit a pull request before the deadline. Reviewers read it, score it, and answer them. "


@dataclass(frozen=True)
class Fallback:
    """A system font: its family in our stylesheet, its names by weight, and its average width in em."""

    family: str
    range: str
    weight: int
    width: float
    names: tuple[str, ...]


ARIAL = ("Arial", "ArialMT", "Liberation Sans", "LiberationSans", "Roboto")
ARIAL_BOLD = ("Arial Bold", "Arial-BoldMT", "Liberation Sans Bold", "LiberationSans-Bold", "Roboto Bold")
NOTO = ("Noto Sans KR", "NotoSansKR-Regular", "Noto Sans CJK KR", "NotoSansCJKkr-Regular")
NOTO_BOLD = ("Noto Sans KR Bold", "NotoSansKR-Bold", "Noto Sans CJK KR Bold", "NotoSansCJKkr-Bold")
APPLE = ("Apple SD Gothic Neo", "AppleSDGothicNeo-Regular")
APPLE_BOLD = ("Apple SD Gothic Neo Bold", "AppleSDGothicNeo-Bold")
MALGUN = ("Malgun Gothic", "MalgunGothic")
MALGUN_BOLD = ("Malgun Gothic Bold", "MalgunGothicBold")

# Widths of SAMPLE, or of a syllable: all of a font are as wide. Liberation Sans is as wide as Arial; Roboto
# is 1 % wider.
FALLBACKS = (
    Fallback("Seodang Latin", LATIN, 400, 0.4469, ARIAL),
    Fallback("Seodang Latin", LATIN, 700, 0.4778, ARIAL_BOLD),
    Fallback("Seodang Noto Latin", LATIN, 400, 0.4662, NOTO),
    Fallback("Seodang Noto Latin", LATIN, 700, 0.4947, NOTO_BOLD),
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
    """Return the average width of a text's characters, in em."""
    glyphs, advances = font.getBestCmap(), font["hmtx"]
    total = sum(advances[glyphs[ord(char)]][0] for char in text)
    return float(total / len(text) / font["head"].unitsPerEm)


def fallbacks(font: TTFont) -> Iterator[str]:
    """Yield the rules of the system's fonts, as wide and as high as a variable font."""
    # Our bold text is of the weights 600 and 700.
    weights = {400: at_weight(font, 400), 700: at_weight(font, 650)}
    line, units = font["hhea"], font["head"].unitsPerEm
    for fallback in FALLBACKS:
        text = SAMPLE if fallback.range == LATIN else "가"
        scale = width(weights[fallback.weight], text) / fallback.width
        sources = ", ".join(f"local('{name}')" for name in fallback.names)
        weight = "100 500" if fallback.weight == 400 else "501 900"
        yield (
            f"@font-face {{ font-family: '{fallback.family}'; font-weight: {weight};\n"
            f"  src: {sources};\n"
            f"  unicode-range: {fallback.range};\n"
            f"  size-adjust: {scale:.2%}; ascent-override: {line.ascent / units / scale:.2%};"
            f" descent-override: {-line.descent / units / scale:.2%}; line-gap-override: 0%; }}\n"
        )
