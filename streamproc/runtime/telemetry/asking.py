"""What a running worker has counted, asked of its page `/metrics`: for commands, which count nothing themselves."""

from collections import Counter
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from prometheus_client.parser import text_string_to_metric_families

from streamproc.metrics import MENDED_FIELDS

ANSWER_SECONDS = 5.0

Fields = Counter[tuple[str, str, str]]
"""How often, by topic, type of event and field."""


def mended_fields(host: str, port: int) -> Fields:
    """The fields that a collect worker has set right or left out since it started.

    Raises:
        OSError: nobody answers there, or not as a worker does.
    """
    found: Fields = Counter()
    for family in text_string_to_metric_families(_page(host, port)):
        for sample in family.samples:
            if sample.name == f"{MENDED_FIELDS}_total":
                labels = sample.labels
                found[labels["topic"], labels["type"], labels["field"]] += int(sample.value)
    return found


def _page(host: str, port: int) -> str:
    connection = HTTPConnection(host, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        text = answer.read().decode()
    except (HTTPException, UnicodeDecodeError) as error:
        raise OSError(f"no answer of a worker: {error}") from error
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK:
        raise OSError(f"no answer of a worker: {answer.status} {answer.reason}")
    return text
