"""The embedded Kafka in good days and bad ones, each test with real brokers in directories of its own."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from streamproc.broker.config import HOST
from streamproc.broker.control import Condition, broker_status, stop_broker
from streamproc.broker.directory import BrokerDirectory
from streamproc.broker.embedded import BrokerError, BrokerSettings, EmbeddedKafka

pytestmark = pytest.mark.kafka

QUICK_MS = 1_000
TOPIC = "shop.clickstream.v1"


def broker_in(data_dir: Path, port: int = 0) -> EmbeddedKafka:
    return EmbeddedKafka(BrokerSettings(data_dir, port=port, session_ms=QUICK_MS))


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """One that the tests may stop, kill and start again."""
    with broker_in(tmp_path_factory.mktemp("broker")) as started:
        yield started


@pytest.fixture
def data_dir(broker: EmbeddedKafka) -> Path:
    broker.start()
    return broker.data_dir


async def write(bootstrap: str, value: bytes, patience_ms: int = 20_000) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if TOPIC not in await admin.list_topics():
            await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    finally:
        await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, request_timeout_ms=patience_ms)
    try:
        await producer.start()
        await producer.send_and_wait(TOPIC, value)
    finally:
        await producer.stop()


async def read_last(bootstrap: str) -> bytes:
    consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        (partition,) = consumer.assignment()
        end = (await consumer.end_offsets([partition]))[partition]
        value = b""
        while await consumer.position(partition) < end:
            value = (await consumer.getone()).value
        return value
    finally:
        await consumer.stop()


def until_free(data_dir: Path, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while BrokerDirectory(data_dir).in_use:
        assert time.monotonic() < deadline, "the broker is still there"
        time.sleep(0.05)


@contextmanager
def listening(port: int = 0) -> Iterator[int]:
    """Another program on a port."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((HOST, port))
        server.listen()
        yield server.getsockname()[1]


def test_a_started_broker_takes_topics_and_records_at_once(broker: EmbeddedKafka) -> None:
    bootstrap = broker.start()
    asyncio.run(write(bootstrap, b"at once"))
    assert asyncio.run(read_last(bootstrap)) == b"at once"


def test_starting_works_under_a_running_event_loop(broker: EmbeddedKafka) -> None:
    async def restart() -> str:
        return broker.restart()

    assert asyncio.run(restart()) == broker.bootstrap


def test_topics_records_and_port_survive_a_stop_and_another_owner(broker: EmbeddedKafka, data_dir: Path) -> None:
    before = broker.bootstrap
    asyncio.run(write(before, b"kept"))
    broker.stop()
    with broker_in(data_dir) as another:
        assert another.bootstrap == before
        assert asyncio.run(read_last(before)) == b"kept"


def test_what_was_acknowledged_survives_a_kill(broker: EmbeddedKafka) -> None:
    asyncio.run(write(broker.start(), b"acknowledged"))
    pid = broker.pid
    broker.kill()
    assert not Path("/proc", str(pid)).exists() or sys.platform != "linux"
    assert asyncio.run(read_last(broker.restart())) == b"acknowledged"


def test_a_broker_that_died_by_itself_is_told_with_its_reason(broker: EmbeddedKafka) -> None:
    broker.start()
    broker.check()
    os.kill(broker.pid, signal.SIGKILL)
    with pytest.raises(BrokerError, match="the broker has died"):
        died_within(broker, 5)


def test_a_second_broker_in_the_directory_is_sent_to_the_first(broker: EmbeddedKafka, data_dir: Path) -> None:
    with pytest.raises(BrokerError) as error:
        broker_in(data_dir).start()
    assert f"already running in {data_dir}, at {broker.bootstrap} (process {broker.pid})" in str(error.value)
    assert "streamproc kafka stop" in str(error.value)


def test_of_two_starts_at_once_one_wins_and_the_other_says_so(tmp_path: Path) -> None:
    rivals = [broker_in(tmp_path / "data"), broker_in(tmp_path / "data")]
    try:
        with ThreadPoolExecutor(2) as pool:
            ends = [future.exception() for future in [pool.submit(rival.start) for rival in rivals]]
        assert sorted(map(type, ends), key=str) == sorted([type(None), BrokerError], key=str)
        (loss,) = (str(end) for end in ends if end)
        assert "is being started" in loss or "already running" in loss
    finally:
        for rival in rivals:
            rival.stop()


def test_a_state_file_that_names_a_live_process_which_is_no_broker_means_nothing(
    broker: EmbeddedKafka, data_dir: Path
) -> None:
    broker.kill()
    state_file = data_dir / "broker.json"
    state_file.write_text(json.dumps({**json.loads(state_file.read_text()), "pid": os.getpid()}))
    assert broker_status(data_dir).condition is Condition.STOPPED
    assert not stop_broker(data_dir)
    broker.start()
    assert broker_status(data_dir).pid == broker.pid


