"""Chinese names as they are: frequent surnames, fashions by generation, homophones, rare characters, dots."""

import random

from doudi.demo.people import Sex

_SURNAMES = (
    ("王", 72), ("李", 71), ("张", 67), ("刘", 54), ("陈", 45), ("杨", 31), ("赵", 27), ("黄", 22),
    ("周", 21), ("吴", 20), ("徐", 16), ("孙", 15), ("胡", 13), ("朱", 13), ("高", 12), ("林", 11),
    ("何", 11), ("郭", 11), ("马", 11), ("罗", 9), ("梁", 9), ("宋", 8), ("郑", 8), ("谢", 7),
    ("韩", 7), ("唐", 6), ("冯", 6), ("于", 6), ("董", 6), ("萧", 2), ("程", 5), ("曹", 5),
    ("袁", 5), ("邓", 5), ("许", 5), ("傅", 4), ("沈", 4), ("曾", 4), ("彭", 4), ("吕", 4),
    ("苏", 3), ("卢", 3), ("蒋", 3), ("蔡", 3), ("贾", 3), ("丁", 3), ("魏", 3), ("薛", 3),
    ("叶", 3), ("阎", 2), ("欧阳", 1), ("司马", 1), ("上官", 1),
)  # fmt: skip

# By sex and by the decade of birth: given names follow fashions, and the old ones are shared by many.
_GIVEN: dict[Sex, tuple[tuple[int, str], ...]] = {
    "1": (
        (1965, "建国 国强 志强 保国 德福 振华 金山 长海 福来 明山 永贵 玉林 喜 全有"),
        (1985, "建军 伟 军 勇 志刚 国栋 海涛 卫东 红军 永强 新民 俊杰 斌 建伟"),
        (2005, "磊 鹏 超 浩 杰 晓东 文博 子豪 凯 阳 振宇 帅 一鸣 志远"),
        (2100, "浩然 子轩 宇航 梓豪 一诺 睿 俊熙 奕辰 博文 天佑 家乐 沐阳"),
    ),
    "2": (
        (1965, "秀英 桂兰 玉珍 秀兰 桂英 凤英 淑珍 爱莲 素芳 翠花 金凤 月娥 兰 改"),
        (1985, "丽 芳 敏 红霞 玉梅 艳 秋菊 海燕 春玲 慧 小红 凤霞 爱红 静"),
        (2005, "婷 倩 雪 丹 梦瑶 佳慧 晓雯 莹 娜 雨 思琪 文静 瑞 璐"),
        (2100, "梓涵 欣怡 诗涵 雨桐 一诺 可馨 语嫣 思雨 若溪 佳怡 梦洁 沐晴"),
    ),
}

HOMOPHONES = (
    ("伟", "玮"),
    ("芳", "方"),
    ("静", "婧"),
    ("阳", "洋"),
    ("丽", "莉"),
    ("军", "君"),
    ("超", "朝"),
    ("敏", "民"),
)
"""Characters that sound alike and are mistaken for each other at a counter."""

RARE_NAMES: tuple[tuple[str, Sex], ...] = (
    ("王䶮", "1"),
    ("李㐂", "1"),
    ("张𠮷", "1"),
    ("刘翀", "1"),
    ("陈犇", "1"),
    ("周玥彣", "2"),
)
"""Names with characters outside GB 2312; some need four bytes in GB18030."""


def surname(rng: random.Random) -> str:
    """A surname, as often as it occurs."""
    return rng.choices([name for name, _ in _SURNAMES], [weight for _, weight in _SURNAMES])[0]


def given_name(rng: random.Random, sex: Sex, birth_year: int) -> str:
    """A given name of the fashion of that year."""
    fashion = next(names for until, names in _GIVEN[sex] if birth_year < until)
    return rng.choice(fashion.split())


def homophone(name: str) -> str | None:
    """The same name with one character that sounds alike, if one of them is in it."""
    for left, right in HOMOPHONES:
        for here, there in ((left, right), (right, left)):
            if here in name[1:]:
                return name[0] + name[1:].replace(here, there, 1)
    return None
