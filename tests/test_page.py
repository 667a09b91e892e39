"""The report in a real browser, Debian's Chromium without a screen: nothing is fetched, all is seen, sorted, read."""

import os
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
KEPT = os.environ.get("SCREENSHOTS")  # a folder where CI keeps pictures of the page
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium (Debian: apt-get install chromium)")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["desk", "phone"])
def opened(request, browser, done):
    """The report of the tiny run in a window, with what the browser said and asked for."""
    width, scheme = request.param
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab.set_default_timeout(180_000)
    tab.said, tab.asked = [], []
    tab.on("console", lambda message: tab.said.append(message.text))
    tab.on("pageerror", lambda error: tab.said.append(str(error)))
    tab.on("request", lambda asked: tab.asked.append(asked.url))
    tab.goto((done[0].results / "report" / "index.html").as_uri())
    yield tab
    tab.close()


def test_it_opens_from_disk_and_asks_for_nothing_else(opened):
    assert opened.said == []
    assert [url for url in opened.asked if not url.startswith("data:")] == [opened.url]
    assert opened.evaluate("[...document.images].filter(image => !image.naturalWidth).length") == 0
    assert opened.evaluate("document.images.length") > 100
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")  # wide things scroll by themselves
    if KEPT:
        width = opened.viewport_size["width"]
        Path(KEPT).mkdir(parents=True, exist_ok=True)
        opened.screenshot(path=Path(KEPT, f"report-{width}.png"), full_page=True)


def test_it_is_accessible(opened):
    found = Axe().run(opened).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("opened", [(1280, "light")], indirect=True)
def test_the_leaderboard_is_sorted_by_the_head_that_is_pressed(opened):
    table = opened.locator("table").first
    cells = "rows => rows.map(row => row.cells[3].dataset.value)"
    head = table.get_by_role("button", name="log loss")
    head.click()
    values = [float(value) for value in table.locator("tbody tr").evaluate_all(cells)]
    assert values == sorted(values, reverse=True) and len(set(values)) > 1
    assert head.locator("..").get_attribute("aria-sort") == "descending"
    head.click()
    values = [float(value) for value in table.locator("tbody tr").evaluate_all(cells)]
    assert values == sorted(values)
    table.get_by_role("button", name="parameters").click()  # cells without a value stay last
    values = table.locator("tbody tr").evaluate_all(cells.replace("cells[3]", "cells[7]"))
    assert "" in values and values.index("") == len([value for value in values if value])


@pytest.mark.parametrize("opened", [(1280, "light")], indirect=True)
def test_a_number_leads_to_how_it_was_made(opened, done):
    opened.locator("table a").first.click()
    story = opened.locator("details[open]")
    story.first.wait_for()
    assert story.count() == 1
    assert "make how FILE=results/" in story.inner_text()
    record = story.locator("a").get_attribute("href")
    assert (done[0].results / "report" / record).resolve().is_file()


@pytest.mark.parametrize("opened", [(1280, "light")], indirect=True)
def test_the_line_is_fitted_frame_by_frame(opened):
    shown = "[...document.querySelectorAll('[id^=frame-]')].filter(part => getComputedStyle(part).display !== 'none')"
    slider = opened.locator("#frame")
    last = slider.get_attribute("max")
    names = f"{shown}.map(part => part.id)"
    assert set(opened.evaluate(names)) == {f"frame-{last}-{part}" for part in ("line", "loss", "text")}
    slider.fill("3")
    assert set(opened.evaluate(names)) == {f"frame-3-{part}" for part in ("line", "loss", "text")}
