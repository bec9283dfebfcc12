"""A browser without a network, and the samples published as a user publishes them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NoReturn

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

OPTIONS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)

#: Milliseconds in which a page answers on a machine that has much else to do.
PATIENCE = 240_000
expect.set_options(timeout=PATIENCE)

Scheme = Literal["light", "dark"]
Visit = Callable[..., tuple[Page, list[str]]]
OpenPage = Callable[..., tuple[Page, list[str]]]


def cannot_run(reason: str) -> NoReturn:
    """Skip with a reason; where nothing may be skipped, fail."""
    if os.environ.get("OPSBOOK_NO_SKIP") == "1":
        pytest.fail(f"{reason}, and OPSBOOK_NO_SKIP=1 lets no test be skipped")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        cannot_run("no Chromium is installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium, args=OPTIONS.split(), timeout=PATIENCE
        )
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens a file; gives the page, and everything that it asks for or says."""
    contexts = []

    def opened(file: Path, width: int = 1280, **options: Any) -> tuple[Page, list[str]]:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page, told = _listening(context)
        page.add_init_script("window.pwned = () => { window.isPwned = true; };")
        page.goto(file.as_uri())
        return page, told

    yield opened
    for context in contexts:
        context.close()


def _listening(context: BrowserContext) -> tuple[Page, list[str]]:
    """A new page, and the list of all that it will ask for or say."""
    told: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: told.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: told.append(f"error: {error}"))
    page.on("dialog", lambda dialog: told.append(f"dialog: {dialog.message}"))
    page.on("request", lambda request: told.extend(_remote(request.url)))
    return page, told


def _remote(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:")) else [f"request: {url}"]


@pytest.fixture(scope="session")
def visit(browser: Browser, outputs: Path) -> Iterator[Visit]:
    """Opens a page of the samples once, and gives it in the width and colours asked for."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    opened: dict[str, tuple[Page, list[str]]] = {}

    def visited(name: str, width: int = 1280, scheme: Scheme = "light") -> tuple[Page, list[str]]:
        if name not in opened:
            opened[name] = _listening(context)
            opened[name][0].goto((outputs / name).as_uri())
        page, told = opened[name]
        page.bring_to_front()  # of a page behind, Chromium draws one frame a second
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(media="screen", color_scheme=scheme)
        return page, told

    yield visited
    context.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where screenshots go, for somebody to look at; the folder is named at the end."""
    folder = tmp_path_factory.mktemp("screenshots")
    yield folder
    print(f"\nScreenshots: {folder}")  # noqa: T201 - its purpose is to be read
