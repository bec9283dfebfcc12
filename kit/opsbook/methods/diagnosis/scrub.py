"""Takes personal names and numbers out of feedback before it is quoted."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

# Surnames that are everyday words too (明, 时, 应 ...) are left out: they would hide more than
# they protect.
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤方"
    "俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝安乐于傅齐康伍余元顾孟平黄穆萧尹姚邵汪祁毛狄米贝臧计成戴宋茅庞"
    "熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房缪宗丁宣邓洪"
    "包左石崔吉龚程邢裴陆荣翁荀甄封储靳段焦巴牧侯秋仲伊宁仇甘祖武符刘景詹束龙叶司黎白蒲赖卓蔺屠蒙池乔阴闻党翟谭"
    "姬申冉桑桂牛尚温庄晏柴瞿阎慕习古易廖耿匡寇欧沃关巩聂敖冷辛简饶曾沙丰游肖"
)
_NO_NAME = (
    "(?!顾客|万一|高兴|高峰|高级|平台|平时|平常|安全|安排|成功|成本|方便|方法|方式|金额|于是|任何|何时|何况|程序|费用|包装|包裹"
    "|严重|全部|白天|温度|周末|周期|周围|元旦|黄金|马上|许多|米线|石头|牛奶|华为|管理|关于|关注|易用|古怪|简单|单据|终于|曾经|江苏"
    "|余额|计划|计算|毛病|项目|祝贺|强烈|丁点|沙发|游戏|游客|肖像|房间|景点)"
)
_SURNAME = (
    f"{_NO_NAME}(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|宇文|司徒|夏侯|[{_SURNAMES}])"
)
_HAN = "[\u4e00-\u9fff]"
_TITLE = (
    "(?:先生|女士|小姐|太太|老师|经理|主任|主管|师傅|医生|大夫|护士|律师|教授|店长|店员|助理|同学"
    "|阿姨|叔叔|大哥|大姐|总(?=[，。,.!！?？、\\s]|$))"
)
_SAID = "(?:说|表示|告诉|答应|回复|接待|联系|打电话|处理|反映|承诺|态度)"
_END = "(?=[，。,.;；!！?？、：:\\s的在把给没不和跟]|" + _SAID + "|$)"
_OPEN = "(?:[，。,.;；!！?？、：:\\s]|^)"
# The first group is the name; what stands before it gives it away and stays.
_CHINESE_NAMES = tuple(
    re.compile(pattern)
    for pattern in (
        # 王先生, 李小明经理: a surname and up to two more characters before a title
        f"({_SURNAME}{_HAN}{{0,2}}?){_TITLE}",
        # 姓名：张伟, 我叫张伟, 联系人张伟: after a word that announces a name
        (
            f"(?:姓名|名字|名叫|我叫|我是|联系人|收件人|经办人|客户|顾客|客服|店员)[是叫为：:\\s]{{0,2}}"
            f"({_SURNAME}{_HAN}{{1,2}}?){_END}"
        ),
        # 小王, 客服老李: a familiar form at the start of a clause or after a role
        (
            f"(?:{_OPEN}|客服|店员|师傅|经理|找到|联系|感谢|谢谢|叫)([小老阿]{_SURNAME})(?!{_HAN}*{_TITLE})"
            f"(?:{_END}|(?=帮|很))"
        ),
        # 张伟说: a whole name at the start of a clause before a verb of speech
        f"{_OPEN}({_SURNAME}{_HAN}{{1,2}}?)(?={_SAID})",
    )
)
_FIRST = (
    "Aaron Adam Alan Alex Alexander Alice Amanda Amy Andrea Andrew Angela Ann Anna Anne Anthony "
    "Ashley Barbara Ben Benjamin Betty Brandon Brenda Brian Bruce Carl Carol Caroline Catherine "
    "Charles Charlotte Christina Christine Christopher Claire Cynthia Daniel David Deborah Dennis "
    "Diana Diane Donald Donna Dorothy Douglas Edward Elizabeth Emily Emma Eric Ethan Eva Frances "
    "Gary George Gerald Gloria Gregory Hannah Harold Heather Helen Henry Isabella Jacob James "
    "Janet Jason Jeffrey Jennifer Jeremy Jessica Joan John Jonathan Jose Joseph Joshua Joyce Juan "
    "Judith Judy Julia Julie Justin Karen Katherine Kathleen Kelly Kenneth Kevin Kimberly Kyle "
    "Larry Laura Lauren Lawrence Linda Lisa Lucy Margaret Maria Marie Martha Martin Mary Matthew "
    "Megan Melissa Michael Michelle Mohammed Nancy Natalie Nathan Nicholas Nicole Noah Oliver "
    "Olivia Pamela Patricia Patrick Paul Peter Philip Priya Rachel Ralph Raymond Rebecca Richard "
    "Robert Roger Ronald Russell Ryan Samantha Samuel Sandra Sara Sarah Scott Sharon Shirley "
    "Sophia Stephanie Stephen Steven Susan Teresa Theresa Thomas Timothy Tyler Victoria Vincent "
    "Virginia Walter Wayne William Zachary"
).replace(" ", "|")
_WORD = r"[A-Z][a-z]+(?:[-'][A-Z][a-z]+)?"
_ENGLISH_NAMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b((?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam)\b\.?\s+{_WORD}(?:\s+{_WORD})?)",
        (
            rf"(?:[Mm]y name is|[Nn]ame:|[Ss]po?ke(?:n)? (?:to|with)|named|[Rr]egards,)\s+"
            rf"({_WORD}(?:\s+{_WORD})?)"
        ),
        rf"\b((?:{_FIRST})\b(?:\s+(?:[A-Z]\.\s+)?{_WORD})?)",
    )
)
_DIGIT_WORD = "[零〇一二三四五六七八九幺]"
_NUMBERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])\d{5}[\dXx](?!\d)",  # Chinese identity
        r"(?<![\d+])(?:\+?86[-\s]?)?1[3-9]\d(?:[-\s]?\d{4}){2}(?!\d)",  # Chinese mobile
        r"(?<!\d)[48]00[-\s]?\d{3}[-\s]?\d{4}(?!\d)",  # service line
        r"(?<!\d)(?:\(0\d{2,3}\)|0\d{2,3})[-\s]?\d{7,8}(?:[-转]\d{1,6})?(?!\d)",  # landline
        r"(?<![\d+])\+\d{1,3}(?:[-.\s]?\(?\d{1,4}\)?){2,5}(?!\d)",  # international
        r"(?<!\d)(?:1[-.\s])?(?:\(\d{3}\)\s?|\d{3}[-.\s])\d{3}[-.\s]\d{4}(?!\d)",  # North America
        r"(?<!\d)0\d{2,4}\s\d{3,4}\s?\d{3,4}(?!\d)",  # United Kingdom and others
        r"(?<!\d)\d{3}-\d{4}(?![\d-])",  # local, seven digits
        rf"(?<!{_DIGIT_WORD})[一幺][三四五六七八九]{_DIGIT_WORD}{{9}}",  # Chinese mobile in words
    )
)
_LATIN = "[A-Za-z\u00c0-\u024f]"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋－（）＠．", "0123456789+-()@.")


@dataclass(frozen=True, kw_only=True)
class Scrubbed:
    """A text without the names and numbers that were recognised.

    Attributes:
        text: The text with a marker in the place of each.
        names: How many names were replaced.
        numbers: How many telephone and identity numbers and mail addresses were replaced.
    """

    text: str
    names: int
    numbers: int


def scrub(
    text: str,
    *,
    known: Collection[str] = (),
    name_marker: str = "[name]",
    number_marker: str = "[number]",
) -> Scrubbed:
    """Take names and numbers that point to a person out of a text, Chinese or English.

    Replaced are: telephone numbers, Chinese identity numbers, mail addresses; every name in
    ``known``; and names that something gives away: a title (王先生, Mrs Smith), an announcement
    (我叫, my name is), a familiar form (小王), a verb of speech (张伟说), a common English first
    name.

    This is a first pass, not anonymity. It cannot catch a bare Chinese name inside a sentence, a
    rare first name or a surname alone in English, a nickname, an account name, an address, or a
    person described in other words; and it may take out a place or a firm that carries a
    person's name. Pass the names on file as ``known``, and read what you publish.

    Args:
        text: The feedback.
        known: Names on file, of customers and staff; found wherever they stand.
        name_marker: What replaces a name.
        number_marker: What replaces a number.

    Returns:
        The text, and how much was replaced.

    Examples:
        >>> scrub("王先生说13812345678打不通").text
        '[name]先生说[number]打不通'
        >>> scrub("Mrs. Smith can be reached at (212) 555-0123.").text
        '[name] can be reached at [number].'
    """
    plain = text.translate(_FULL_WIDTH)  # one character for one: the places stay the same
    numbers = _found(plain, [_EMAIL, *_NUMBERS])
    listed = sorted({name.strip() for name in known if name.strip()}, key=lambda n: (-len(n), n))
    own = [re.compile(_whole(name)) for name in listed]
    names = _found(plain, [*own, *_CHINESE_NAMES, *_ENGLISH_NAMES])
    names = [span for span in names if not any(_meet(span, number) for number in numbers)]
    marks = [(span, number_marker) for span in numbers] + [(span, name_marker) for span in names]
    for (start, end), marker in sorted(marks, reverse=True):
        text = text[:start] + marker + text[end:]
    return Scrubbed(text=text, names=len(names), numbers=len(numbers))


def _found(text: str, patterns: list[re.Pattern[str]]) -> list[tuple[int, int]]:
    """Return where the patterns match, the earlier pattern winning where two overlap."""
    spans: list[tuple[int, int]] = []
    for pattern in patterns:
        for match in pattern.finditer(text):
            start, end = match.span(match.re.groups and 1)
            if not any(_meet((start, end), span) for span in spans):
                spans.append((start, end))
    return spans


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _whole(name: str) -> str:
    """Return a pattern for a known name: a whole word in Latin script, anywhere in Chinese."""
    before = f"(?<!{_LATIN})" if re.match(_LATIN, name[0]) else ""
    after = f"(?!{_LATIN})" if re.match(_LATIN, name[-1]) else ""
    flags = "(?i:" if name.isascii() else "(?:"
    return f"{before}{flags}{re.escape(name)}){after}"
