"""The parameters cell of an executed notebook, written so that a person can read it."""

from __future__ import annotations

import json
import warnings
from typing import Any

from opsbook.run.jupyter import import_jupyter

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    translators = import_jupyter("papermill.translators")


class ReadableTranslator(translators.PythonTranslator):  # type: ignore[misc,name-defined] # untyped
    """papermill's own translator; text in any language stays as it is, keys keep their type."""

    @classmethod
    def translate_str(cls, val: Any) -> str:
        """A text as Python reads it back, whatever is in it."""
        text = str(val)
        alone = any("\ud800" <= letter <= "\udfff" for letter in text)  # no file can hold it
        return json.dumps(text, ensure_ascii=alone)

    @classmethod
    def translate_dict(cls, val: Any) -> str:
        """A mapping, with keys of any plain type."""
        return f"{{{', '.join(f'{cls.translate(k)}: {cls.translate(v)}' for k, v in val.items())}}}"


def write_readably() -> None:
    """Let papermill write parameters so from now on."""
    translators.papermill_translators.register("python", ReadableTranslator)
