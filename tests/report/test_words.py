"""The words of the report's templates stand in the Chinese catalog, place by place."""

import re

from tests.report.samples import TEMPLATE

from opsbook.text import Language, places

WORDS = re.compile(r'\bt\("([^"]+)"')


def test_every_word_of_the_templates_is_translated():
    chinese = Language("zh")
    for template in sorted(TEMPLATE.glob("*.j2")):
        for message in WORDS.findall(template.read_text("utf-8")):
            translated = chinese.text(message)
            assert translated != message, f"{template.name}: '{message}' has no translation"
            assert places(translated) == places(message), message
