"""An invented population for linkage: as many people as wanted, with names as rare and as common as real ones.

The demonstration city's names are few, so that its stories are easy to read; who wants to know how often linkage errs
needs the long tail. Here given names are drawn character by character, siblings share one, twins are born on one day
and live at one address under numbers that differ in the last two places, and some people share name and birth date by
chance. Everything follows from the seed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟"
    "汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜"
    "倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成"
    "游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房"
)
_MALE = (
    "建国伟军明华志强文平海波勇杰斌林峰刚涛辉超鹏飞龙宇浩成东俊永德新春生荣福祥金玉庆光亮清云山江河立民卫红学义兴利和"
    "安宏达忠良才振家宝树根长贵有全富喜来发顺少武凯磊洋帅阳博轩泽睿天佑子豪梓涵一诺瑞晨旭航然嘉奕铭皓煜乐康毅坤松柏"
    "健康彬锋钢雷震宁远景胜先正大启继承绍世锦维中汉昌权仁信礼智胤翔翰哲思源诚晓冬秋夏"
)
_FEMALE = (
    "秀英兰桂芳玉珍梅凤莲霞丽红敏静燕艳娟玲萍华琴云素淑芬香月娥爱翠花金银菊春秋雪婷倩莉娜丹洁颖琳慧佳欣怡雨涵梓萱诗"
    "语嫣若思琪文馨雅雯晓晴瑶梦可心悦妍蕾薇露璐莹瑞青竹蓉菲茜彩虹美惠娇巧珊瑜晶贞清荣仙芝改转粉桃杏枝平亚楠男宁宛"
    "君蓓黎岚岩琪璇苗禾米朵安然一诺沐乔灵韵婉桐冰晨曦"
)
_PLACES = "清河柳林石桥东岭西坪南湾北塘青山白水黄泥红旗大同小店上庄下沟新集古渡龙泉凤台金沙银杏双井三岔"
_COUNTIES, _TOWNSHIPS, _VILLAGES = 6, 20, 15
_FIRST_YEAR, _LAST_YEAR = 1930, 2025
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.array(list("10X98765432"))

Texts = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Population:
    """People, one row each: person, household, name, sex, birth_date, id_number, area_code, address, phone, twin.

    `person` is the truth that linkage must find and never sees; `twin` is the other one's, or null.
    """

    people: pl.DataFrame


def build_population(size: int, seed: int) -> Population:
    """Make about so many people. Their numbers bear the invented prefix 4199 and a right check digit."""
    rng = np.random.default_rng(seed)
    homes = max(int(size / 2.6), 1)
    members = rng.choice([1, 2, 3, 4, 5], homes, p=[0.2, 0.32, 0.26, 0.14, 0.08])
    home = np.repeat(np.arange(homes), members)
    place = np.arange(len(home)) - np.repeat(np.cumsum(members) - members, members)
    is_child = place >= 2
    parents_born = rng.integers(_FIRST_YEAR, 2001, homes)[home]
    year = np.where(is_child, parents_born + rng.integers(20, 38, len(home)), parents_born)
    year = np.where(year > _LAST_YEAR, _LAST_YEAR - rng.integers(0, 18, len(home)), year)
    year = np.where(place == 1, np.clip(year + rng.integers(-6, 7, len(home)), _FIRST_YEAR, 2004), year)
    sex = np.where(place == 0, 1, np.where(place == 1, 2, rng.integers(1, 3, len(home))))
    born = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + rng.integers(0, 365, len(home))
    surname = _surnames(rng, homes)[home]
    surname = np.where(place == 1, _surnames(rng, len(home)), surname)
    twin = _twins(rng, place, home)
    is_twin = twin >= 0
    born[is_twin] = born[twin[is_twin]]
    sex[is_twin] = np.where(rng.random(is_twin.sum()) < 0.7, sex[twin[is_twin]], sex[is_twin])
    given = _given_names(rng, sex, year, home, is_child, twin)
    frame = pl.DataFrame(
        {
            "person": np.arange(len(home)),
            "household": home,
            "name": np.char.add(surname, given),
            "sex": sex.astype(str),
            "birth_date": born,
            "twin": pl.Series(twin).replace(-1, None),
        }
    )
    frame = frame.with_columns(_namesakes(rng, frame))
    return Population(
        frame.with_columns(**_places(rng, homes, home), phone=_phones(rng, home, year)).with_columns(
            _numbers(rng, frame, twin)
        )
    )


def _surnames(rng: np.random.Generator, count: int) -> Texts:
    weights = 1 / (np.arange(len(_SURNAMES)) + 6.0)
    return rng.choice(np.array(list(_SURNAMES)), count, p=weights / weights.sum())


def _twins(rng: np.random.Generator, place: npt.NDArray[Any], home: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """For one in fifty of the second children the first child, born on the same day; -1 for everyone else."""
    is_second = (place == 3) & (rng.random(len(place)) < 0.08)
    twin = np.full(len(place), -1)
    twin[is_second] = np.flatnonzero(is_second) - 1
    return twin


def _given_names(
    rng: np.random.Generator,
    sex: npt.NDArray[Any],
    year: npt.NDArray[Any],
    home: npt.NDArray[Any],
    is_child: npt.NDArray[Any],
    twin: npt.NDArray[Any],
) -> Texts:
    """Given names of one or two characters, by sex and by the fashion of the time; children of a house share one."""
    first, second = np.empty(len(sex), dtype="<U1"), np.empty(len(sex), dtype="<U1")
    fashion = np.minimum((year - _FIRST_YEAR) // 24, 3)
    for which, characters in ((1, _MALE), (2, _FEMALE)):
        known = np.array(list(dict.fromkeys(characters)))
        for age in range(4):
            chosen = np.flatnonzero((sex == which) & (fashion == age))
            shifted = np.roll(known, -age * len(known) // 5)
            weights = (np.arange(len(known)) + 4.0) ** -1.35
            first[chosen] = rng.choice(shifted, len(chosen), p=weights / weights.sum())
            second[chosen] = rng.choice(shifted, len(chosen), p=weights / weights.sum())
    of_house = first[np.searchsorted(home, home)]
    shares = is_child & (rng.random(len(sex)) < 0.5)
    first = np.where(shares, of_house, first)
    is_twin = twin >= 0
    first[is_twin] = first[twin[is_twin]]
    # Twins of one sex share a character; no parents give both of them the same name.
    same = np.flatnonzero(is_twin & (second == second[twin]))
    second[same] = np.where(second[same] == "安", "平", "安")
    is_short = (rng.random(len(sex)) < 0.14) & ~is_twin
    is_short[twin[is_twin]] = False
    return np.where(is_short, second, np.char.add(first, second))


def _namesakes(rng: np.random.Generator, frame: pl.DataFrame) -> list[pl.Series]:
    """One in five thousand gets the name, sex and birth date of someone else: they differ in nothing but place."""
    count = max(frame.height // 5000, 1)
    taker, giver = rng.choice(frame.height, (2, count), replace=False)
    return [
        frame.get_column(c).scatter(taker, frame.get_column(c).gather(giver)) for c in ("name", "sex", "birth_date")
    ]


def _places(rng: np.random.Generator, homes: int, home: npt.NDArray[Any]) -> dict[str, Texts]:
    county = rng.integers(1, _COUNTIES + 1, homes)
    town = rng.integers(1, _TOWNSHIPS + 1, homes)
    village = rng.integers(1, _VILLAGES + 1, homes)
    names = [_PLACES[2 * i : 2 * i + 2] for i in range(len(_PLACES) // 2)]
    area, address = [], []
    group, number = rng.integers(1, 13, homes), rng.integers(1, 90, homes)
    for c, t, v, g, n in zip(county, town, village, group, number, strict=True):
        area.append(f"4199{c:02d}{100 + t}{200 + v}")
        town_name, village_name = names[(7 * c + t) % len(names)], names[(5 * t + v) % len(names)]
        address.append(f"示范市{names[c]}县{town_name}镇{village_name}村{g}组{n}号")
    return {"area_code": np.array(area)[home], "address": np.array(address)[home]}


def _phones(rng: np.random.Generator, home: npt.NDArray[Any], year: npt.NDArray[Any]) -> pl.Series:
    """Adults mostly have a number of their own; children and some of the old have one of the house."""
    own = rng.integers(0, 10_000_000, len(home))
    is_shared = (year > 2010) | ((year < 1955) & (rng.random(len(home)) < 0.4)) | (rng.random(len(home)) < 0.1)
    digits = np.where(is_shared, own[np.searchsorted(home, home)], own)
    return pl.Series([f"1990{number:07d}" for number in digits])


def _numbers(rng: np.random.Generator, frame: pl.DataFrame, twin: npt.NDArray[Any]) -> pl.Series:
    """Identity numbers, none twice; a twin's is the next of the same sex and day."""
    county = rng.integers(1, _COUNTIES + 1, frame.height)
    is_twin = twin >= 0
    county[is_twin] = county[twin[is_twin]]
    counted = frame.select("birth_date", "sex", pl.Series("county", county)).with_columns(
        pl.int_range(pl.len()).over("birth_date", "sex", "county").alias("nth")
    )
    odd = pl.when(pl.col("sex") == "1").then(1).otherwise(0)
    sequence = counted.select(2 * (pl.col("nth") + 1) + odd).to_series()
    if (sequence > 995).any():
        raise ValueError("so many people of one day do not fit into the invented divisions")
    day = frame.get_column("birth_date").dt.strftime("%Y%m%d")
    heads = [f"4199{c:02d}{d}{s:03d}" for c, d, s in zip(county, day, sequence, strict=True)]
    digits = np.array(heads).view("<U1").reshape(-1, 17).astype(np.int64)
    checks = _CHECK[(digits @ _WEIGHTS) % 11]
    return pl.Series("id_number", np.char.add(np.array(heads), checks))
