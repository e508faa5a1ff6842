"""One family at the counter: CPU time to assess, to explain, and to say what would change the result.

Every worked case of 低保 is a family. Equal means: the interpreted kernel and the reference agree on all of them.
"""

import statistics
import time
from collections.abc import Callable

from doudi.engine.pack.pack import load_pack
from doudi.engine.rules.assessment import assess
from doudi.engine.rules.cases import load_cases
from doudi.engine.rules.explain import explain
from doudi.engine.rules.programme import load_programme

ROUNDS = 20
LIMITS_S = {"assess": 0.001, "explain": 0.010, "explain_with_flips": 0.150}


def cpu_seconds(act: Callable[[], object]) -> float:
    """The median CPU time of a call, after one that warms up."""
    act()
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return statistics.median(times)


def main() -> None:
    pack = load_pack()
    programme = load_programme(pack, "dibao")
    cases = load_cases(pack, programme)
    for case in cases:
        said = assess(programme, case.family, pack=pack, as_of=case.as_of)
        assert said.outcome == case.expected.outcome, case.name
        told = explain(programme, case.family, pack=pack, as_of=case.as_of, lang="zh", with_flips=False)
        assert told.to_dict()["outcome"] == said.outcome, case.name
    slowest = dict.fromkeys(LIMITS_S, 0.0)
    for case in cases:
        family, as_of = case.family, case.as_of
        acts: dict[str, Callable[[], object]] = {
            "assess": lambda f=family, d=as_of: assess(programme, f, pack=pack, as_of=d),
            "explain": lambda f=family, d=as_of: explain(programme, f, pack=pack, as_of=d, lang="zh", with_flips=False),
            "explain_with_flips": lambda f=family, d=as_of: explain(programme, f, pack=pack, as_of=d, lang="zh"),
        }
        for name, act in acts.items():
            slowest[name] = max(slowest[name], cpu_seconds(act))
    print(f"{len(cases)} families, the slowest of them, CPU time, median of {ROUNDS}")
    for name, limit in LIMITS_S.items():
        ours = slowest[name]
        print(f"RESULT counter_{name} ratio={limit / ours:.1f} ours={ours:.5f} other={limit:.3f} equal=yes")


if __name__ == "__main__":
    main()
