"""The inspector page in a real browser: what it shows of requests, what its switches do, and that it stays harmless."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gonka_mock_node import MockNetwork
from tests.mock_node.requester import BODY, Reply, Requester, send

pytest.importorskip("selenium", reason="the inspector is tested through selenium; pip install selenium")

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

LONGEST_S = 10
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202e\x00'
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,900",
)


def program(*names: str) -> str:
    """The path of an installed program. Skips the test where there is none."""
    places = ("/usr/bin", "/usr/lib/chromium", "/usr/local/bin", "/snap/bin")
    found = next((path for name in names if (path := shutil.which(name))), None)
    found = found or next((f"{place}/{name}" for place in places for name in names if Path(place, name).exists()), None)
    if found is None:
        pytest.skip(f"no {' or '.join(names)} is installed; apt-get install chromium chromium-driver")
    return found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for flag in (*QUIET, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.binary_location = program("chromium", "chromium-browser", "google-chrome")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(program("chromedriver"))
    try:
        browser = webdriver.Chrome(options=options, service=service)
    except WebDriverException as error:
        pytest.skip(f"the browser does not start ({error.msg}); its version and the driver's have to be the same")
    try:
        yield browser
    finally:
        browser.quit()


class Page:
    """The inspector of a network's first node, as a person meets it."""

    def __init__(self, browser: webdriver.Chrome, network: MockNetwork) -> None:
        self.browser = browser
        self.network = network
        self.requester = Requester(network.nodes[0].provider_address)
        browser.get(f"{network.nodes[0].public_url}/mock/")
        self.until(lambda: "live" in self.one("#connection").text and self.all("#fault-name option"))

    def ask(self, body: bytes = BODY, **changed: Any) -> Reply:
        return self.requester.ask(self.network.nodes[0].url, body, **changed)

    def one(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def until(self, condition: Callable[[], object]) -> None:
        wait = WebDriverWait(self.browser, LONGEST_S, 0.02, ignored_exceptions=[StaleElementReferenceException])
        wait.until(lambda _browser: condition())

    def until_text(self, selector: str, text: str) -> None:
        self.until(lambda: any(text in element.text for element in self.all(selector)))

    def rows(self) -> list[str]:
        return [row.text for row in self.all("#requests li") if row.is_displayed()]

    def select(self, number: int) -> None:
        self.until(lambda: self.all(f"#request-{number}"))
        self.one(f"#request-{number}").click()
        self.until_text("#detail h2", f"Request {number}")

    @property
    def focused(self) -> WebElement:
        return self.browser.switch_to.active_element

    def press(self, *keys: str) -> None:
        self.focused.send_keys(*keys)

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.browser.get_log("browser")]


@pytest.fixture
def page(browser: webdriver.Chrome) -> Iterator[Page]:
    with MockNetwork(2) as network:
        page = Page(browser, network)
        page.complaints()
        yield page
        assert page.complaints() == []
        browser.get("about:blank")


def test_a_correct_request_appears_without_reloading(page: Page) -> None:
    assert page.one("#empty").is_displayed()
    assert page.ask().status == 200
    page.until(lambda: len(page.rows()) == 1)
    assert "✓ accepted" in page.rows()[0]
    assert "200" in page.rows()[0]
    page.until_text("#totals", "1 accepted")
    assert not page.one("#empty").is_displayed()


def test_requests_from_before_are_there_newest_first(page: Page) -> None:
    page.ask()
    page.ask(Authorization=None)
    page.browser.refresh()
    page.until(lambda: len(page.rows()) == 2)
    assert "✗ refused" in page.rows()[0]
    assert "✓ accepted" in page.rows()[1]


def test_a_refused_request_explains_itself(page: Page) -> None:
    page.requester.but(scheme="hash").ask(page.network.nodes[0].url)
    page.select(1)
    verdict = page.network.journal[-1]
    assert verdict.diagnosis is not None
    page.until_text(".diagnosis", verdict.diagnosis.explanation)
    assert verdict.diagnosis.next_step in page.one(".diagnosis").text
    assert "certain" in page.one(".diagnosis h3").text
    checks = [check.text for check in page.all(".checks li")]
    assert checks[0] == "✓ passed json"
    assert "✗ failed signature: Unable to validate request against PubKey:invalid signature" in checks
    assert checks[-1] == f"· not reached {verdict.pending[-1]}"
    assert page.one(".diff ins").text.replace("␣", " ").startswith(BODY.decode()[:10])
    assert page.one(".diff del").text
    assert verdict.digest in page.one(".values").text