def test_a_frozen_broker_is_told_from_one_that_answers(broker: EmbeddedKafka, data_dir: Path) -> None:
    assert broker_status(data_dir).condition is Condition.RUNNING
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        os.waitpid(broker.pid, os.WUNTRACED)  # on a busy machine some threads would still answer
        assert broker_status(data_dir).condition is Condition.SILENT
    finally:
        os.kill(broker.pid, signal.SIGCONT)


def test_a_port_that_was_asked_for_and_is_taken_is_an_error_that_names_it(
    broker: EmbeddedKafka, data_dir: Path
) -> None:
    broker.stop()
    with listening() as port, pytest.raises(BrokerError, match=rf"port {port} of 127\.0\.0\.1 is taken"):
        broker_in(data_dir, port).start()


def test_a_remembered_port_that_was_taken_meanwhile_gives_way_to_another(broker: EmbeddedKafka, data_dir: Path) -> None:
    asyncio.run(write(broker.bootstrap, b"moved"))
    port = int(broker.bootstrap.rpartition(":")[2])
    broker.stop()
    with listening(port):
        moved = broker.start()
        assert moved != f"{HOST}:{port}"
        assert asyncio.run(read_last(moved)) == b"moved"


def test_a_broker_that_dies_while_it_starts_shows_the_end_of_its_log(broker: EmbeddedKafka, data_dir: Path) -> None:
    broker.stop()
    identity = data_dir / "records" / "meta.properties"
    right = identity.read_text()
    try:
        identity.write_text(right.replace("node.id=1", "node.id=7"))
        with pytest.raises(BrokerError, match=r"(?s)died while it started.*Stored node id 7 doesn't match") as error:
            broker.start()
        assert "\tat " not in str(error.value)
    finally:
        identity.write_text(right)
    assert not BrokerDirectory(data_dir).in_use


OWNER = """
import signal, sys, time
from pathlib import Path
from streamproc.broker.embedded import BrokerSettings, EmbeddedKafka
kafka = EmbeddedKafka(BrokerSettings(Path(sys.argv[1])))
kafka.start()
signal.signal(signal.SIGINT, signal.default_int_handler)  # A shell lets what it does not wait for ignore Ctrl-C.
print(kafka.pid, flush=True)
time.sleep(float(sys.argv[2]))
"""


@contextmanager
def owner_of_a_broker(data_dir: Path, lives_seconds: float) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", OWNER, str(data_dir), str(lives_seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert int(owner.stdout.readline()) > 0
        yield owner


def test_the_broker_dies_with_an_owner_that_is_killed(broker: EmbeddedKafka, data_dir: Path) -> None:
    broker.stop()
    with owner_of_a_broker(data_dir, 60) as owner:
        assert BrokerDirectory(data_dir).in_use
        owner.kill()
    until_free(data_dir)


def test_the_broker_ends_with_an_owner_that_forgets_to_stop_it(broker: EmbeddedKafka, data_dir: Path) -> None:
    broker.stop()
    with owner_of_a_broker(data_dir, 0):
        pass
    assert not BrokerDirectory(data_dir).in_use
    assert (data_dir / "records" / ".kafka_cleanshutdown").exists(), "in order, not killed"


def test_ctrl_c_reaches_the_owner_and_not_the_broker(broker: EmbeddedKafka, data_dir: Path) -> None:
    assert os.getpgid(broker.pid) != os.getpgid(0)
    broker.stop()
    with owner_of_a_broker(data_dir, 60) as owner:
        owner.send_signal(signal.SIGINT)
    assert owner.returncode == -signal.SIGINT
    assert not BrokerDirectory(data_dir).in_use
    assert (data_dir / "records" / ".kafka_cleanshutdown").exists()


def test_a_broker_without_a_start_has_no_address(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match=r"call start\(\) first"):
        _ = broker_in(tmp_path).bootstrap


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 110 MB."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=110m", "tmpfs", str(tmp_path)]
    mounted = subprocess.run(mount, capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("only root can mount a small disk")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def fill(disk: Path) -> None:
    with suppress(OSError), (disk / "other-things").open("wb") as file:
        while True:
            file.write(bytes(1_000_000))
            file.flush()


def test_on_a_full_disk_no_broker_is_started_and_the_error_says_so(small_disk: Path) -> None:
    data_dir = small_disk / "kafka"
    fill(small_disk)
    with pytest.raises(BrokerError, match=rf"the disk of {data_dir} is full: \d MB are free, .* make room"):
        broker_in(data_dir).start()


@pytest.mark.slow
def test_a_broker_that_dies_of_a_full_disk_says_so(small_disk: Path) -> None:
    with broker_in(small_disk / "kafka") as broker:
        fill(small_disk)
        with suppress(KafkaError):
            asyncio.run(write(broker.bootstrap, bytes(500_000), patience_ms=1_000))
        with pytest.raises(BrokerError, match="the broker has died: its disk is full: make room"):
            died_within(broker, 20)


def died_within(broker: EmbeddedKafka, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        broker.check()
        time.sleep(0.1)
