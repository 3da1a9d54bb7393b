"""`python -m benchmarks [NAME…]`: run all benchmarks or those named, print them, and write `benchmarks/results/`."""

import sys
from contextlib import ExitStack

from benchmarks.catalogue import NAMES, WITH_KAFKA, run
from benchmarks.lab import open_lab
from benchmarks.record import keep
from benchmarks.result import as_text


def main(wanted: list[str]) -> int:
    """Run them one after the other."""
    unknown = sorted(set(wanted) - set(NAMES))
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(NAMES)}")
        return 2
    names = [name for name in NAMES if not wanted or name in wanted]
    with ExitStack() as stack:
        lab = stack.enter_context(open_lab()) if any(name in WITH_KAFKA for name in names) else None
        for name in names:
            print(f"running {name}", flush=True)
            result = run(name, lab)
            print(as_text(result), flush=True)
            page = keep(result)
    print(f"results: {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
