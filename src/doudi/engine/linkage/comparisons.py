"""What is compared between a row without a usable number and a known person, field by field, and in which grades.

The grades (levels) of a field are tried from the top; the first that holds is the field's verdict. A field that either
side lacks says nothing. How much each grade speaks for or against one person lies in the pack (`linkage/model.yaml`);
the conditions are SQL for Splink, over the columns that `compared.py` prepares, with the suffixes _l and _r.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MISSING = "missing"
OTHERWISE = "otherwise"


@dataclass(frozen=True)
class Level:
    """One grade of agreement: its name, and when it holds. `is_by_frequency`: a rare value speaks louder."""

    name: str
    condition: str
    is_by_frequency: bool = False


@dataclass(frozen=True)
class Field:
    """One field: when it says nothing, and its grades from the closest to none at all."""

    name: str
    is_missing: str
    levels: tuple[Level, ...]

    @property
    def column(self) -> str:
        """The column that holds a pair's grade: Splink's number, -1 where the field says nothing, 0 the lowest."""
        return f"gamma_{self.name}"


def _either(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


NAME = Field(
    "name",
    _either("spelling"),
    (
        Level("same", "spelling_l = spelling_r", is_by_frequency=True),
        Level("variant", "folded_l = folded_r"),
        Level("homophone", "list_has_any(sounds_l, sounds_r)"),
        Level("other_order", "turned_l = turned_r"),
        Level("near_sound", "list_has_any(near_sounds_l, near_sounds_r)"),
        Level("one_character", "surname_l = surname_r and list_has_any(one_off_l, one_off_r)"),
        Level("surname", "surname_l = surname_r"),
        Level(OTHERWISE, "ELSE"),
    ),
)

BIRTH = Field(
    "birth",
    _either("born"),
    (
        Level("same", "born_l = born_r"),
        Level("day_for_month", "born_l = born_turned_r"),
        Level("one_digit", "list_has_any(born_one_off_l, born_one_off_r)"),
        Level("digits_swapped", "born_sorted_l = born_sorted_r and substr(born_l, 1, 2) = substr(born_r, 1, 2)"),
        # A lunar date (农历) written as if it were a solar one lies 17 to 52 days before the day of birth.
        Level("lunar", "abs(born_day_l - born_day_r) between 17 and 52"),
        Level("same_year", "substr(born_l, 1, 4) = substr(born_r, 1, 4)"),
        Level(OTHERWISE, "ELSE"),
    ),
)

SEX = Field(
    "sex",
    _either("sex"),
    (Level("same", "sex_l = sex_r"), Level(OTHERWISE, "ELSE")),
)

# Address and division say much the same; as two fields they would count one agreement twice.
PLACE = Field(
    "place",
    f"({_either('area')}) and ({_either('address')})",
    (
        Level("address", "address_l = address_r"),
        Level("house", "house_l = house_r and substr(area_l, 1, 9) = substr(area_r, 1, 9)"),
        Level("village", "length(area_l) = 12 and area_l = area_r"),
        Level("township", "length(area_l) >= 9 and substr(area_l, 1, 9) = substr(area_r, 1, 9)"),
        # Where one side knows no more than the county, its agreeing is all that could agree.
        Level(
            "county_known_only",
            "least(length(area_l), length(area_r)) = 6 and substr(area_l, 1, 6) = substr(area_r, 1, 6)",
        ),
        Level("county", "substr(area_l, 1, 6) = substr(area_r, 1, 6)"),
        Level(OTHERWISE, "ELSE"),
    ),
)

PHONE = Field(
    "phone",
    _either("phone"),
    (
        Level("same", "phone_l = phone_r"),
        Level("one_digit", "list_has_any(phone_one_off_l, phone_one_off_r)"),
        Level(OTHERWISE, "ELSE"),
    ),
)

FIELDS: tuple[Field, ...] = (NAME, BIRTH, SEX, PLACE, PHONE)
FIELD_LEVELS: Mapping[str, tuple[str, ...]] = {
    field.name: tuple(level.name for level in field.levels) for field in FIELDS
}


def level_name(field: Field, gamma: int) -> str:
    """The grade behind Splink's number."""
    return MISSING if gamma < 0 else field.levels[len(field.levels) - 1 - gamma].name
