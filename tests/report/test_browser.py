"""The report in a real browser: it works, asks for nothing, and speaks three languages."""

from __future__ import annotations

import io

import pytest
from opened import HOSTILE, Opened, Write
from pypdf import PdfReader

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_no_errors_and_no_requests(opened: Opened, report: Write, language: str):
    """Nothing is fetched but the file itself, and the console stays silent."""
    page = opened.open(report(language))
    page.click("#play")
    page.wait_for_timeout(200)
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("file:")] == []
    assert len(opened.requests) == 1


def test_slider_changes_the_map(opened: Opened, report: Write):
    """Another day is another picture, another date and other figures in the table."""
    page = opened.open(report())
    whole, table = opened.picture(), page.inner_text("#twin-table")
    page.fill("#day", "3")
    opened.settle()
    assert opened.picture() != whole
    assert page.inner_text("#map-date").endswith("5 March 2027")
    assert page.inner_text("#twin-table") != table
    assert not page.is_checked("#whole")


def test_each_layer_can_be_switched_off(opened: Opened, report: Write):
    """Every switch takes something off the map and brings it back."""
    page = opened.open(report())
    before = opened.picture()
    for layer in ("coverage", "roads", "flows", "spots", "labels"):
        page.uncheck(f"[data-layer={layer}]")
        opened.settle()
        assert opened.picture() != before, layer
        page.check(f"[data-layer={layer}]")
        opened.settle()
    assert opened.picture() == before


def test_what_arrives_in_an_area_stands_beside_the_map(opened: Opened, report: Write):
    """The tonnes of an area on a day, and the store that they come from."""
    page = opened.open(report())
    page.click("#twin-table tbody tr:last-child button")
    assert "Arrives here" in page.inner_text("#twin-detail")
    assert "store" in page.inner_text("#twin-detail")
    assert opened.complaints == []


def test_days_cut_off_are_hatched_in_the_coverage_table(opened: Opened, report: Write):
    """An area that no truck reaches looks different from one that is reached and gets nothing."""
    page = opened.open(report())
    cells = "#matrix tbody tr:has(bdi:text-is('Area 11')) td.cut"
    assert page.locator(cells).count() == 7
    assert page.locator("#matrix tbody tr:has(bdi:text-is('Area 10')) td.cut").count() == 0


def test_keyboard_alone_is_enough(opened: Opened, report: Write):
    """Days, zoom, moving and the table are all reached without a pointer."""
    page = opened.open(report())
    page.focus("#map-canvas")
    first = opened.picture()
    opened.press("PageDown")
    assert page.get_attribute("#map-canvas", "data-day") == "1"
    opened.press("PageUp")
    assert page.get_attribute("#map-canvas", "data-day") == "0"
    still = opened.picture()
    assert still != first
    for key in ("+", "ArrowLeft"):
        opened.press(key)
        assert opened.picture() != still
        still = opened.picture()
    opened.press("0")
    page.focus("#twin-table button >> nth=0")
    opened.press("Enter")
    assert page.is_visible("#twin-detail")
    assert "Cut off" in page.inner_text("#twin-detail")


def test_wheel_and_buttons_zoom(opened: Opened, report: Write):
    """The wheel zooms in, the button shows all again."""
    page = opened.open(report())
    all_of_it = opened.picture()
    page.hover("#map-canvas", position={"x": 200, "y": 200})
    page.mouse.wheel(0, -400)
    opened.settle()
    assert opened.picture() != all_of_it
    page.click("#zoom-all")
    page.mouse.move(1, 1)
    opened.settle()
    assert opened.picture() == all_of_it


def test_a_click_on_an_area_tells_its_reasons(opened: Opened, report: Write):
    """A click opens the area beside the map with its coverage and what limits it."""
    page = opened.open(report())
    page.click("#map-canvas", position={"x": 170, "y": 330})
    opened.settle()
    text = page.inner_text("#twin-detail")
    assert "Area 4" in text
    assert "Truck slots at Port" in text


