"""Ordinary households of many shapes, in the villages of the city."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from doudi.demo import names
from doudi.demo.people import Household, IdMaker, Person, Sex, born_at_age, phone
from doudi.demo.places import Places


@dataclass
class Maker:
    """Makes people and household books; remembers which numbers are taken."""

    rng: random.Random
    ids: IdMaker
    places: Places
    books: dict[str, int]

    def person(self, family_name: str, sex: Sex, age: int, relation: str, *, given: str = "") -> Person:
        """Someone of that age, with a name of that generation."""
        born = born_at_age(self.rng, age)
        name = family_name + (given or names.given_name(self.rng, sex, born.year))
        number = phone(self.rng) if age >= 16 and self.rng.random() < 0.7 else ""
        return Person(name, sex, born, self.ids.number(born, sex), relation, number)

    def household(self, area_code: str, members: list[Person], story: str = "") -> Household:
        """A household book in that village or community, with an address there."""
        self.books[area_code] = book = self.books.get(area_code, 0) + 1
        is_urban = area_code in self.places.urban
        place = f"清河县{self.places.names[area_code[:9]][0]}{self.places.names[area_code][0]}"
        if is_urban:
            building, stairs = self.rng.randrange(1, 9), self.rng.randrange(1, 4)
            door = f"{building}号楼{stairs}单元{self.rng.randrange(1, 7)}0{self.rng.randrange(1, 4)}室"
        else:
            door = f"{self.rng.randrange(1, 9)}组{self.rng.randrange(1, 120)}号"
        return Household(f"{area_code[6:]}{book:04d}", area_code, place + door, is_urban, members, story)


def ordinary_household(maker: Maker) -> Household:
    """One household, its shape drawn by how often such a shape occurs."""
    shape = maker.rng.choices([shape for shape, _ in _SHAPES], [weight for _, weight in _SHAPES])[0]
    areas = maker.places.urban if maker.rng.random() < 0.36 else maker.places.rural
    return maker.household(maker.rng.choice(areas), shape(maker))


def _single(maker: Maker) -> list[Person]:
    sex = _sex(maker)
    return [maker.person(names.surname(maker.rng), sex, maker.rng.randrange(23, 59), "户主")]


def _couple(maker: Maker, low: int = 26, high: int = 58) -> list[Person]:
    age = maker.rng.randrange(low, high)
    husband = maker.person(names.surname(maker.rng), "1", age, "户主")
    wife = maker.person(names.surname(maker.rng), "2", max(22, age + maker.rng.randrange(-5, 3)), "配偶")
    return [husband, wife]


def _with_children(maker: Maker, count: int) -> list[Person]:
    parents = _couple(maker, 29, 50)
    return parents + [_child(maker, parents) for _ in range(count)]


def _three_generations(maker: Maker) -> list[Person]:
    family = _with_children(maker, maker.rng.randrange(1, 3))
    sex, age = _sex(maker), family[0].age + maker.rng.randrange(22, 30)
    own = _family_name(family[0]) if sex == "1" else names.surname(maker.rng)
    return [*family, maker.person(own, sex, min(age, 88), "父母")]


def _lone_parent(maker: Maker) -> list[Person]:
    parent = maker.person(names.surname(maker.rng), _sex(maker), maker.rng.randrange(27, 50), "户主")
    return [parent, _child(maker, [parent])]


def _elderly_couple(maker: Maker) -> list[Person]:
    age = maker.rng.randrange(63, 84)
    return [
        maker.person(names.surname(maker.rng), "1", age, "户主"),
        maker.person(names.surname(maker.rng), "2", max(61, age + maker.rng.randrange(-4, 2)), "配偶"),
    ]


def _elderly_alone(maker: Maker) -> list[Person]:
    return [maker.person(names.surname(maker.rng), _sex(maker), maker.rng.randrange(64, 88), "户主")]


def _siblings(maker: Maker) -> list[Person]:
    family_name, age = names.surname(maker.rng), maker.rng.randrange(24, 52)
    return [
        maker.person(family_name, _sex(maker), age, "户主"),
        maker.person(family_name, _sex(maker), max(20, age - 3), "兄弟姐妹"),
    ]


def _child(maker: Maker, parents: list[Person]) -> Person:
    sex = _sex(maker)
    age = max(0, min(parents[0].age - maker.rng.randrange(22, 30), 24))
    return maker.person(_family_name(parents[0]), sex, age, "子" if sex == "1" else "女")


def _family_name(person: Person) -> str:
    return person.name[:2] if person.name[:2] in ("欧阳", "司马", "上官") else person.name[:1]


def _sex(maker: Maker) -> Sex:
    return "1" if maker.rng.random() < 0.51 else "2"


_SHAPES: tuple[tuple[Callable[[Maker], list[Person]], int], ...] = (
    (_single, 14),
    (_couple, 19),
    (lambda maker: _with_children(maker, 1), 23),
    (lambda maker: _with_children(maker, 2), 14),
    (_three_generations, 13),
    (_lone_parent, 5),
    (_elderly_couple, 5),
    (_elderly_alone, 4),
    (_siblings, 3),
)
