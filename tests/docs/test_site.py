"""The site: built strictly from the pages, complete in itself, and searched from the disk."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="the site is looked at through selenium; pip install selenium")

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.docs.blocks import PAGES
from tests.docs.public import ROOT, names
from tests.docs.tooling import tool, tools
from tests.mock_node.test_inspector import browser as browser

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(300)]
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("site")
    build(ROOT, folder)
    return folder


def build(root: Path, folder: Path, *, status: int = 0) -> str:
    command = [sys.executable, str(root / "docs" / "tooling" / "build.py"), "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return str(done.stderr)


class Loaded(HTMLParser):
    """What a page loads by itself, and the anchors that it has."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.anchors.add(str(given["id"]))
        place = given.get(LOADS.get(tag, ""))
        if place and given.get("rel") not in ("canonical", "prev", "next"):
            self.loads.append(place)


def test_every_page_is_in_it(site: Path) -> None:
    for page in PAGES:
        place = page.relative_to(ROOT)
        built = place.with_name("index.html") if place.name == "README.md" else place.with_suffix(".html")
        assert (site / built).exists(), place


def test_nothing_comes_from_another_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        for place in Loaded(page).loads:
            assert not re.match(r"(https?:)?//", place), f"{page.relative_to(site)} loads {place}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import )['\"]?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet.name


def test_every_public_name_has_its_place(site: Path) -> None:
    anchors = set().union(*(Loaded(page).anchors for page in (site / "docs" / "reference").glob("*.html")))
    missing = [str(name) for name in names() if not name.name.startswith("__") and not _is_in(anchors, str(name))]
    assert not missing


def _is_in(anchors: set[str], name: str) -> bool:
    package, _, last = name.rpartition(".")
    return any(anchor.startswith(package) and anchor.endswith(f".{last}") for anchor in anchors)


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("# Keys\n\n[there](../README.md)", ""),
        ("# Keys\n\n[no](nowhere.md)", "nowhere.md"),
        ("# Keys\n\n[none](../README.md#no-such-heading)", "no-such-heading"),
        ("# Keys\n\n::: gonka_core.NoSuchName", "NoSuchName"),
    ],
    ids=["sound", "link", "anchor", "name"],
)
def test_what_leads_nowhere_stops_it(tmp_path: Path, page: str, complaint: str) -> None:
    """The negative of building it strictly, and its own negative, with a site of two pages."""
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[0]
    settings = re.sub(r"^watch: .*$", "", settings, flags=re.MULTILINE)
    (tmp_path / "mkdocs.yml").write_text(f"{settings}\nnav: [README.md, docs/keys.md]\n")
    shutil.copytree(ROOT / "docs" / "tooling", tmp_path / "docs" / "tooling")
    (tmp_path / "gonka_core").mkdir()
    (tmp_path / "gonka_core" / "__init__.py").touch()
    (tmp_path / "README.md").write_text("# Home")
    (tmp_path / "docs" / "keys.md").write_text(page)
    tools()
    (tmp_path / ".venv-docs").symlink_to(tool().PLACE)
    assert complaint in build(tmp_path, tmp_path / "site", status=1 if complaint else 0)


class TestInABrowser:
    @pytest.fixture(autouse=True)
    def open_site(self, browser: webdriver.Chrome, site: Path) -> None:
        self.browser = browser
        self.open(site / "index.html")

    def open(self, page: Path) -> None:
        self.browser.get("about:blank")
        self.browser.get(page.as_uri())

    def wait(self, condition: Any) -> Any:
        return WebDriverWait(self.browser, 60, poll_frequency=0.05).until(condition)

    def test_it_is_searched_from_the_disk(self) -> None:
        self.browser.find_element(By.CSS_SELECTOR, "label.md-search__icon[for=__search], .md-search__input").click()
        field = self.browser.find_element(By.CSS_SELECTOR, ".md-search__input")
        field.send_keys("SignatureRejectedError", Keys.ARROW_RIGHT)
        found = self.wait(lambda browser: browser.find_elements(By.CSS_SELECTOR, ".md-search-result__link"))
        places = [result.get_attribute("href") for result in found]
        assert any("docs/errors.html" in str(place) for place in places)

    @pytest.mark.parametrize("width", [1280, 390])
    @pytest.mark.parametrize(
        "page", ["index.html", "docs/errors.html", "docs/reference/client.html", "docs/protocol.html"]
    )
    def test_a_page_is_as_wide_as_the_window(self, site: Path, page: str, width: int) -> None:
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.open(site / page)
        assert self.browser.execute_script("return document.documentElement.scrollWidth") <= width
        logged = self.browser.get_log("browser")  # type: ignore[no-untyped-call]
        assert not [entry for entry in logged if entry["level"] == "SEVERE"]