def test_search_and_need_group_change_the_matrix(opened: Opened, report: Write):
    """The table shows the chosen need group, and finds an area by name."""
    page = opened.open(report())
    before = page.inner_text("#matrix tbody")
    page.select_option("#matrix-group", index=1)
    assert page.inner_text("#matrix tbody") != before
    page.fill("#matrix-search", "area 11")
    assert page.locator("#matrix tbody tr").count() == 1


def test_script_and_page_agree_on_the_matrix(opened: Opened, report: Write):
    """What the script draws is what was written: the same rows in the same order."""
    page = opened.open(report())
    written = page.inner_text("#matrix tbody")
    page.select_option("#matrix-group", index=1)
    page.select_option("#matrix-group", index=0)
    assert page.inner_text("#matrix tbody") == written


def test_arabic_runs_from_right_to_left_and_is_shaped(opened: Opened, report: Write):
    """The layout is mirrored, letters join, numbers are isolated, the map is not mirrored."""
    page = opened.open(report("ar"))
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    heading = page.locator("h1").bounding_box()
    assert heading is not None
    right = page.evaluate("document.querySelector('h1 bdi').getBoundingClientRect().right")
    assert right > 1000
    joined, apart = page.evaluate(
        """() => { const c = document.createElement('canvas').getContext('2d');
        c.font = '40px "Noto Sans Arabic"';
        return ['\u0645\u0633\u062a', '\u0645\u200c\u0633\u200c\u062a']
        .map(t => c.measureText(t).width); }"""
    )
    assert joined != apart
    assert (
        page.evaluate("getComputedStyle(document.getElementById('map-frame')).direction") == "ltr"
    )
    assert page.locator(".figures bdi").count() == 5


def test_hostile_names_do_nothing(opened: Opened, report: Write):
    """A name full of markup is shown as text and never runs."""
    page = opened.open(report(hostile=HOSTILE))
    page.fill("#day", "2")
    page.click("#twin-table button >> nth=0")
    page.hover("#map-canvas", position={"x": 300, "y": 300})
    opened.settle()
    assert "<script>" in page.inner_text("#map-tip")
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    assert "<img src=x" in page.inner_text("h1")
    assert "49" not in page.inner_text("h1")
    assert len(opened.requests) == 1
    assert opened.complaints == []


def test_paper_has_every_part(opened: Opened, report: Write):
    """The printed report holds all sections, maps of three days and page numbers, no buttons."""
    page = opened.open(report())
    pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    text = "\n".join(p.extract_text() for p in pdf.pages)
    for part in (
        "Who is reached", "Day 1: 2 March 2027", "Day 4: 5 March 2027", "Day 7: 8 March 2027",
        "Who is left behind", "Coverage by area", "What limits the plan", "Dispatch", "Waybill",
        "over time", "How evenly", "Defaults used", "Record of the run", "SHA-256", "Fictional",
    ):  # fmt: skip
        assert part in text, part
    assert "Play" not in text
    assert f"1 / {len(pdf.pages)}" in text
    width, height = pdf.pages[0].mediabox.width, pdf.pages[0].mediabox.height
    assert (round(width), round(height)) == (595, 842)


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_no_sideways_scrolling(opened: Opened, report: Write, width: int):
    """Nothing sticks out on a phone, a tablet or a wall screen; controls are big enough to hit."""
    opened.page.set_viewport_size({"width": width, "height": 844})
    page = opened.open(report("ar"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.locator(".map-zoom button").all()
    assert all((b.bounding_box() or {"width": 0})["width"] >= 32 for b in sizes)


def test_notice_stays_in_sight(opened: Opened, report: Write):
    """The notice is on screen at the top and at the very end of the page."""
    page = opened.open(report())
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    box = page.locator("#notice").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 100


def test_everything_has_a_name(opened: Opened, report: Write):
    """Each control, chart and map has a name for those who cannot see it."""
    page = opened.open(report())
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('button, input, select, canvas, svg[role=img]')]
        .filter(n => !(n.getAttribute('aria-label') || n.textContent.trim() || n.closest('label') ||
                       n.labels?.length)).map(n => n.outerHTML.slice(0, 90))"""
    )
    assert unnamed == []
