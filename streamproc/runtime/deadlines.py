"""How long a stop may take at each place, in seconds: whoever waits for somebody waits longer than that one may take.

Against a stop that is cut short from outside: a worker that is killed while it still hands its partitions over makes
the next owner read again what was almost committed. `tests/runtime/test_deadlines.py` holds the order.
"""

CONNECTION_SECONDS = 2.0
"""The connections of a partition's transactions are closed; what is open then, the next owner aborts."""

RELEASE_SECONDS = 5.0
"""A partition that is given back commits what it has processed; then that is dropped, and the next owner does it."""

WORKER_SECONDS = 12.0
"""A worker hands all its partitions over, at the same time, and leaves its group."""

SUPERVISOR_SECONDS = 15.0
"""A supervisor's workers end after SIGTERM; then it kills them."""

PARENT_SECONDS = 20.0
"""A worker whose supervisor is gone ends by itself, should nobody be left to kill it."""

LAST_WORDS_SECONDS = 2.0
"""The last line of a process is said, or heard: nobody may be reading, and a zombie must end anyway."""
