"""Lines of several stages in one stream: each whole, whoever else speaks."""

import io
import json
import threading

import pytest

from streamproc.cli.stage_lines import StageLines
from streamproc.cli.terminal import Terminal
from streamproc.settings.stages import STAGES

LONG = "x" * 5_000


@pytest.mark.parametrize("as_json", [True, False])
def test_lines_of_many_speakers_do_not_tear(*, as_json: bool) -> None:
    stream = io.StringIO()
    lines = StageLines(Terminal(file=stream, width=80), as_json=as_json)

    def speak(stage: str) -> None:
        for number in range(50):
            lines.say(stage, f"{number} [b]{LONG}")

    speakers = [threading.Thread(target=speak, args=(stage,)) for stage in STAGES]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.join()
    written = stream.getvalue().splitlines()
    assert len(written) == 200
    assert all(line.count(f"[b]{LONG}") == 1 for line in written)


@pytest.mark.parametrize("half", ['{"event": "took ov', "[1]", "null", '"text"', "Segmentation fault"])
def test_half_an_object_becomes_the_event_of_a_whole_one(half: str) -> None:
    stream = io.StringIO()
    StageLines(Terminal(file=stream), as_json=True).say("decide", half)
    line = json.loads(stream.getvalue())
    assert (line["event"], line["stage"]) == (half, "decide")
