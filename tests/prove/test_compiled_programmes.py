"""Every programme compiled, on all its cases. Compiling all of them takes minutes, so it is part of the long proof."""

import pytest
from tests.packs.test_cases_on_every_executor import PACK, compiled_gives_the_cases_alike

from doudi.engine.rules.programme import programme_ids


@pytest.mark.prove
@pytest.mark.parametrize("name", programme_ids(PACK))
def test_the_compiled_programme_gives_its_cases_alike(name: str) -> None:
    compiled_gives_the_cases_alike(name)
