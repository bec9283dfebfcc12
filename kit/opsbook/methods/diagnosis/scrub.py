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
        # 张伟，电话…: the same before a way to reach the person
        f"{_OPEN}({_SURNAME}{_HAN}{{1,2}}?)(?=[，,、：:\\s]*(?:电话|手机|微信|身份证|1[3-9]\\d{{9}}))",
        # 我叫买买提·艾力: a name in two parts
        f"(?:我叫|我是|姓名[:：]?|名叫|联系人|收件人|客服|店员|{_OPEN})({_HAN}{{1,6}}·{_HAN}{{1,8}}?){_END}",
        # 客服Lily: an English name after a role
        (
            "(?:客服|店员|经理|老师|医生|顾问|师傅|主管)\\s?(?!App|Wifi|Bug|Vip|Ok)"
            "([A-Z][a-z]+(?:\\s[A-Z][a-z]+)?)"
        ),
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
_LATIN = "[A-Za-z\u00c0-\u024f]"
# Smith, O'Neill, McDonald, Müller, Smith-Jones; not the 's behind it.
_WORD = rf"[A-Z\u00c0-\u00de](?:{_LATIN}|['’-](?!s\b)(?={_LATIN}))+"
_NO_ENGLISH_NAME = (
    r"(?!(?:The|This|That|It|We|You|They|My|Your|But|And|Please|Great|Good|Very|Not|No|All|There"
    r"|Customer|Service|Amazing|Excellent|Still|Now)\b)"
)
_FULL = rf"{_WORD}(?:\s+{_WORD})?"
# What follows "my name is" where no name does, and what ends a name in small letters.
_AFTER_IS = r"(?:not|wrong|on|in|spell?ed|misspell?ed|spelt|the|still|missing|already|incorrect)\b"
_AFTER_NAME = r"(?:and|but|i|from|is|please|the|my|we|was|on|in)\b"
_ENGLISH_NAMES = tuple(
    re.compile(pattern)
    for pattern in (
        (
            r"\b((?:M[Rr]|M[Rr][Ss]|M[Ss]|Miss|Mx|D[Rr]|Prof|Sir|Madam|Doctor|Professor|Nurse|Manager"
            rf"|Agent|Officer|Driver)\b\.?\s+(?:[A-Z]\.\s+)?{_FULL})"
        ),
        rf"\b(mrs?\b\.?\s+{_LATIN}+)",
        (
            r"(?:[Mm]y name is|[Nn]ame:|[Ss]po?ke(?:n)? (?:to|with)|[Nn]amed|[Aa]sk(?:ed)? for"
            r"|[Ss]igned,?|[Rr]egards,|[Tt]hanks,|[Tt]hank you,|[Ss]incerely,)\s+"
            rf"{_NO_ENGLISH_NAME}({_FULL})"
        ),
        rf"[Mm]y name is\s+(?!{_AFTER_IS})([a-z]+(?:\s+(?!{_AFTER_NAME})[a-z]+)?)",
        rf"\b(?:I am|I['’]m|[Tt]his is)\s+({_WORD}\s+{_WORD})",
        rf"\bI(?: am|['’]m)\s+({_WORD})(?=\s*[,.;!]|\s+from\b|\s*$)",
        rf"\b((?:{_FIRST})\b(?:-{_WORD})?(?:\s+(?:[A-Z]\.\s+)?{_WORD})?)",
    )
)
_DIGIT_WORD = "[零〇一二三四五六七八九幺]"
_NUMBERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?:\d{4}[-\s]){3}\d{4}(?!\d)",  # card, in fours
        r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])\d{5}[\dXx](?!\d)",  # Chinese identity
        r"(?<![\d+])(?:\+?86[-\s]?)?1[3-9]\d(?:[-\s]?\d{4}){2}(?!\d)",  # Chinese mobile
        r"(?<!\d)[48]00[-\s]?\d{3}[-\s]?\d{4}(?!\d)",  # service line
        r"(?<!\d)(?:\(0\d{2,3}\)|0\d{2,3})[-\s]?\d{7,8}(?:[-转]\d{1,6})?(?!\d)",  # landline
        r"(?<![\d+])\+\d{1,3}(?:[-.\s]?\(?\d{1,4}\)?){2,5}(?!\d)",  # international
        r"(?<!\d)(?:1[-.\s])?(?:\(\d{3}\)\s?|\d{3}[-.\s])\d{3}[-.\s]\d{4}(?!\d)",  # North America
        r"(?<!\d)0\d{2,4}\s\d{3,4}\s?\d{3,4}(?!\d)",  # United Kingdom and others
        r"(?<!\d)\d{3}-\d{4}(?![\d-])",  # local, seven digits
        r"(?<!\d)00\d{2}(?:[-\s]\d{2,4}){2,4}(?!\d)",  # international, behind two zeros
        r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])",  # United States, social security
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·\s]?[A-Z0-9]{5,6}(?![A-Za-z0-9])",
        # announced: a card, an account, an identity number, a telephone
        r"(?:卡号?|账[号户]|帐[号户]|身份证号?码?)[\s:：是为]*(\d{6,19}[Xx]?)(?!\d)",
        (
            r"(?i:\b(?:card|account|passport|phone|mobile|cell|tel|whatsapp|call)(?: me)?"
            r"(?: number| no\.?| at| on)?)[\s:.#]*([A-Z]?\d{7,19})(?!\d)"
        ),
        r"护照号?码?[\s:：是为]*([A-Z]{1,2}\d{7,9})",
        r"(?:微信号?|QQ号?|WeChat(?: ID)?)[\s:：是为]*([A-Za-z][\w-]{4,19}|\d{5,12})",
        rf"(?<!{_DIGIT_WORD})[一幺][三四五六七八九]{_DIGIT_WORD}{{9}}",  # Chinese mobile in words
    )
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9\u4e00-\u9fff-]+(?:\.[A-Za-z0-9-]+)+"
)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋－（）＠．", "0123456789+-()@.")


@dataclass(frozen=True, kw_only=True)
class Scrubbed:
    """A text without the names and numbers that were recognised.

    Attributes:
        text: The text with a marker in the place of each.
        names: How many names were replaced.
        numbers: How many telephone, identity, card and account numbers, mail addresses and
            number plates were replaced.
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

    Replaced are: telephone numbers, identity numbers of China and the United States, cards in
    fours, mail addresses, Chinese number plates; cards, accounts and passports behind their own
    word (卡号, WeChat ID); every name in ``known``; and names that something gives away: a title
    (王先生, Mrs Smith), an announcement (我叫, my name is), a familiar form (小王), a verb of
    speech (张伟说), a telephone behind it, a common English first name.

    This is a first pass, not anonymity. It cannot catch a bare Chinese name inside a sentence, a
    rare first name or a surname alone in English, a nickname, an account that nothing announces,
    an address, or a person described in other words; and it may take out a place or a firm that
    carries a person's name. Pass the names on file as ``known``, and read what you publish.

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
