"""Why a broker died, from what it wrote: a sentence with a remedy where the cause is known, else the end of its log."""

from pathlib import Path

from streamproc.broker.config import LOG_FILE
from streamproc.broker.directory import OUTPUT_FILE, BrokerDirectory

TAIL_LINES = 8
LONGEST_LINE = 240

MINIMUM_FREE_MB = 100
"""Below that a broker may start, and would die with its first segments."""

KNOWN_CAUSES = (
    ("No space left on device", "its disk is full: {room}"),
    ("Address already in use", "another program took its port meanwhile: start it again, or choose another one"),
    ("OutOfMemoryError", "its heap is too small: give it more (`--heap-mb`)"),
    ("insufficient memory for the Java Runtime", "the machine has too little memory: free some, or give it less"),
)


def why_dead(directory: BrokerDirectory) -> str:
    """What the broker of this directory wrote last, after the cause and its remedy if that is a known one."""
    text = "".join(_read(directory.path / name) for name in (OUTPUT_FILE, LOG_FILE))
    causes = [remedy for sign, remedy in KNOWN_CAUSES if sign in text]
    sentence = causes[0].format(room=make_room(directory.path)) if causes else "its log says why"
    return "\n".join([f"{sentence} ({directory.path / LOG_FILE})", *tail(text)])


def tail(text: str) -> list[str]:
    """The last lines that say something: without the frames of Java's stack traces."""
    messages = [line for line in text.splitlines() if line.strip() and not line.startswith("\t")]
    return [f"  {line[:LONGEST_LINE]}" for line in messages[-TAIL_LINES:]]


def make_room(path: Path) -> str:
    """What to do about a full disk."""
    return (
        f"make room, delete the broker's records with `streamproc kafka reset --data-dir {path}`, "
        "or choose another place with --data-dir"
    )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
