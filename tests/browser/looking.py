"""What is wrong with the look of a page, measured in its computed styles: WCAG 2.2 AA, a phone, a finger."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.browsing import PHONE, WIDTHS

FAULTS = """(phone) => {
  const said = new Set();
  const text = (e) => (e.textContent || e.name || "").trim().slice(0, 30);
  const name = (e) => `${e.tagName.toLowerCase()}.${e.className} «${text(e)}»`;
  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return {r, g, b, a};
  };
  const over = (top, below) => {
    const mix = (at) => top[at] * top.a + below[at] * (1 - top.a);
    return {r: mix("r"), g: mix("g"), b: mix("b"), a: 1};
  };
  const light = (colour) => {
    const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(colour.r) + 0.7152 * part(colour.g) + 0.0722 * part(colour.b);
  };
  const ratio = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reduceRight((below, top) => over(top, below), {r: 255, g: 255, b: 255, a: 1});
  };
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 2 && box.height > 2 && element.checkVisibility();
  };

  for (const one of document.querySelectorAll("main details")) one.open = true;
  const overflow = document.documentElement.scrollWidth - innerWidth;
  if (overflow > 0) said.add(`wider than the screen by ${overflow}`);

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !seen(element)) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const behind = ground(element);
    const found = ratio(over(parse(style.color), behind), behind);
    if (found < least) said.add(`contrast ${found.toFixed(2)} of ${name(element)}`);
  }
  for (const element of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const style = getComputedStyle(element);
    const plain = !["checkbox", "radio", "file"].includes(element.type);
    if (plain && seen(element) && ratio(parse(style.borderTopColor), ground(element.parentElement)) < 3)
      said.add(`border of ${name(element)}`);
    if (!element.labels?.length && !element.ariaLabel) said.add(`no label for ${name(element)}`);
  }
  const kinds = ["button", "summary", ".govuk-button", ".govuk-input", ".govuk-select"].map((one) => `main ${one}`);
  const pressed = document.querySelectorAll([...kinds, "header a", "header button"].join(", "));
  for (const element of phone ? pressed : [])
    if (seen(element) && element.getBoundingClientRect().height < 44) said.add(`lower than 44 px: ${name(element)}`);

  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of ids.filter((one, at) => ids.indexOf(one) !== at)) said.add(`twice the id ${id}`);
  const levels = [...document.querySelectorAll("h1, h2, h3, h4")].filter(seen).map((e) => Number(e.tagName[1]));
  if (levels.filter((one) => one === 1).length !== 1) said.add("not one h1");
  levels.forEach((level, at) => at && level > levels[at - 1] + 1 && said.add(`h${level} after h${levels[at - 1]}`));
  return [...said];
}"""


def faults_of(page: Page) -> list[str]:
    """The faults of the page that is open, on a phone and on a desk, with everything unfolded."""
    size, found = page.viewport_size, []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"{width} px: {one}" for one in page.evaluate(FAULTS, width == PHONE)]
    if size is not None:
        page.set_viewport_size(size)
    return found
