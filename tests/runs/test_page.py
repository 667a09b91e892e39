"""The report in a real browser, Debian's Chromium without a screen: nothing is fetched, all is seen, sorted, read."""

import os
import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
TABLES = "[...document.querySelectorAll('.scroll:has(> table)')]"
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


def unfold(tab):
    tab.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")


def test_it_is_accessible(opened):
    unfold(opened)
    found = Axe().run(opened).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in ("serious", "critical")] == []


def test_nothing_is_wider_than_the_window(opened):
    unfold(opened)
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if opened.viewport_size["width"] == 1280:  # a narrower window scrolls a table within itself
        assert opened.evaluate(f"{TABLES}.filter(one => one.scrollWidth > one.clientWidth).length") == 0
    assert opened.evaluate(f"{TABLES}.length") > 4


def test_the_overview_has_three_sentences_for_each_dataset(opened):
    cards = opened.locator("article")
    names = opened.locator("main > section > h2").all_inner_texts()[1:-2]
    assert cards.locator("h3").all_inner_texts() == names and names
    for card in cards.all():
        said = card.locator("p").all_inner_texts()
        assert [len(re.findall(r"\.(?: |$)", sentence)) for sentence in said] == [1, 1, 1]
        assert re.search(r" is best, with accuracy [01]\.\d{4} \(.+\) on [\d,]+ (test|validation) image", said[0])
        assert re.search(r"commonest class .* gives accuracy 0\.\d{4}\.$", said[2])


@pytest.mark.parametrize("opened", [(1280, "light")], indirect=True)
def test_the_overview_fits_on_one_screen(opened):
    assert opened.evaluate("document.querySelector('.cards').getBoundingClientRect().bottom <= innerHeight")


def test_every_link_within_the_page_has_one_target(opened):
    ids = opened.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    links = opened.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].map(one => one.hash.slice(1))")
    assert len(ids) == len(set(ids))
    assert set(links) <= set(ids) and len(links) > 40


def test_a_link_opens_the_folded_part_that_it_leads_to(opened):
    card = opened.locator("article").first
    name = card.locator("h3").inner_text()
    part = opened.locator(f"details:has(> summary > #{name}-layers)")
    assert part.get_attribute("open") is None
    for _ in range(2):  # the second time, the address does not change
        card.get_by_role("link", name="Layers").click()
        part.locator("img").first.wait_for()
        assert opened.evaluate(f"document.getElementById('{name}-layers').getBoundingClientRect().top") < 200
        part.locator("summary").first.click()
        assert part.get_attribute("open") is None
    card.get_by_role("link", name="How it was made").click()
    opened.locator("details details.how[open] dl").wait_for()


@pytest.mark.parametrize("opened", [(1280, "light")], indirect=True)
def test_an_address_opens_the_folded_part_that_it_leads_to(opened):
    name = opened.locator("article h3").first.inner_text()
    opened.goto("about:blank")
    opened.goto(f"{opened.asked[0]}#{name}-split")
    opened.locator(f"details[open]:has(> summary > #{name}-split) img").wait_for()


def test_without_javascript_parts_unfold_by_hand(browser, done):
    tab = browser.new_page(java_script_enabled=False)
    tab.set_default_timeout(180_000)
    tab.goto((done[0].results / "report" / "index.html").as_uri())
    part = tab.locator("details:has(> summary > h3[id$=-split])").first
    assert not part.locator("img").is_visible()
    part.locator("summary").click()
    part.locator("img").wait_for()
    tab.close()


def test_the_contents_stay_in_sight(opened):
    wide = opened.viewport_size["width"] == 1280
    name = opened.locator("article h3").last.inner_text()
    opened.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
    bounds = "document.{}.getBoundingClientRect().toJSON()"
    contents, heading, main = (
        opened.evaluate(bounds.format(found))
        for found in ("querySelector('nav')", f"getElementById('{name}')", "querySelector('main')")
    )
    assert opened.evaluate("scrollY > innerHeight")
    assert contents["top"] == 0
    assert contents["right"] <= main["left"] if wide else contents["height"] < 60
    assert heading["top"] >= (0 if wide else contents["bottom"])  # not below the bar


@pytest.mark.parametrize("opened", [(1280, "light")], indirect=True)
def test_print_shows_everything(opened):
    seen = "[...document.querySelectorAll('details > :not(summary)')].every(one => one.checkVisibility({}))"
    seen = seen.format("{contentVisibilityAuto: true, checkOpacity: true}")
    assert not opened.evaluate(seen)
    opened.emulate_media(media="print")
    assert opened.evaluate(seen)
    opened.emulate_media(media="screen")
    folded = "[...document.querySelectorAll('details')].map(part => part.open)"
    before = opened.evaluate(folded)
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")  # for a browser that does not know ::details-content
    assert all(opened.evaluate(folded))
    opened.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.evaluate(folded) == before and not all(before)


@pytest.mark.parametrize("opened", [(1280, "light")], indirect=True)
def test_the_leaderboard_is_sorted_by_the_head_that_is_pressed(opened):
    unfold(opened)
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
    story = opened.locator("details.how[open]")
    story.wait_for()
    assert "make how FILE=results/" in story.inner_text()
    record = story.locator("a").get_attribute("href")
    assert (done[0].results / "report" / record).resolve().is_file()


@pytest.mark.parametrize("opened", [(1280, "light")], indirect=True)
def test_the_line_is_fitted_frame_by_frame(opened):
    shown = "[...document.querySelectorAll('[id^=frame-]')].filter(part => getComputedStyle(part).display !== 'none')"
    opened.get_by_text("A line, fitted by").click()
    slider = opened.locator("#frame")
    last = slider.get_attribute("max")
    names = f"{shown}.map(part => part.id)"
    assert set(opened.evaluate(names)) == {f"frame-{last}-{part}" for part in ("line", "loss", "text")}
    slider.fill("3")
    assert set(opened.evaluate(names)) == {f"frame-3-{part}" for part in ("line", "loss", "text")}
