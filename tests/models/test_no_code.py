"""Nothing that comes from outside can run code: no loader of code is anywhere in streamproc, and none is at work."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import streamproc

pytestmark = pytest.mark.slow  # all files are parsed

PACKAGE = Path(streamproc.__file__).parent
LOADERS = {
    "pickle", "_pickle", "cPickle", "pickletools", "cloudpickle", "jsonpickle", "dill", "joblib", "marshal", "shelve",
}  # fmt: skip
"""Modules that make code or any object out of bytes.

`multiprocessing`, which a replay with several processes uses, is not among them: what it pickles goes through a pipe
from one process of ours to its own child, and nothing that was read from a topic or a file is unpickled on the way.
"""
RUNNERS = {"eval", "exec", "compile", "__import__"}
REGISTRIES = (
    "customer/features",
    "customer/folds",
    "decide/journeys/steps",
    "decide/offer_policies",
    "decide/rules",
    "decide/triggers",
    "events/adapters",
    "measure/kinds",
    "models/kinds",
    "models/learners",
)
"""They import each file of their own folder, by the names of the files."""
LATER = ("cli/commands.py", "models/in_part.py")
"""They import later what else would be imported at once, by names that stand in our code or in River's."""


@cache
def sources() -> tuple[tuple[str, ast.AST], ...]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return tuple((str(path.relative_to(PACKAGE)), ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


@cache
def called(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    return [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def keywords(call: ast.Call) -> dict[str | None, str]:
    return {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}


def test_no_file_of_streamproc_imports_a_loader_of_code() -> None:
    found = [(file, name) for file, tree in sources() for name in imported(tree) if name.split(".")[0] in LOADERS]
    assert found == []


def test_no_file_of_streamproc_runs_text_or_unpickles_arrays() -> None:
    calls = [(file, name, call) for file, tree in sources() for name, call in called(tree)]
    assert [(file, name) for file, name, _ in calls if name in RUNNERS] == []
    assert [(file, name) for file, name, call in calls if keywords(call).get("allow_pickle", "False") != "False"] == []


def test_nothing_is_imported_by_a_name_from_outside() -> None:
    found = {file for file, tree in sources() for name, _ in called(tree) if name.endswith("import_module")}
    assert found == {*(f"{folder}/__init__.py" for folder in REGISTRIES), *LATER}


def test_the_local_store_holds_bytes_and_never_pickles() -> None:
    """Without raw mode, rocksdict pickles what is no number, text or bytes, and unpickles what it reads."""
    calls = [(name, call) for _, tree in sources() for name, call in called(tree)]
    makers = [call for name, call in calls if name in ("rocksdict.Options", "rocksdict.WriteBatch")]
    assert len(makers) >= 2
    assert all(keywords(call).get("raw_mode") == "True" for call in makers)
    assert all("options" in keywords(call) for name, call in calls if name == "rocksdict.Rdict")


WALK = """
import sys
from streamproc.models.as_data.known import know_kinds
from streamproc.runtime import stages
from streamproc.runtime.worker import app
know_kinds()
print(*sorted(name for name in sys.modules if name.split(".")[0] == "streamproc"))
"""


def test_what_the_workers_load_of_ours_is_all_among_the_files_that_were_looked_at() -> None:
    loaded = subprocess.run([sys.executable, "-c", WALK], capture_output=True, text=True, check=True).stdout.split()
    seen = {file.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for file, _ in sources()}
    assert "models.as_data.logistic_kinds" in seen
    assert {name.removeprefix("streamproc.") for name in loaded} - {"streamproc"} <= seen


READING = """
import pickle, sys
from functools import partial
from pathlib import Path
from streamproc.models.as_data.known import know_kinds
from streamproc.models.releases.bank import ModelBank
from streamproc.models.kinds.churn import ChurnPrediction
from streamproc.models.snapshot_error import SnapshotError
from streamproc.models.releases.snapshots import sign
from streamproc.learn.learner import new_learner
from streamproc.learn.codec import decode_learner, encode_learner
from streamproc.learn.stage import codec
from tests.builders import ASKED, CHURN, KEY, release

class Run:
    def __reduce__(self):
        import os
        return os.system, ("true",)

settings = ChurnPrediction.model_validate(CHURN)
good, learner = release(settings), encode_learner(new_learner("churn", settings))
evil = [pickle.dumps(Run(), protocol=number) for number in range(6)]
texts = [raw.decode("latin-1") for raw in evil] + [good.snapshot, good.snapshot.replace("StandardScaler", "os.system")]
bank = ModelBank(KEY, ASKED)

def read():
    for text in texts:
        signed = good.model_copy(update={"snapshot": text, "signature": sign(good.model, good.version, text, KEY)})
        try:
            bank.with_release(signed)
        except SnapshotError:
            pass
    for raw in (*evil, *(b"\\x01" + each for each in evil), learner):
        for decode in (partial(decode_learner, predictions=ASKED), codec(KEY, ASKED).decode):
            try:
                decode(raw)
            except ValueError:
                pass

read()  # River is loaded now
seen = []
sys.addaudithook(lambda event, _: seen.append(event))
read()
print(*sorted(set(seen)))
"""


def test_while_artefacts_are_read_nothing_is_imported_opened_compiled_or_run() -> None:
    """Python tells of each such thing by an audit event; there is none, of good artefacts and of evil ones."""
    root = PACKAGE.parent
    told = subprocess.run([sys.executable, "-c", READING], cwd=root, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert told.stdout.split() == []


@pytest.mark.parametrize("text", ["import pickle", "from joblib import load", "def f():\n    import dill as json"])
def test_the_walk_sees_a_loader_wherever_it_is_imported(text: str) -> None:
    assert {name.split(".")[0] for name in imported(ast.parse(text))} & LOADERS
