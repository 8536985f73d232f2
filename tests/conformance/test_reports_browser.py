"""The HTML report as a browser shows it: complete in itself, readable at any width, and deaf to what subjects say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gonka_conformance.reports import html_page
from tests.conformance.reported import EVERY, HOSTILE, OTHER_SIGNER, SIGNER

pytest.importorskip("selenium", reason="the page is tested through selenium; pip install selenium")

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.mock_node.test_inspector import browser as browser

WIDTHS = (1280, 400)


class Page:
    """A report in the browser."""

    def __init__(self, browser: webdriver.Chrome, path: Path) -> None:
        self.browser = browser
        self.url = path.as_uri()
        self.open()

    def open(self, anchor: str = "") -> None:
        self.browser.get("about:blank")
        self.browser.get(f"{self.url}{anchor}")

    def resize(self, width: int) -> None:
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def one(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def script(self, source: str) -> object:
        return self.browser.execute_script(source)

    def rows(self) -> list[str]:
        return [row.get_attribute("data-check") or "" for row in self.all(".matrix tbody tr") if row.is_displayed()]


@pytest.fixture
def page(browser: webdriver.Chrome, tmp_path: Path) -> Page:
    path = tmp_path / "report.html"
    path.write_text(html_page(EVERY), encoding="utf-8")
    page = Page(browser, path)
    page.resize(WIDTHS[0])
    return page


def test_nothing_is_loaded_and_nothing_complains(page: Page) -> None:
    page.open("#signer-low-s.token-v2")
    assert page.script("return performance.getEntriesByType('resource').length") == 0
    assert page.browser.get_log("browser") == []
    assert page.one("html").get_attribute("lang") == "en"
    assert page.browser.title == "Conformance: 1 of 4 subjects conform"


def test_every_cell_leads_to_its_evidence(page: Page) -> None:
    links = page.all(".matrix a")
    assert len(links) == sum(len(report.results) for report in EVERY) + 8
    targets = page.script(
        "return [...document.querySelectorAll('a[href]')].map((a) => a.getAttribute('href'))"
        ".map((href) => href[0] === '#' && document.querySelectorAll('#' + CSS.escape(href.slice(1))).length)"
    )
    assert isinstance(targets, list)
    assert set(targets) == {1}
    page.one(".matrix a.failed").click()
    target = page.one(":target")
    for words in ("token.v2", "failed", "1.5 s", "s is above n/2 in 256 of 256 signatures"):
        assert words in target.text
    section = page.one("section:has(:target)")
    assert "It is low-s in every answer." in section.text
    assert "Source: protocol.md §1.5" in section.text


def test_no_id_is_given_twice(page: Page) -> None:
    ids = [element.get_attribute("id") for element in page.all("[id]")]
    assert len(ids) == len(set(ids)) > 15


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_never_scrolls_sideways_but_its_tables_do(page: Page, width: int) -> None:
    page.resize(width)
    page.open()
    assert page.script("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    region = page.one(".scroll:has(.matrix)")
    page.script("document.querySelector('.scroll:has(.matrix)').scrollLeft = 150")
    left = page.one(".matrix tbody th").location["x"]
    assert abs(left - region.location["x"]) <= 2, "the first column stays"


def test_what_a_subject_says_is_text(page: Page) -> None:
    assert page.all("img, main script") == []
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert "run" not in page.browser.title
    section = page.one("#node-nasty")
    assert HOSTILE.partition("\n")[0] in section.text
    assert r"\x1b[2J\x1b]0;title\x07\x00\u202eevil" in section.text


def test_a_script_that_got_in_would_not_run(page: Page) -> None:
    path = Path(page.url.removeprefix("file://"))
    added = "<script>document.title = 'run'</script></main>"
    path.write_text(path.read_text("utf-8").replace("</main>", added), encoding="utf-8")
    page.open()
    assert page.browser.title != "run"
    assert "Content Security Policy" in page.browser.get_log("browser")[0]["message"]


def test_checks_are_found_by_words_and_by_what_did_not_pass(page: Page) -> None:
    everything = page.rows()
    page.one("#words").send_keys("LOW")
    assert page.rows() == ["signer.low-s"]
    assert [each.get_attribute("id") for each in page.all("section") if each.is_displayed()] == ["signer-low-s"]
    assert page.one("#shown").text == f"1 of {len(everything)} checks shown"
    page.one("#words").send_keys(Keys.CONTROL, "a", Keys.BACKSPACE)
    page.one("#blamed").click()
    assert page.rows() == [name for name in everything if name not in ("signer.size", "signer.new")]
    page.script("location.hash = '#signer-size.plain'")
    assert page.one(":target").is_displayed(), "a link into what is hidden shows it"
    assert page.rows() == everything


def test_without_its_script_it_can_be_read(page: Page) -> None:
    path = Path(page.url.removeprefix("file://"))
    path.write_text(re.sub(r"<script>.*</script>", "", path.read_text("utf-8"), flags=re.DOTALL), encoding="utf-8")
    page.open("#signer-low-s.token-v2")
    assert page.script("return document.scripts.length") == 0
    assert not page.one("#tools").is_displayed()
    assert "s is above n/2" in page.one(":target").text


def test_colour_is_not_the_only_sign_and_tables_have_headers(page: Page) -> None:
    signs = {badge.text for badge in page.all(".matrix .status")}
    assert signs == {"✓ passed", "✗ failed", "– skipped", "≈ known-failure", "! recovered"}
    for table in page.all("table"):
        assert table.find_elements(By.CSS_SELECTOR, "thead th[scope=col]")
        rows = table.find_elements(By.CSS_SELECTOR, "tbody tr")
        assert all(len(row.find_elements(By.CSS_SELECTOR, "th[scope=row]")) == 1 for row in rows)
    assert all(region.accessible_name and region.get_attribute("tabindex") for region in page.all(".scroll"))
    assert all(link.accessible_name for link in page.all("a, input"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough(page: Page, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text, on the surface that lies behind it."""
    page.browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    page.open("#signer-low-s.token-v2")
    worst = page.script(CONTRAST)
    assert isinstance(worst, list)
    assert worst == []


def test_one_subject_is_named_with_its_verdict(browser: webdriver.Chrome, tmp_path: Path) -> None:
    path = tmp_path / "one.html"
    path.write_text(html_page([OTHER_SIGNER]), encoding="utf-8")
    page = Page(browser, path)
    assert page.browser.title == "Conformance: signer plain conforms"
    assert page.one("header strong").text == "signer plain conforms"
    assert html_page([SIGNER]) != html_page([OTHER_SIGNER])


CONTRAST = """
const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const surface = (element) => {
  for (let each = element; each; each = each.parentElement) {
    const colour = numbers(getComputedStyle(each).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour;
  }
};
const poor = [];
for (const element of document.querySelectorAll("body *")) {
  if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
  if (element.matches("script")) continue;
  const [a, b] = [light(numbers(getComputedStyle(element).color)), light(surface(element))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push(`${element.tagName}.${element.className}: ${ratio.toFixed(2)}`);
}
return [...new Set(poor)];
"""
