"""A second worker on the folder of one that lives, under its name: it must end, say why, and harm nobody."""

from dataclasses import dataclass, field

from streamproc.runtime.exits import Exit
from tests.faults.fleet import Worker
from tests.faults.setting import Setting

END_SECONDS = 60.0
"""It waits 10 s for the folder, on a machine that is busy."""


@dataclass
class SecondWorker:
    """The same command, folder and name as another worker that is at work.

    Attributes:
        first: who has the folder.
        awake: whether the first one can do anything meanwhile.
    """

    first: Worker
    setting: Setting
    awake: bool
    pid: int = field(init=False)
    second: Worker = field(init=False)

    def __post_init__(self) -> None:
        self.pid = self.first.pid
        self.second = Worker(self.first.stage, self.first.folder, self.setting, self.first.switches)

    def must_have_ended(self) -> None:
        """It ends as somebody's mistake does, with a line that names the folder; the first one has seen nothing."""
        stage, code = self.first.stage, self.second.wait(END_SECONDS)
        said = f"{self.first.data_dir / 'state' / self.setting.group(stage)} is in use by "
        assert code == Exit.CONFIGURATION, f"a second {stage} ended with {code}: {self.second.last_words}"
        assert said in self.second.last_words, f"it did not say '{said}': {self.second.last_words}"
        if self.awake:
            assert self.first.lives, f"the first {stage} ended: {self.first.last_words}"
            assert self.first.pid == self.pid, f"the first {stage} was started anew, after {self.first.codes}"
