"""The lab's page in a real browser: layout, dark mode, keyboard."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pillion.lab.page import make_page
from pillion.lab.results import Point
from tests.support.lab_results import with_device

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
OVERFLOWING = """
return [...document.querySelectorAll("svg")].flatMap(svg => {
  const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter(text => {
    const own = text.getBoundingClientRect();
    return own.width && (own.left < box.left - 1 || own.right > box.right + 1 || own.bottom > box.bottom + 1);
  }).map(text => text.textContent);
});
"""
CONTRAST = """
const luminance = colour => {
  const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = luminance(getComputedStyle(document.body).backgroundColor);
return Math.min(...[...document.querySelectorAll("td, th, p, small, figcaption, a, label")].map(each => {
  const text = luminance(getComputedStyle(each).color);
  return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
}));
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("there is no Chromium with its driver on PATH")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield started
    started.quit()


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Any:
    file = tmp_path / "lab.html"
    made = with_device(1e-8, 1e-3)
    for number in range(8):
        # As many curves as the language has, which fill the legend's last line in part.
        made.models["d"].add(Point("language", f"another language {number}", 100, "here", (1e-3,)))
    file.write_text(make_page(made), encoding="utf-8")
    browser.set_window_size(1100, 900)
    browser.get(file.as_uri())
    return browser


@pytest.mark.parametrize("width", [500, 1100])
def test_nothing_is_wider_than_the_window(page: Any, width: int) -> None:
    page.set_window_size(width, 900)

    assert page.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.execute_script(OVERFLOWING) == []


@pytest.mark.parametrize(("scheme", "bright"), [("light", True), ("dark", False)])
def test_it_is_readable_in_both_colour_schemes(page: Any, scheme: str, bright: bool) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    ground = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") is bright
    assert page.execute_script(CONTRAST) >= 4.5


def test_it_is_used_by_keyboard(page: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    focused = []
    for _ in range(5):
        page.switch_to.active_element.send_keys(Keys.TAB)
        element = page.switch_to.active_element
        focused.append(element.get_attribute("name") or element.get_attribute("aria-label") or element.text)

    assert focused[:3] == ["To the first model", "core", "device"]
    assert focused[3:] == ["Which language: time a row", "Which language: time of a call over its rows"]


def test_prices_change_the_costs(page: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    cost = "return [...document.querySelectorAll('output[data-of=core]')].map(each => Number(each.value))"
    before = page.execute_script(cost)
    core = page.find_element("name", "core")
    core.send_keys(Keys.CONTROL, "a")
    core.send_keys("0.4")

    assert page.execute_script(cost) == pytest.approx([10 * value for value in before], rel=0.01)


def test_a_value_is_told_to_the_pointer(page: Any) -> None:
    titles = page.execute_script("return [...document.querySelectorAll('svg title')].map(each => each.textContent)")

    assert any("100 rows" in title for title in titles)
