"""Commands, and the stages without models, start without what only models need."""

import subprocess
import sys

LOADED = "import sys, streamproc.cli; print('river' in sys.modules, 'scipy' in sys.modules)"


def test_river_and_scipy_are_not_loaded_before_there_is_a_model() -> None:
    told = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]