def test_a_new_refusal_is_announced(page: Page) -> None:
    page.ask(Authorization=None)
    announcer = page.one("#announcer")
    assert announcer.get_attribute("aria-live") == "polite"
    page.until(lambda: announcer.get_attribute("textContent") == "Request 1 refused with 401 by authorization")


def test_the_keyboard_is_enough(page: Page) -> None:
    for _ in range(3):
        page.ask()
    page.until(lambda: len(page.rows()) == 3)
    page.one("body").send_keys(Keys.TAB)
    assert page.focused.text == "Skip to the requests"
    page.press(Keys.ENTER)
    if page.focused.get_attribute("id") != "requests":
        page.press(Keys.TAB)
    assert page.focused.get_attribute("id") == "requests"
    for key, number in ((Keys.ARROW_DOWN, 3), (Keys.ARROW_DOWN, 2), (Keys.END, 1), (Keys.ARROW_UP, 2), (Keys.HOME, 3)):
        page.press(key)
        page.until_text("#detail h2", f"Request {number}")
        assert page.one("#requests [aria-selected=true]").get_attribute("id") == f"request-{number}"
        assert page.one("#requests").get_attribute("aria-activedescendant") == f"request-{number}"
    outline = page.browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_everything_that_can_be_operated_has_a_name(page: Page) -> None:
    page.ask()
    page.until(lambda: page.all("#accounts input"))
    for element in page.all("button, input, select, [role=listbox]"):
        if element.is_displayed():
            assert element.accessible_name, element.get_attribute("outerHTML")


def test_filter_and_pause(page: Page) -> None:
    page.ask()
    page.ask(Authorization=None)
    page.until(lambda: len(page.rows()) == 2)
    page.one("#filter").send_keys("authorization")
    page.until(lambda: len(page.rows()) == 1)
    assert "refused" in page.rows()[0]
    Select(page.one("#verdict")).select_by_visible_text("accepted")
    page.until(lambda: page.rows() == [])
    page.ask(b"{")
    page.until(lambda: page.all("#request-3"))
    assert page.rows() == []
    assert page.one("#unfit").is_displayed()
    page.one("#filter").send_keys(Keys.CONTROL + "a", Keys.BACKSPACE)
    page.until(lambda: len(page.rows()) == 1)
    page.one("#pause").click()
    page.ask()
    page.until(lambda: page.one("#pause").text == "Resume (1)")
    assert len(page.rows()) == 1
    page.one("#pause").click()
    page.until(lambda: len(page.rows()) == 2)


def test_a_fault_is_switched_on_met_and_removed(page: Page) -> None:
    page.ask()
    page.until(lambda: page.all("#accounts input"))
    Select(page.one("#fault-name")).select_by_value("status")
    code = page.one("#fault-fields [name=code]")
    code.clear()
    code.send_keys("507")
    page.one("#fault button[type=submit]").click()
    page.until_text("#faults", "status struck 0×")
    assert page.ask().status == 507
    page.until_text("#faults", "status struck 1×")
    assert page.ask().status == 507
    page.until_text("#faults", "status struck 2×")
    page.until(lambda: "⚡ fault" in page.rows()[0])
    page.one("#faults button").click()
    page.until_text("#faults", "None is active.")
    assert page.ask().status == 200


def test_every_fault_of_the_catalogue_has_a_form_that_the_node_takes(page: Page) -> None:
    names = [option.get_attribute("value") for option in page.all("#fault-name option")]
    switched_on = page.browser.execute_async_script("""
        const done = arguments[arguments.length - 1];
        const select = document.getElementById("fault-name");
        for (const option of select.options) {
          if (option.value === "refused") continue;
          select.value = option.value;
          select.dispatchEvent(new Event("change"));
          document.getElementById("fault").requestSubmit();
        }
        const ask = async () => {
          const { faults } = await (await fetch("faults")).json();
          if (faults.length >= select.options.length - 1) done(faults.map((fault) => fault.name));
          else if (!document.getElementById("problem").hidden) done(document.getElementById("problem").textContent);
          else setTimeout(ask, 20);
        };
        ask();
    """)
    assert sorted(switched_on) == sorted(name for name in names if name != "refused")


