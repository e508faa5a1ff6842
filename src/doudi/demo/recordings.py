"""How offices write people down: the same person in many files, each with its own kind of mistakes.

A profile says how often which mistake is made. One profile is for training the stored linkage model, the others are for
judging it and share no mistake rates, seeds or people with it. Whoever has a usable number takes birth date and sex
from it; they are mistyped mostly where there is none.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from doudi.demo.population import Population
from doudi.engine.values.identity import check_digit

_LOOK_ALIKE = """
    王玉 己已 末未 士土 日曰 天夭 明朋 波彼 玲珍 俊峻 晓晚 芳劳 梅海 辉挥 秋秒 林材 刚钢 宇字
    平干 文又 华毕 兰三 春舂 思恩 清请 静净 建健 强弘 国固 志忘 伟纬 军车 红江 丽雨 英莫 秀委
    桂佳 凤风 琴琹 云去 花化 金全 菊匊 雪雷 婷停 倩情 莉利 磊蕾 洋样 帅师 凯剀 鹏朋 飞气 龙尤
    浩洁 成咸 东车 永水 德得 新亲 福副 祥样 荣茶 庆床 光先 亮壳 山出 河何 民良 卫卩 学字
"""
_VARIANT = """
    国國 国囯 华華 军軍 丽麗 强強 杰傑 东東 荣榮 凤鳳 云雲 艳豔 静靜 庆慶 贵貴 峰峯 升昇 坤堃
    哲喆 辉煇 涛濤 鹏鵬 玮瑋 红紅 萧肖 阎闫 傅付 戴代
"""
_SOUND_ALIKE_POOL = """
    伟玮维卫炜 芳方舫 静婧靖晶 阳洋扬杨 丽莉利力立 军君钧均 超朝 敏民旻 建健剑 国帼 志智治致 明铭名
    华桦 英瑛颖莹 秀绣 梅玫 玲铃凌 霞侠 艳燕雁彦 红宏洪鸿 涛韬 杰洁捷 平萍苹 文雯 辉晖慧惠 强
    刚钢 东冬 永勇咏 新欣心鑫 春椿 生升胜 荣容蓉 福富 祥翔 金锦今 玉钰宇雨语羽 庆青清 光广 云芸
    山珊 江姜疆 河和禾合 学雪 义艺怡宜 宝保 长昌 有友 全泉权 李黎 张章 王汪 徐许 刘柳 陈辰晨
    周洲 吴武伍 余于俞
"""
_NEAR_SOUND = """
    林凌 陈程 英音 新兴 金京 明民 申生 宗中 思诗 四世 春村 华发 兰南 丽妮 连年 刘牛 荣龙 珊三
    山三 陈成 真正 芬风 分丰
