"""`python -m benchmarks`: run all benchmarks, print one line of JSON each."""

import json
from dataclasses import asdict

from benchmarks import core, dead_letters


def main() -> None:
    """Run them one after the other."""
    for name, result in (("core", core.run()), ("dead_letters", dead_letters.run())):
        print(json.dumps({"benchmark": name, **asdict(result)}), flush=True)


if __name__ == "__main__":
    main()
