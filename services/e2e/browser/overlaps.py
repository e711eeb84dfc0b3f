"""Texts that lie over one another, and boxes that are cut off: what long names do to a page."""

from __future__ import annotations

from playwright.sync_api import Page

# Every visible text as the rectangles of its lines, without what a scrolled or cut-off ancestor hides. What
# is sticky or fixed lies over the page on purpose, and an open menu or dialog too.
_OVERLAPS = """() => {
  const boxes = [];
  // What is laid out when it comes near, now.
  for (const element of document.querySelectorAll('*')) {
    if (getComputedStyle(element).contentVisibility === 'auto') element.style.contentVisibility = 'visible';
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const styles = new Map();
  const styleOf = element => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const isShown = element.checkVisibility({opacityProperty: true, visibilityProperty: true});
    if (!node.data.trim() || !isShown) continue;
    const clips = [];
    let isAbove = false;
    for (let around = element; around && around !== document.body; around = around.parentElement) {
      const style = styleOf(around);
      if (['sticky', 'fixed'].includes(style.position) || around.matches('dialog, .skip')) isAbove = true;
      if (style.clipPath !== 'none') isAbove = true;
      const isCut = style.overflowX !== 'visible' || style.overflowY !== 'visible';
      if (isCut) clips.push(around.getBoundingClientRect());
    }
    if (isAbove) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const line of range.getClientRects()) {
      const {left, right, top, bottom} = line;
      const box = {left, right, top, bottom, element, text: node.data.trim().slice(0, 24)};
      for (const clip of clips) {
        box.left = Math.max(box.left, clip.left); box.right = Math.min(box.right, clip.right);
        box.top = Math.max(box.top, clip.top); box.bottom = Math.min(box.bottom, clip.bottom);
      }
      if (box.right - box.left > 1 && box.bottom - box.top > 1) boxes.push(box);
    }
  }
  boxes.sort((one, other) => one.top - other.top);
  const found = new Map();
  boxes.forEach((one, n) => {
    for (let next = n + 1; next < boxes.length && boxes[next].top < one.bottom; next++) {
      const other = boxes[next];
      if (one.element === other.element) continue;
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      // A font's box is higher than its letters, so that lines of text may share a few pixels.
      const height = Math.min(one.bottom - one.top, other.bottom - other.top);
      if (across < 2 || down < height * 0.25) continue;
      const tag = element => element.tagName.toLowerCase() + '.' + element.getAttribute('class');
      const name = element => tag(element) + ' in ' + tag(element.parentElement);
      const key = name(one.element) + ' / ' + name(other.element);
      const size = `${across.toFixed(0)} × ${down.toFixed(0)} px`;
      if (!found.has(key)) found.set(key, `${key}: “${one.text}” and “${other.text}” share ${size}`);
    }
  });
  return [...found.values()].slice(0, 8);
}"""


def overlapping_texts(page: Page) -> list[str]:
    """Return the pairs of texts of different elements that share a place on the page, described."""
    found: list[str] = page.evaluate(_OVERLAPS)
    return found
