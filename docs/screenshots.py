"""Draw the pictures of README and docs: run the demo, photograph its page in Chromium. `make screenshots`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

IMAGES = Path(__file__).with_name("images")
GOVERN_MIRROR = Path(sys.executable).with_name("govern-mirror")
SIZE = {"width": 1400, "height": 820}
VIEWS = {
    "report": "#",
    "report-panel": "#p=FRAUD",
    "report-matrix": "#view=matrix",
    "report-kanban": "#view=kanban",
    "report-summary": "#view=summary",
    "report-trends": "#view=trends",
}
IN_THE_DARK = ("report", "report-trends")


def photograph(browser: Browser, page: Path) -> None:
    for name, fragment in VIEWS.items():
        for scheme in ("light", "dark") if name in IN_THE_DARK else ("light",):
            height = 1080 if name == "report-trends" else SIZE["height"]
            context = browser.new_context(viewport={**SIZE, "height": height}, color_scheme=scheme)
            opened = context.new_page()
            opened.goto(page.as_uri() + fragment)
            opened.wait_for_selector("body[data-ready]")
            opened.wait_for_timeout(300)
            opened.screenshot(path=IMAGES / f"{name}{'-dark' if scheme == 'dark' else ''}.png")
            context.close()


LIVE = {"live-home": "page=home", "live-item": "page=item&item=CREDITDOCS", "live-projects": "page=projects"}


def photograph_live(browser: Browser) -> None:
    """The live page on the demo's projects, as their manager has it in DSS: what she reads, and an item in edit."""
    command = [GOVERN_MIRROR, "-q", "sandbox", "--seed", "demo", "--webapp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        found = json.loads(served.stdout.readline() if served.stdout else "")
        try:
            opened = browser.new_context(viewport=SIZE).new_page()
            opened.goto(f"{found['url']}/login")
            opened.fill("input[name=login]", found["logins"]["manager"])
            opened.fill("input[name=password]", found["logins"]["manager"])
            opened.press("input[name=password]", "Enter")
            opened.wait_for_load_state()
            for name, fragment in LIVE.items():
                opened.goto(f"{found['url']}/webapps/GOVERNANCE/gOvern1#{fragment}")
                opened.reload()
                opened.wait_for_selector("h1")
                opened.wait_for_timeout(1500)
                if name == "live-item":
                    opened.get_by_role("button", name="Edit", exact=True).click()
                    opened.get_by_role("button", name="Set as finished").first.click()
                    opened.wait_for_timeout(500)
                opened.screenshot(path=IMAGES / f"{name}.png")
        finally:
            served.terminate()


def mail_of(folder: Path) -> Path:
    """The mail of the same projects, with what changed in four weeks of the demo's history."""
    since = date.today() - timedelta(weeks=4)
    target, history = folder / "mail.html", folder / "history.duckdb"
    served = subprocess.Popen([GOVERN_MIRROR, "-q", "sandbox", "--seed", "demo"], stdout=subprocess.PIPE, text=True)
    try:
        found = json.loads(served.stdout.readline() if served.stdout else "")
        connection = ["--url", found["url"], "--api-key", found["api_key"]]
        report = ["report", "--history", history, "--since", str(since), "-o", target, "--format", "mail"]
        subprocess.run([GOVERN_MIRROR, "-q", *connection, *report], check=True)
    finally:
        served.terminate()
        served.wait()
    return target


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no Chromium: apt-get install -y chromium")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [GOVERN_MIRROR, "-q", "demo", "--output", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        options = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        photograph(browser, Path(folder, "report.html"))
        photograph_live(browser)
        result = browser.new_page(viewport={"width": 1100, "height": 1300})
        result.goto(Path(folder, "macro-result.html").as_uri())
        result.screenshot(path=IMAGES / "macro-result.png")
        mail = browser.new_page(viewport={"width": 940, "height": 760})
        mail.goto(mail_of(Path(folder)).as_uri())
        mail.screenshot(path=IMAGES / "mail.png")
        browser.close()


if __name__ == "__main__":
    main()