"""


@dataclass(frozen=True)
class Profile:
    """How often an office makes which mistake, as a share of its rows (of those with the cell, where one is needed)."""

    name: str
    number_missing: float
    number_of_another: float = 0.0
    number_last_two: float = 0.0
    name_homophone: float = 0.0
    name_near_sound: float = 0.0
    name_variant: float = 0.0
    name_look_alike: float = 0.0
    name_other_order: float = 0.0
    name_character_lost: float = 0.0
    name_cut_after: int | None = None
    birth_missing: float = 0.0
    birth_digit: float = 0.0
    birth_day_for_month: float = 0.0
    birth_lunar: float = 0.0
    birth_first_of_month: float = 0.0
    birth_with_number: float = 0.1
    """Mistakes in birth date and sex of a row with a number, as a share of those without."""
    sex_wrong: float = 0.0
    area_missing: float = 0.0
    area_county_only: float = 0.0
    moved: float = 0.0
    address_missing: float = 0.0
    address_other_words: float = 0.0
    phone_missing: float = 0.0
    phone_other: float = 0.0
    phone_digit: float = 0.0
    seed: int = field(default=0)


TRAINING = Profile(
    "training", number_missing=1.0, name_homophone=0.012, name_near_sound=0.003, name_variant=0.004,
    name_look_alike=0.006, name_other_order=0.002, name_character_lost=0.002,
    birth_missing=0.03, birth_digit=0.012, birth_day_for_month=0.004, birth_lunar=0.006,
    birth_first_of_month=0.004, birth_with_number=1.0, sex_wrong=0.004, area_missing=0.15, area_county_only=0.08,
    moved=0.06, address_missing=0.4, address_other_words=0.2, phone_missing=0.35, phone_other=0.12, phone_digit=0.01,
    seed=11,
)  # fmt: skip

# 窗口: what the people themselves bring, with the identity card read by a machine.
WINDOW = Profile(
    "window", number_missing=0.01, name_homophone=0.0005, birth_digit=0.003, sex_wrong=0.0005, moved=0.03,
    address_other_words=0.15, phone_missing=0.05, phone_other=0.08, phone_digit=0.003, seed=3900,
)  # fmt: skip

EVALUATION: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        # 打字员: a clerk with a pinyin keyboard and many files to go.
        Profile(
            "typist", number_missing=0.05, number_of_another=0.0002, number_last_two=0.0004, name_homophone=0.006,
            name_near_sound=0.0005, name_look_alike=0.0005, name_other_order=0.001, name_character_lost=0.0005,
            birth_missing=0.005, birth_digit=0.012, birth_day_for_month=0.006, sex_wrong=0.004, area_missing=0.1,
            moved=0.04, address_missing=0.35, address_other_words=0.15, phone_missing=0.3, phone_other=0.1,
            phone_digit=0.012, seed=4101,
        ),
        # 手写和识别: forms by hand, read by a machine.
        Profile(
            "handwriting", number_missing=0.08, number_of_another=0.0001, number_last_two=0.0006, name_look_alike=0.006,
            name_variant=0.003, name_homophone=0.0005, name_character_lost=0.001, birth_missing=0.01, birth_digit=0.02,
            birth_lunar=0.008, sex_wrong=0.002, area_missing=0.05, area_county_only=0.1, moved=0.03,
            address_missing=0.2, address_other_words=0.35, phone_missing=0.25, phone_other=0.06, phone_digit=0.03,
            seed=4202,
        ),
        # 旧系统: fields cut short, characters that the old code page lacks, 15-digit numbers, villages unknown.
        Profile(
            "old_system", number_missing=0.06, number_last_two=0.0003, name_variant=0.004, name_character_lost=0.003,
            name_cut_after=3, birth_missing=0.01, birth_first_of_month=0.015, birth_lunar=0.012, sex_wrong=0.001,
            area_missing=0.05, area_county_only=0.3, moved=0.1, address_missing=0.5, address_other_words=0.4,
            phone_missing=0.45, phone_other=0.15, phone_digit=0.002, seed=4303,
        ),
    )
}  # fmt: skip


def record(population: Population, persons: pl.Series, profile: Profile, *, seed: int) -> pl.DataFrame:
    """Write these people down, one row each, as the profile's office would.

    Gives person (the truth), id_number, name, birth_date, sex, area_code, address and phone as linkage reads them:
    after the reader, so a number of the old form has 18 digits again and one that fails its check is not there.
    """
    rng = random.Random(profile.seed * 1_000_003 + seed)
    rows = population.people[persons].with_columns(pl.int_range(pl.len()).alias("place"))
    everyone = population.people
    moved = _chosen(rng, rows.height, profile.moved)
    if moved:
        elsewhere = everyone[[rng.randrange(everyone.height) for _ in moved]]
        for column in ("area_code", "address"):
            rows = _put(rows, column, dict(zip(moved, elsewhere.get_column(column), strict=True)))
    rows = _numbers(rows, everyone, profile, rng)
    rows = _names(rows, profile, rng)
    rows = _births(rows, profile, rng)
    rows = _sexes(rows, profile, rng)
    rows = _changed(rows, "area_code", profile.area_county_only, lambda code: code[:6], rng)
    rows = _changed(rows, "area_code", profile.area_missing, lambda _: None, rng)
    rows = _changed(rows, "address", profile.address_other_words, lambda text: _other_words(text, rng), rng)
    rows = _changed(rows, "address", profile.address_missing, lambda _: None, rng)
    rows = _changed(rows, "phone", profile.phone_other, lambda _: f"1990{rng.randrange(10_000_000):07d}", rng)
    rows = _changed(rows, "phone", profile.phone_digit, lambda text: _one_digit(text, rng, first=4), rng)
    rows = _changed(rows, "phone", profile.phone_missing, lambda _: None, rng)
    return rows.select("person", "id_number", "name", "birth_date", "sex", "area_code", "address", "phone")


def _numbers(rows: pl.DataFrame, everyone: pl.DataFrame, profile: Profile, rng: random.Random) -> pl.DataFrame:
    rows = _changed(rows, "id_number", profile.number_last_two, _other_last_two, rng)
    strangers = everyone.get_column("id_number")
    rows = _changed(
        rows, "id_number", profile.number_of_another / 2, lambda _: strangers[rng.randrange(len(strangers))], rng
    )
    twins = rows.filter(pl.col("twin").is_not_null()).select("place", "twin").iter_rows()
    mixed = {place: strangers[twin] for place, twin in twins if rng.random() < 50 * profile.number_of_another}
    rows = _put(rows, "id_number", mixed)
    return _changed(rows, "id_number", profile.number_missing, lambda _: None, rng)


def _names(rows: pl.DataFrame, profile: Profile, rng: random.Random) -> pl.DataFrame:
    for share, change in (
        (profile.name_homophone, lambda name: _replaced(name, _HOMOPHONES, rng)),
        (profile.name_near_sound, lambda name: _replaced(name, _NEAR_SOUNDS, rng)),
        (profile.name_variant, lambda name: _replaced(name, _VARIANTS, rng)),
        (profile.name_look_alike, lambda name: _replaced(name, _LOOK_ALIKES, rng)),
        (profile.name_other_order, lambda name: name[0] + name[2] + name[1] if len(name) == 3 else None),
        (profile.name_character_lost, lambda name: name[:-1] + "?" if len(name) > 2 else None),
    ):
        rows = _changed_if_possible(rows, "name", share, change, rng)
    if profile.name_cut_after is not None:
        rows = rows.with_columns(pl.col("name").str.slice(0, profile.name_cut_after))
    return rows


def _births(rows: pl.DataFrame, profile: Profile, rng: random.Random) -> pl.DataFrame:
    rows = rows.with_columns(pl.col("birth_date").cast(pl.Date))
    has_number = rows.get_column("id_number").is_not_null().to_list()
    for share, change in (
        (profile.birth_digit, lambda born: _one_digit_of_day(born, rng)),
        (
            profile.birth_day_for_month,
            lambda born: born.replace(month=born.day, day=born.month) if born.day <= 12 else born,
        ),
        (profile.birth_lunar, lambda born: born - timedelta(days=rng.randrange(19, 51))),
        (profile.birth_first_of_month, lambda born: born.replace(day=1)),
        (profile.birth_missing, lambda _: None),
    ):
        chosen = [
            place
            for place in _chosen(rng, rows.height, share)
            if not has_number[place] or rng.random() < profile.birth_with_number
        ]
        rows = _put(rows, "birth_date", {place: change(rows.item(place, "birth_date")) for place in chosen})
    return rows


def _sexes(rows: pl.DataFrame, profile: Profile, rng: random.Random) -> pl.DataFrame:
    has_number = rows.get_column("id_number").is_not_null().to_list()
    chosen = [
        place
        for place in _chosen(rng, rows.height, profile.sex_wrong)
        if not has_number[place] or rng.random() < profile.birth_with_number
    ]
    return _put(rows, "sex", {place: "2" if rows.item(place, "sex") == "1" else "1" for place in chosen})


def _chosen(rng: random.Random, count: int, share: float) -> list[int]:
    return sorted(rng.sample(range(count), round(count * share)))


def _changed(
    rows: pl.DataFrame, column: str, share: float, change: Callable[[str], str | None], rng: random.Random
) -> pl.DataFrame:
    cells = rows.get_column(column)
    chosen = [place for place in _chosen(rng, rows.height, share) if cells[place] is not None]
    return _put(rows, column, {place: change(cells[place]) for place in chosen})


def _changed_if_possible(
    rows: pl.DataFrame, column: str, share: float, change: Callable[[str], str | None], rng: random.Random
) -> pl.DataFrame:
    """Change as many rows as the share says, among those that lend themselves to it."""
    cells = rows.get_column(column)
    wanted, changes = round(rows.height * share), dict[int, str | None]()
    for _ in range(wanted * 30):
        if len(changes) == wanted:
            break
        place = rng.randrange(rows.height)
        if (cell := change(cells[place])) is not None:
            changes[place] = cell
    return _put(rows, column, changes)


def _put(rows: pl.DataFrame, column: str, cells: Mapping[int, object]) -> pl.DataFrame:
    if not cells:
        return rows
    series = rows.get_column(column)
    values = pl.Series(list(cells.values()), dtype=series.dtype, strict=False)
    return rows.with_columns(series.scatter(list(cells), values))


def _replaced(name: str, others: Mapping[str, str], rng: random.Random) -> str | None:
    places = [place for place, character in enumerate(name) if character in others]
    if not places:
        return None
    place = rng.choice(places)
    return name[:place] + rng.choice(others[name[place]]) + name[place + 1 :]


def _mutual(groups: str) -> dict[str, str]:
    others: dict[str, str] = {}
    for group in groups.split():
        for character in group:
            others[character] = others.get(character, "") + group.replace(character, "")
    return {character: rest for character, rest in others.items() if rest}


_HOMOPHONES = _mutual(_SOUND_ALIKE_POOL)
_NEAR_SOUNDS = _mutual(_NEAR_SOUND)
_LOOK_ALIKES = _mutual(_LOOK_ALIKE)
_VARIANTS = _mutual(_VARIANT)


def _one_digit(text: str, rng: random.Random, *, first: int) -> str:
    place = rng.randrange(first, len(text))
    digit = rng.choice([d for d in "0123456789" if d != text[place]])
    return text[:place] + digit + text[place + 1 :]


def _one_digit_of_day(born: date, rng: random.Random) -> date:
    """One wrong digit that still makes a day on which somebody could have been born."""
    while True:
        text = _one_digit(f"{born:%Y%m%d}", rng, first=2)
        try:
            wrong = date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            continue
        if date(1900, 1, 1) <= wrong <= date(2026, 1, 1):
            return wrong


def _other_last_two(number: str) -> str:
    """The number of the next of the same sex and day: valid, and perhaps somebody's."""
    head = f"{number[:14]}{(int(number[14:17]) + 2) % 1000:03d}"
    return head + check_digit(head)


def _other_words(address: str, rng: random.Random) -> str:
    """The same place in other words: without the city, with 组 as 社, or cut off behind the village."""
    village = address[: address.index("村") + 1]
    return rng.choice((address.replace("示范市", ""), address.replace("组", "社"), village, address[:12]))
