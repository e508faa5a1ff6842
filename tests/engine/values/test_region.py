"""Division codes begin with their parent's."""

import pytest

from doudi.engine.values.region import Region, RegionError

VILLAGE = Region("419901101001")


def test_a_village_lies_in_its_township_county_and_city() -> None:
    assert (VILLAGE.township, VILLAGE.county, VILLAGE.city, VILLAGE.village) == (
        "419901101",
        "419901",
        "4199",
        "419901101001",
    )
    assert VILLAGE.ancestors() == ["41", "4199", "419901", "419901101", "419901101001"]
    assert VILLAGE.level == "village"


def test_a_division_contains_itself_and_what_lies_in_it_alone() -> None:
    township = Region("419901101")
    assert township.contains(VILLAGE)
    assert township.contains(township)
    assert not township.contains("419901102001")
    assert not VILLAGE.contains(township)


def test_a_city_lies_in_no_single_county() -> None:
    with pytest.raises(RegionError, match="lies in no single county"):
        _ = Region("4199").county


@pytest.mark.parametrize(
    "text", ["", "4", "419", "41990", "4199010", "0199", "41a9", "419901 ", "４１", "4199011010011"]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(RegionError):
        Region(text)
