"""One family at the counter: CPU time to assess, to explain, and to say what would change the result.

Every worked case of every programme is a family, and the slowest of all counts. Equal means: the outcome is the one
that the case expects, and the explanation, which rests on the reference, says the same.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial

from doudi.engine.pack.pack import load_pack
from doudi.engine.rules.assessment import assess
from doudi.engine.rules.cases import load_cases
from doudi.engine.rules.explain import explain
from doudi.engine.rules.programme import load_programme, programme_ids

ROUNDS = 9
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
    families = [
        (programme, case)
        for programme in (load_programme(pack, name) for name in programme_ids(pack))
        for case in load_cases(pack, programme)
    ]
    slowest = dict.fromkeys(LIMITS_S, 0.0)
    for programme, case in families:
        family, as_of = case.family, case.as_of
        ask = partial(explain, programme, family, pack=pack, as_of=as_of, lang="zh")
        acts: dict[str, Callable[[], object]] = {
            "assess": partial(assess, programme, family, pack=pack, as_of=as_of),
            "explain": partial(ask, with_flips=False),
            "explain_with_flips": ask,
        }
        assert assess(programme, family, pack=pack, as_of=as_of).outcome == case.expected.outcome, case.name
        assert ask(with_flips=False).outcome == case.expected.outcome, case.name
        for name, act in acts.items():
            slowest[name] = max(slowest[name], cpu_seconds(act))
    print(f"{len(families)} families, the slowest of them, CPU time, median of {ROUNDS}")
    for name, limit in LIMITS_S.items():
        ours = slowest[name]
        print(f"RESULT counter_{name} ratio={limit / ours:.1f} ours={ours:.5f} other={limit:.3f} equal=yes")


if __name__ == "__main__":
    main()
