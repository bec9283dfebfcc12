"""Reports on paper: pages, words, fonts, bookmarks."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.conftest import cannot_run
from tests.run.workspaces import ROOT

from opsbook.errors import RunError
from opsbook.report import pdf


def told(*command: str | Path) -> str:
    if shutil.which(str(command[0])) is None:
        cannot_run(f"{command[0]} is not installed (poppler-utils)")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def printed(outputs) -> Path:
    """The sample with the most to say: harm, and more cautions than the sheet has room for."""
    if pdf.find_browser() is None:
        cannot_run("no Chromium is installed")
    return pdf.write_pdf(outputs / "shop_signup" / "report.zh.html")


def test_the_summary_is_one_a3_page_and_the_rest_is_a4(printed):
    pages = int(re.findall(r"Pages:\s+(\d+)", told("pdfinfo", printed))[0])
    sizes = re.findall(r"size: +([\d.]+) x ([\d.]+)", told("pdfinfo", "-l", str(pages), printed))
    widths = [round(float(width)) for width, _ in sizes]
    assert widths[0] == pytest.approx(842, abs=2)
    assert widths[1:] == pytest.approx([595] * (pages - 1), abs=2)
    assert 6 <= pages <= 60


def test_its_words_can_be_found_and_its_pages_are_numbered(printed):
    first = told("pdftotext", "-l", "1", "-layout", printed, "-")
    for words in ("数据可靠吗", "有效果吗", "护栏指标", "签字", "组长"):
        assert words in re.sub(r"[  ]", "", first).replace("⼼", "心")
    assert re.search(r"2 / \d+", told("pdftotext", "-f", "2", "-l", "2", printed, "-"))


def test_its_fonts_are_embedded_and_it_has_bookmarks(printed):
    fonts = told("pdffonts", printed).splitlines()[2:]
    assert fonts
    embedded = [re.findall(r"(yes|no) +(?:yes|no) +(?:yes|no) +\d+ +\d+$", one) for one in fonts]
    assert embedded == [["yes"]] * len(fonts)
    assert b"/Outlines" in printed.read_bytes()


@pytest.fixture(scope="module")
def printed_without_a_browser(outputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """By WeasyPrint, on a machine that has no browser and no Chinese font."""
    folder = tmp_path_factory.mktemp("printed")
    fonts = [Path(line).parent for line in told("fc-list", ":lang=en", "-f", "%{file}\\n").split()]
    chinese = {
        Path(line).parent for line in told("fc-list", ":lang=zh", "-f", "%{file}\\n").split()
    }
    latin = sorted({str(folder) for folder in fonts if folder not in chinese})
    dirs = "".join(f"<dir>{one}</dir>" for one in latin)
    (folder / "fonts.conf").write_text(
        f"<fontconfig>{dirs}<cachedir>{folder}/cache</cachedir></fontconfig>"
    )
    report = Path(folder, "report.html")
    shutil.copy(outputs / "clinic_deaths" / "report.zh.html", report)
    script = (
        "import pathlib, sys; from opsbook.report.pdf import write_pdf; "
        "write_pdf(pathlib.Path(sys.argv[1]))"
    )
    environment = {
        "PATH": "",
        "PYTHONPATH": str(ROOT / "kit"),
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
        "HOME": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-c", script, str(report)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if "cannot load library" in done.stderr:
        cannot_run("Pango is not installed, which WeasyPrint draws text with")
    assert done.returncode == 0, done.stderr
    return folder / "report.pdf"


def test_without_a_browser_the_summary_is_one_a3_page_too(printed_without_a_browser):
    told_of = told("pdfinfo", "-l", "99", printed_without_a_browser)
    widths = [round(float(width)) for width in re.findall(r"size: +([\d.]+) x", told_of)]
    assert widths[0] == pytest.approx(842, abs=2)
    assert widths[1:] == pytest.approx([595] * (len(widths) - 1), abs=2)
    assert 5 <= len(widths) <= 40


def test_without_a_chinese_font_its_words_are_chinese_all_the_same(printed_without_a_browser):
    fonts = told("pdffonts", printed_without_a_browser)
    assert "opsbook-CJK" in fonts
    first = told("pdftotext", "-l", "1", printed_without_a_browser, "-")
    for words in ("待决策", "有效果吗", "数据可靠吗", "签字"):
        assert words in first.replace("⼼", "心")
    second = told("pdftotext", "-f", "2", "-l", "2", printed_without_a_browser, "-")
    assert re.search(r"2 / \d+", second)
    assert "<outline>" in told("pdftohtml", "-xml", "-stdout", "-i", printed_without_a_browser)


def test_chinese_glyphs_of_a_named_font_go_into_the_page(monkeypatch, tmp_path):
    listed = told("fc-list", ":lang=zh", "file").split(":")[0].strip()
    if not listed:
        cannot_run("no Chinese font is installed")
    monkeypatch.setenv(pdf.FONT, listed)
    page = pdf.with_chinese_font("<html><head></head><body>效果评估</body></html>")
    assert "@font-face" in page
    assert 1_000 < len(page) < 60_000


def test_a_page_without_chinese_stays_as_it_is():
    page = "<html><head></head><body>Effect</body></html>"
    assert pdf.with_chinese_font(page) == page


def test_with_nothing_to_print_with_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "BROWSERS", ())
    monkeypatch.delenv(pdf.BROWSER, raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    report = tmp_path / "report.html"
    report.write_text("<p>x</p>")
    with pytest.raises(RunError, match="There is nothing to write a PDF with"):
        pdf.write_pdf(report)


@pytest.mark.parametrize("variable", [pdf.BROWSER, pdf.FONT])
def test_a_name_that_leads_nowhere_is_refused(monkeypatch, tmp_path, variable):
    monkeypatch.setenv(variable, "/nowhere/at/all")
    report = tmp_path / "report.html"
    report.write_text("<p>效果</p>")
    with pytest.raises(RunError, match=f"{variable} names /nowhere/at/all"):
        pdf.write_pdf(report)
