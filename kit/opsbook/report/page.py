"""One nbconvert exporter for all reports, and the pieces every page is made of."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsbook.errors import RunError
from opsbook.report.sanitise import clean_html, framed_tables, left_out
from opsbook.run.jupyter import import_jupyter
from opsbook.text import Language, Statement, Term, say, without_colours

if TYPE_CHECKING:
    from jinja2 import Environment
    from nbconvert.exporters import HTMLExporter
    from nbformat import NotebookNode

STYLE = "report.css"
SCRIPT = "report.js"
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; "
    "script-src '{script}'; base-uri 'none'; form-action 'none'"
)
#: What a cell may show, best first; anything else is left out, and the report says so.
SHOWN = (
    "text/html",
    "image/svg+xml",
    "text/markdown",
    "image/png",
    "image/jpeg",
    "text/plain",
)
PICTURES = frozenset(("image/svg+xml", "image/png", "image/jpeg"))
LIVELY = ("application/vnd.", "application/javascript", "text/vnd.")
OMITTED = say("Left out here: {what}. The notebook shows it.")
#: A word of code that report.css has no colour for.
PLAIN_WORD = re.compile(r'<span class="(?!(?:k|kn|kc|ow|s1|s2|sa|mi|mf|c1)")\w+">([^<]*)</span>')
#: Characters that turn the direction of the text after them, in a page's own words too.
DIRECTION = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
#: The page has the H1; a notebook's own headings follow its section's H2.
LEVELS_DOWN = 1


def render_notebook(
    notebook: NotebookNode, template_dir: Path, language: Language, **values: object
) -> str:
    """Render a merged notebook as one page.

    Args:
        notebook: What `merge` returned.
        template_dir: Folder of the report's template.
        language: The reader's language.
        values: What the template shows besides the notebook.
    """
    with _faults_told(template_dir):
        exporter = _exporter(template_dir)
        resources = {"page": {**_common(exporter.environment, language), **values}}
        return _straight(exporter.from_notebook_node(notebook, resources)[0])


def render_page(template: str, template_dir: Path, language: Language, **values: object) -> str:
    """Render a page that has no notebook.

    Args:
        template: Name of the template's file in `template_dir`.
        template_dir: Folder of the report's template.
        language: The reader's language.
        values: What the template shows.
    """
    with _faults_told(template_dir):
        environment = _environment(template_dir)
        page = {**_common(environment, language), **values}
        return _straight(environment.get_template(template).render(page=page))


@contextmanager
def _faults_told(template_dir: Path) -> Iterator[None]:
    """Tell of a template that somebody has changed or removed a piece of."""
    from jinja2 import TemplateError, TemplateNotFound  # noqa: PLC0415

    try:
        yield
    except TemplateError as error:
        gone = isinstance(error, TemplateNotFound)
        raise RunError(
            f"The report's template {template_dir.name}/ {'has no' if gone else 'fails:'} {error}.",
            "Restore the shipped template.",
        ) from error


def _common(environment: Environment, language: Language) -> dict[str, Any]:
    """What every page needs: its language, its style, its script and the policy for both."""
    style, script = (_source(environment, name) for name in (STYLE, SCRIPT))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {
        "language": language,
        "t": _translator(language),
        "style": style,
        "script": script,
        "policy": POLICY.format(script=f"sha256-{digest}"),
    }


def _translator(language: Language) -> Callable[..., str]:
    def translate(message: str | Term | Statement, **values: Any) -> str:
        match message:
            case Term():
                return language.text(message.term)
            case Statement():
                return language.say(message)
            case _:
                return language.say(say(message, **values))

    return translate


@functools.cache
def _environment(template_dir: Path) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=FileSystemLoader(template_dir),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


@functools.cache
def _exporter(template_dir: Path) -> HTMLExporter:
    """The exporter with our template: its first use costs half a second, the next ones none."""
    nbconvert = import_jupyter("nbconvert.exporters.html")
    templates = import_jupyter("nbconvert.exporters.templateexporter")
    config = import_jupyter("traitlets.config").Config()
    config.NbConvertBase.display_data_priority = list(SHOWN)

    class ReportExporter(nbconvert.HTMLExporter):  # type: ignore[misc,name-defined] # untyped
        """HTMLExporter without its last step, which parses the finished page once more.

        That step would rewrite cleaned HTML with another parser than the browser's.
        """

        def from_notebook_node(
            self, nb: NotebookNode, resources: Any = None, **kw: Any
        ) -> tuple[str, dict[str, Any]]:
            return templates.TemplateExporter.from_notebook_node(self, nb, resources, **kw)  # type: ignore[no-any-return]

    exporter = ReportExporter(
        config=config,
        extra_template_basedirs=[str(template_dir.parent)],
        template_name=template_dir.name,
        exclude_anchor_links=True,
    )
    environment = exporter.environment
    environment.autoescape = True
    environment.trim_blocks = environment.lstrip_blocks = True
    markdown = environment.filters["markdown2html"]
    environment.filters |= {  # none of nbconvert's own writes to the page without cleaning
        "shown": _shown,
        "lively": _lively,
        "clean": _told(lambda _, html: "".join(html), 0),
        "plain": lambda text: without_colours("".join(text)),
        "prose": _told(markdown, LEVELS_DOWN),
        "coloured": _coloured(environment.filters["highlight2html"]),
    }
    return exporter


def _shown(data: Mapping[str, Any]) -> str | None:
    """The best way to show an output, or None if there is none that a sent page may use."""
    still = PICTURES if _lively(data) and PICTURES & data.keys() else SHOWN
    return next((kind for kind in SHOWN if kind in data and kind in still), None)


def _lively(data: Mapping[str, Any]) -> list[str]:
    """Types of an output that live only in a notebook, such as a widget or a Plotly chart."""
    return [kind for kind in data if kind.startswith(LIVELY) and kind not in SHOWN]


def _clean(html: str, prefix: str, frame: str, shift: int) -> Any:
    from markupsafe import Markup  # noqa: PLC0415

    cleaned = clean_html(html, prefix=prefix, shift=shift)
    return Markup(framed_tables(cleaned, str(frame)))  # noqa: S704 - cleaned in the line above


def _told(make: Callable[..., str], levels: int) -> Any:
    """A filter that cleans what a function makes, and says what it took away."""
    from jinja2 import pass_context  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    note = Markup('<p class="r-omitted">{}</p>')

    @pass_context
    def told(context: Any, source: Any, prefix: str, frame: str = "{}", shift: int = levels) -> Any:
        html = make(context, source)
        t = context["resources"]["page"]["t"]
        notes = [note.format(t(OMITTED.message, what=what)) for what in left_out(html)]
        return Markup("").join([_clean(html, prefix, frame, shift), *notes])

    return told


def _coloured(highlight: Callable[..., str]) -> Callable[[str], Any]:
    """Code with those of its words marked that the page gives a colour."""

    def coloured(source: str) -> Any:
        return _clean(PLAIN_WORD.sub(r"\1", highlight(source, language="python")), "", "{}", 0)

    return coloured


def _source(environment: Environment, name: str) -> str:
    from markupsafe import Markup  # noqa: PLC0415

    if environment.loader is None:
        raise FileNotFoundError(name)
    return Markup(environment.loader.get_source(environment, name)[0])  # noqa: S704 - our own file


def _straight(page: str) -> str:
    return page.translate(DIRECTION)
