"""Take the pictures of README from the samples' reports: run `make demo` first, then this.

Needs Debian's Chromium (or another one named by CHROMIUM).
"""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
#: picture → page, width, height
PAGES = {
    "report.png": ("jfk_delays/report.html", 1180, 1080),
    "report_zh.png": ("shop_signup/report.html", 1180, 1080),
    "index.png": ("index.html", 1180, 640),
}


def main() -> None:
    """Open each page without a network and keep its first screen."""
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for name, (page, width, height) in PAGES.items():
            tab = browser.new_page(viewport={"width": width, "height": height})
            tab.goto((ROOT / "outputs" / page).as_uri())
            tab.screenshot(path=PICTURES / name)
        browser.close()


if __name__ == "__main__":
    main()
