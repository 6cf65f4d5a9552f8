"""Draw the pictures of README and docs: run the demo, photograph its page with Chromium. `make screenshots`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

IMAGES = Path(__file__).with_name("images")
CHROMIUM = "/usr/bin/chromium"


def photograph(page: Path, picture: Path, width: int, height: int) -> None:
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-background-networking",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                f"--window-size={width},{height}",
                f"--screenshot={picture}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [Path(sys.executable).with_name("govern-mirror"), "-q", "demo", "--output", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        IMAGES.mkdir(exist_ok=True)
        photograph(Path(folder, "report.html"), IMAGES / "report.png", 1440, 1560)


if __name__ == "__main__":
    main()