def test_the_clock_is_stopped_moved_and_let_go(page: Page) -> None:
    page.one("#freeze").click()
    page.until_text("#clock", "frozen")
    assert page.network.chain.clock.stopped
    before = page.network.chain.clock.time_ns
    page.one("#advance button").click()
    page.until(lambda: page.network.chain.clock.time_ns == before + 60 * 10**9)
    page.one("#lag input").clear()
    page.one("#lag input").send_keys("7")
    page.one("#lag button").click()
    page.until_text("#clock", "lags 7 s")
    page.one("#thaw").click()
    page.until_text("#clock", "running")
    assert not page.network.chain.clock.stopped


def test_a_balance_is_changed(page: Page) -> None:
    page.ask()
    page.until(lambda: page.all("#accounts input"))
    field = page.one("#accounts input")
    field.clear()
    field.send_keys("0", Keys.ENTER)
    page.until(lambda: page.network.chain.account(page.requester.address).balance == 0)  # type: ignore[union-attr]
    assert page.ask().status == 402


def test_reset_empties_the_page(page: Page) -> None:
    page.ask()
    page.select(1)
    page.one("#reset").click()
    page.until(lambda: not page.rows())
    page.until_text("#totals", "0 accepted")
    page.until_text("#detail", "Select a request")
    page.ask()
    page.until(lambda: len(page.rows()) == 1)


def test_what_the_node_refuses_is_told(page: Page) -> None:
    Select(page.one("#fault-name")).select_by_value("refused")
    page.one("#fault button[type=submit]").click()
    page.until_text("#problem", "would close the last port")
    page.complaints()  # the browser logs the 409 by itself


def test_a_hostile_prompt_is_inert(page: Page) -> None:
    body = json.dumps({"model": HOSTILE, "messages": [{"role": "user", "content": HOSTILE}]}, ensure_ascii=False)
    page.ask(body.encode())
    send(page.network.nodes[0].url, {"X-Requester-Address": HOSTILE[:40], "Authorization": HOSTILE[:40]}, body.encode())
    for number in (1, 2):
        page.select(number)
        assert "<img src=x onerror=" in page.one("#detail").text
    assert page.browser.title == "Gonka mock node"
    assert page.all("img, main script") == []
    assert "\u202e" not in page.one("#detail").get_attribute("textContent")


def test_rows_are_bounded(page: Page) -> None:
    page.ask()
    page.until(lambda: len(page.rows()) == 1)
    journal = page.network.journal
    for _ in range(520):
        journal.add(journal[-1]._replace(number=journal.next_number()))
    page.until(lambda: page.all("#request-521"))
    assert len(page.all("#requests li")) <= 500


def test_nothing_comes_from_elsewhere(page: Page) -> None:
    page.ask()
    page.select(1)
    names = page.browser.execute_script("return performance.getEntries().map((entry) => entry.name)")
    addresses = [name for name in names if "://" in name]
    assert len(addresses) >= 5
    assert all(name.startswith(page.network.nodes[0].public_url) for name in addresses)


@pytest.mark.parametrize("width", [360, 700, 1400])
def test_no_width_needs_sideways_scrolling(page: Page, width: int) -> None:
    page.requester.but(scheme="hash").ask(page.network.nodes[0].url)
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        page.select(1)
        wide = page.browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


CONTRAST = """
    const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = (colour) => {
      const [r, g, b] = numbers(colour).map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if (numbers(colour)[3] !== 0) return colour;
      }
    };
    const worst = [];
    for (const element of document.querySelectorAll("body *")) {
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (!own || !element.checkVisibility() || element.disabled) continue;
      const [one, other] = [light(getComputedStyle(element).color), light(behind(element))];
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      if (ratio < 4.5) worst.push(`${element.outerHTML.slice(0, 80)} ${ratio}`);
    }
    return worst;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough(page: Page, scheme: str) -> None:
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    page.requester.but(scheme="hash").ask(page.network.nodes[0].url)
    page.ask()
    page.select(1)
    assert page.browser.execute_script(CONTRAST) == []
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
