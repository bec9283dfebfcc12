"""YAML that remembers its lines, refuses a key written twice, and reads words as words."""

from __future__ import annotations

import re
from typing import Any

import yaml

try:  # libyaml's parser takes a tenth of the time
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML was built without it
    from yaml import SafeLoader  # type: ignore[assignment]

Path = tuple[str | int, ...]


class _Loader(SafeLoader):
    """SafeLoader by the core rules of YAML 1.2: `no` is a word (or Norway), 12:30 is not 750.

    Dates stay words: the fields that want one read it, and tell of a wrong one with its line.
    """


NOT_CORE = (":bool", ":int", ":timestamp")
WORD, LIST, MAPPING = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(NOT_CORE)]
    for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?(0|[1-9]\d*)$"), list("-+0123456789")
)


class DuplicateKeyError(ValueError):
    """A key that stands twice in one mapping."""

    def __init__(self, key: str, first: int, again: int) -> None:
        super().__init__(key, first, again)
        self.key, self.first, self.again = key, first, again


def read_yaml(text: str) -> tuple[Any, dict[Path, int]]:
    r"""Read one YAML document and the line on which each of its fields stands.

    Args:
        text: The document.

    Returns:
        The plain value, and path → line (1-based) of each key and list item.

    Raises:
        DuplicateKeyError: If a mapping has a key twice.
        yaml.YAMLError: If the text is no YAML.

    Examples:
        >>> value, lines = read_yaml("metric:\n  better: lower\n")
        >>> value, lines["metric", "better"]
        ({'metric': {'better': 'lower'}}, 2)
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, {}
        lines: dict[Path, int] = {}
        return _walk(loader, node, (), lines), lines
    finally:
        loader.dispose()


def _walk(loader: _Loader, node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:
    """Note the lines of a node and of all in it; its plain value."""
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.tag == WORD else loader.construct_object(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        items = []
        for i, item in enumerate(node.value):
            lines[*path, i] = item.start_mark.line + 1
            items.append(_walk(loader, item, (*path, i), lines))
        return items if node.tag == LIST else loader.construct_object(node, deep=True)
    seen: dict[str, int] = {}
    values: dict[Any, Any] = {}
    plain = node.tag == MAPPING
    for key, value in node.value:
        line = key.start_mark.line + 1
        name = str(key.value)
        if name in seen:
            raise DuplicateKeyError(".".join(map(str, (*path, name))), seen[name], line)
        seen[name] = line
        lines[*path, name] = line
        plain = plain and key.tag == WORD
        values[name] = _walk(loader, value, (*path, name), lines)
    # Of what has other keys than words, or merges another mapping, PyYAML knows the rules.
    return values if plain else loader.construct_object(node, deep=True)
