"""How the tests are shared out when several processes run them: whole files, those that take longest first."""

import pytest
from xdist.scheduler import LoadFileScheduling

STORIES = "tests/stories/"
# The longest, so that none of them is begun last; short files level out at the end. Where a file that is new takes
# more than ten seconds (`--durations=20` says it), its name belongs here.
LONGEST = (
    STORIES,
    "tests/office/base/test_console.py",
    "tests/office/desk/test_every_route.py",
    "tests/office/scans/",
    "tests/cli/",
    "tests/office/base/",
    "tests/engine/pipeline/",
    "tests/office/flows/",
    "tests/office/payments/",
    "tests/office/",
    "tests/engine/sources/",
)


class LongestFirst(LoadFileScheduling):
    """Keeps a file in one process, for its fixtures' sake, and all stories: they share one office and its clock."""

    def _split_scope(self, nodeid: str) -> str:
        return STORIES if nodeid.startswith(STORIES) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LongestFirst:
    """With `-n`; the order is the one in which the tests were collected."""
    config.option.loadscopereorder = False
    return LongestFirst(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Within a file the order stays."""

    def place(item: pytest.Item) -> tuple[int, str]:
        path = item.nodeid.split("::", 1)[0]
        rank = next((n for n, start in enumerate(LONGEST) if path.startswith(start)), len(LONGEST))
        return rank, path

    items.sort(key=place)
