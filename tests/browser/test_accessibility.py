"""Everyone can use the page: axe-core finds nothing serious in any view, light or dark; it fits narrow screens."""

import pytest
from support.accessibility import serious


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "fragment",
    [
        "#view=table",
        "#view=table&group=initiative",
        "#view=matrix",
        "#view=matrix&mark=decision",
        "#view=kanban",
        "#view=summary",
        "#view=trends",
        "#view=trends&range=90&p=P00003",
        "#view=table&p=P00003",
        "#view=kanban&stale=&-decision=Go&priority=10..",
        "#view=kanban&q=nothing-is-called-this",
        "#p=NOBODY",
        "#q=nothing-is-called-this",
    ],
)
def test_no_view_shuts_anyone_out(page_of, open_page, scheme, fragment):
    watched = open_page(page_of(12)[0], fragment, scheme)
    watched.page.wait_for_timeout(200)
    assert serious(watched.page) == []


@pytest.mark.parametrize("field", ["initiative", "end", "stale"])
def test_a_filter_list_that_is_open_shuts_nobody_out(page_of, open_page, field):
    watched = open_page(page_of(12)[0])
    watched.open_filter(field)
    assert serious(watched.page) == []


@pytest.mark.parametrize("view", ["table", "matrix", "kanban", "summary", "trends"])
def test_it_fits_the_screen_of_a_phone(page_of, open_page, view):
    watched = open_page(page_of(12)[0], f"#view={view}")
    watched.page.set_viewport_size({"width": 390, "height": 800})
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [390, 700, 1400])
@pytest.mark.parametrize("field", ["add", "views", "step"])
def test_a_filter_list_opens_within_the_window(page_of, open_page, width, field):
    watched = open_page(page_of(12)[0], "#step=progress")
    watched.page.set_viewport_size({"width": width, "height": 800})
    watched.page.click(f'.gm-choice[data-field="{field}"] > summary')
    watched.page.wait_for_timeout(100)
    box = watched.page.locator(f'.gm-choice[data-field="{field}"] fieldset').bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width


def test_a_phone_shows_the_summarys_numbers_without_blank_space(page_of, open_page):
    watched = open_page(page_of(12)[0], "#view=summary")
    watched.page.set_viewport_size({"width": 390, "height": 844})
    assert watched.page.evaluate("document.documentElement.scrollHeight") <= 844
    for view in ("summary", "trends"):
        watched.tab(view)
        right = watched.page.eval_on_selector_all(
            f"#{view} .gm-box > table td.gm-number",
            "found => Math.max(...found.map(each => each.getBoundingClientRect().right))",
        )
        assert right <= 390


def test_a_print_fits_the_paper_and_an_open_panel_is_printed_alone(page_of, open_page):
    watched = open_page(page_of(12)[0], "#view=trends")
    watched.page.set_viewport_size({"width": 1040, "height": 720})  # A4 across, in CSS pixels
    watched.page.emulate_media(media="print")
    assert watched.page.evaluate("Math.max(...[...document.querySelectorAll('#trends canvas')]"
                                 ".map(each => each.getBoundingClientRect().right))") <= 1040  # fmt: skip
    watched.page.emulate_media(media="screen")
    watched.go("#p=P00003")
    watched.page.wait_for_selector("#panel:not([hidden])")
    watched.page.emulate_media(media="print")
    assert watched.page.is_hidden("#views") and watched.page.is_hidden("#panel .gm-close")
    assert watched.page.is_visible("#panel-title")
