"""TLS, SCRAM and ACLs in short: a stage with its least rights works, and a wrong password is told as that."""

from pathlib import Path

from streamproc.runtime.exits import Exit
from tests.runtime.worker_process import until
from tests.secure.secure_kafka import SecureKafka
from tests.secure.shop import SecureShop


def test_a_stage_works_over_tls_with_an_account_and_its_least_rights(secure_kafka: SecureKafka, tmp_path: Path) -> None:
    shop = SecureShop(secure_kafka, tmp_path)
    shop.permit("collect")
    worker = shop.worker("collect")
    try:
        until(lambda: worker.text.count("took over") == sum_of_partitions(shop), worker)
        assert worker.terminate() == Exit.DONE
    finally:
        if worker.process.poll() is None:
            worker.kill()


def test_a_wrong_password_is_told_by_worker_and_command_in_the_same_words(
    secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    shop = SecureShop(secure_kafka, tmp_path)
    said = "does not accept the account 'collect' (SCRAM-SHA-512): kafka.sasl_username or"
    worker = shop.worker("collect", sasl_password="wrong")
    assert worker.wait() == Exit.NOT_AUTHENTICATED
    told = shop.command("collect", "topics", "list", sasl_password="wrong")
    assert told.exit_code == Exit.NOT_AUTHENTICATED
    for text in (worker.text, told.stderr):
        assert said in text
        assert Exit.NOT_AUTHENTICATED.meaning in text
        assert "Traceback" not in text


def sum_of_partitions(shop: SecureShop) -> int:
    return sum(shop.configuration.catalogue[topic].partitions for topic in shop.configuration.app.collect.topics)
