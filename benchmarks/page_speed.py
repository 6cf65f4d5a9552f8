"""How long the page takes to the next paint, in Chromium; for the benchmarks, and for the test that compares sizes."""

from __future__ import annotations

from typing import Any

ACTIONS = {
    "search": "document.getElementById('search').value = 'fraud p0';"
    "document.getElementById('search').dispatchEvent(new Event('input'))",
    "filter": "document.getElementById('flag-attention').click()",
    "sort": "document.querySelector('.tabulator-col[tabulator-field=end] .tabulator-col-content').click()",
    "switch to matrix": "document.getElementById('tab-matrix').click()",
    "switch to kanban": "document.getElementById('tab-kanban').click()",
    "switch to summary": "document.getElementById('tab-summary').click()",
    "switch to trends": "document.getElementById('tab-trends')?.click()",
    "switch to table": "document.getElementById('tab-table').click()",
}
_PAINTED = """async () => {
  const began = performance.now();
  %s;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
  return performance.now() - began;
}"""
# from the start of the navigation until the first rows are painted
_OPENED = """
  const look = () => document.querySelector("#table .tabulator-row")
    ? requestAnimationFrame(() => setTimeout(() => { window.paintedAfter = performance.now(); }))
    : requestAnimationFrame(look);
  requestAnimationFrame(look);
"""
_PAINTED_AFTER = "new Promise((done) => setTimeout(() => requestAnimationFrame(() => done(window.paintedAfter)), 20))"


def measure(page: Any, address: str, repeats: int = 3) -> dict[str, float]:
    """Milliseconds for opening the page and for each action, the best of a few.

    Args:
        page: a page of Playwright's.
        address: where the report is, as a file URL.
        repeats: how often everything is done.
    """
    page.add_init_script(_OPENED)
    best: dict[str, float] = {}
    for _ in range(repeats):
        page.goto("about:blank")
        page.goto(address)
        page.wait_for_selector("#table .tabulator-row")
        found = {"open": page.evaluate(_PAINTED_AFTER)}
        for name, action in ACTIONS.items():
            found[name] = page.evaluate(_PAINTED % action)
            if name in ("search", "filter"):
                page.evaluate("document.getElementById('clear').click()")
        for name, milliseconds in found.items():
            best[name] = min(milliseconds, best.get(name, milliseconds))
    return best
