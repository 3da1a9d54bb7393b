"""What learn keeps, as bytes and back: the learner, and the examples that wait for their turn."""

import orjson
from pydantic import TypeAdapter

from streamproc.events.log import ModelReleased
from streamproc.events.position import Position
from streamproc.events.training import Basket, Example, Lesson
from streamproc.events.versions import NewerVersionError
from streamproc.learn.learner import Learner
from streamproc.models.as_data.document import read, written
from streamproc.models.as_data.kinds import MODELS, part
from streamproc.models.as_data.ranking_shapes import PRODUCT
from streamproc.models.as_data.shapes import MAX_WHOLE, Fields, Name, Pairs, Whole
from streamproc.models.kind import Predictions
from streamproc.models.ranking.shop import Product
from streamproc.models.snapshot_error import SnapshotError

VERSION = 2
_TIME = Whole(at_least=-MAX_WHOLE)
_LEARNER = Fields(
    {
        "name": Name(),
        "model": part(*MODELS, "Contest", "RankingModel"),
        "health": part(
            "ProgressiveMetrics",
            "RewardMetrics",
            "AmountMetrics",
            "MiddleMetrics",
            "RankingMetrics",
            "ClusterMetrics",
            "UpliftMetrics",
            "SampleMetrics",
        ),
        "progress": Pairs(Whole(), _TIME),
        "partitions": Whole(),
        "trained_through_ms": _TIME,
        "definition": Name(),
        "before": Whole(),
    }
)
_EXAMPLE, _BASKET = TypeAdapter(Example), TypeAdapter(Basket)
_PRODUCT = Fields({"product": PRODUCT})
_POSITION = TypeAdapter(tuple[str, int, int, int])


def encode_learner(learner: Learner) -> bytes:
    """The canonical bytes: a version byte, then JSON."""
    values: dict[str, object] = {name: getattr(learner, name) for name in _LEARNER.shapes}
    return bytes([VERSION]) + written(_LEARNER, values | {"progress": dict(sorted(learner.progress.items()))})


def decode_learner(raw: bytes, predictions: Predictions) -> Learner:
    """The learner of its bytes, of one of these predictions or of one that is not asked for any more.

    Raises:
        NewerVersionError: a newer release wrote it.
        SnapshotError: it is damaged, or of another shape.
    """
    if raw[:1] > bytes([VERSION]):
        raise NewerVersionError("the learner", raw[0], VERSION)
    if raw[:1] != bytes([VERSION]):
        raise SnapshotError("it is no learner")
    learner = Learner(**read(_LEARNER, raw[1:]))
    if (prediction := predictions.get(learner.name)) is not None:
        learner.resume(prediction)
    return learner


def encode_lesson(lesson: Lesson) -> bytes:
    """The example or the basket as JSON."""
    return orjson.dumps(lesson)


def encode_product(product: Product) -> bytes:
    """What is known of a product behind a `p`, as JSON."""
    return b"p" + written(_PRODUCT, {"product": product})


def decode_product(raw: bytes) -> Product:
    """What is known of a product.

    Raises:
        SnapshotError: it is damaged, or of another shape.
    """
    product: Product = read(_PRODUCT, raw[1:])["product"]
    return product


def encode_position(position: Position) -> bytes:
    """Where a log partition's last example stands, as a JSON list."""
    return orjson.dumps((position.topic_id, position.partition, position.offset, position.number))


def decode_position(raw: bytes) -> Position:
    """The position of its JSON.

    Raises:
        SnapshotError: it is none.
    """
    try:
        return Position(*_POSITION.validate_json(raw))
    except ValueError as error:
        raise SnapshotError("it is no position") from error


def encode_release(release: ModelReleased) -> bytes:
    """The release behind an `r`, as JSON."""
    return b"r" + release.model_dump_json().encode()


def decode_release(raw: bytes) -> ModelReleased:
    """The release of its bytes.

    Raises:
        SnapshotError: it is none.
    """
    try:
        return ModelReleased.model_validate_json(raw[1:])
    except ValueError as error:
        raise SnapshotError("it is no release") from error


def decode_lesson(raw: bytes) -> Lesson:
    """The example or the basket of its JSON.

    Raises:
        SnapshotError: it is none.
    """
    try:
        return lesson_of(orjson.loads(raw))
    except ValueError as error:
        raise SnapshotError("it is no example and no basket") from error


def lesson_of(message: object) -> Lesson:
    """An example or a basket of a message; what a later release adds is left out.

    Raises:
        pydantic.ValidationError: it is none.
    """
    is_basket = isinstance(message, dict) and message.get("type") == Basket.__dataclass_fields__["type"].default
    return (_BASKET if is_basket else _EXAMPLE).validate_python(message)
