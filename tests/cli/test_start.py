"""Commands, and the stages without models, start without what only models need."""

import os
import socket
import subprocess
import sys

import pytest

LOADED = "import sys, streamproc.cli; print('river' in sys.modules, 'scipy' in sys.modules)"


def test_river_and_scipy_are_not_loaded_before_there_is_a_model() -> None:
    told = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]


ASK_KAFKA = (
    "send README.md", "tail", "customer c-1", "repair show decide", "repair recount --yes", "dlq list",
    "dump shop.purchase.v1 --out never.jsonl", "topics plan", "topics apply --yes", "topics list",
)  # fmt: skip


@pytest.mark.parametrize("words", ASK_KAFKA)
def test_every_command_says_in_the_same_words_that_there_is_no_kafka(words: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        environ = {**os.environ, "STREAMPROC_KAFKA__BOOTSTRAP": address}
        command = [sys.executable, "-m", "streamproc", *words.split()]
        told = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    first, remedy = told.stderr.splitlines()
    assert (told.returncode, first.startswith("Kafka cannot be asked: ")) == (75, True)
    assert (address in first, "AddressFamily" in first) == (True, False)
    assert remedy.startswith("Is it running")
