"""Take the picture of the report that README shows, docs/report.png, with Debian's Chromium.

``python scripts/tools/picture.py [results/report/index.html]``
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SIZE = {"width": 1280, "height": 1000}  # pixels


def main(page=ROOT / "results" / "report" / "index.html", target=ROOT / "docs" / "report.png"):
    """Write a picture of the top of ``page`` to ``target``; return the exit code."""
    chromium = shutil.which("chromium")
    if not chromium or not Path(page).is_file():
        do = (
            f"{page}: no report. Run make run."
            if chromium
            else "chromium: not installed. Run apt-get install chromium."
        )
        print(f"error: {do}", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport=SIZE)
        tab.goto(Path(page).resolve().as_uri())
        tab.screenshot(path=target)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
