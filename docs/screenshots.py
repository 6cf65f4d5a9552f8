"""Draw the pictures of README and docs: run the demo, photograph its page in Chromium. `make screenshots`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

IMAGES = Path(__file__).with_name("images")
SIZE = {"width": 1400, "height": 820}
VIEWS = {
    "report": "#",
    "report-panel": "#p=FRAUD",
    "report-matrix": "#view=matrix",
    "report-kanban": "#view=kanban",
    "report-summary": "#view=summary",
}


def photograph(browser: Browser, page: Path) -> None:
    for name, fragment in VIEWS.items():
        for scheme in ("light", "dark") if name == "report" else ("light",):
            context = browser.new_context(viewport=SIZE, color_scheme=scheme)
            opened = context.new_page()
            opened.goto(page.as_uri() + fragment)
            opened.wait_for_selector("body[data-ready]")
            opened.wait_for_timeout(300)
            opened.screenshot(path=IMAGES / f"{name}{'-dark' if scheme == 'dark' else ''}.png")
            context.close()


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no Chromium: apt-get install -y chromium")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [Path(sys.executable).with_name("govern-mirror"), "-q", "demo", "--output", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        options = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        photograph(browser, Path(folder, "report.html"))
        result = browser.new_page(viewport={"width": 1100, "height": 1300})
        result.goto(Path(folder, "macro-result.html").as_uri())
        result.screenshot(path=IMAGES / "macro-result.png")
        browser.close()


if __name__ == "__main__":
    main()
