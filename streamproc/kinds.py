"""Kinds of things by their names. Each is one file that makes itself known, so that a new one edits no list."""

from typing import Any, ClassVar, TypeVar, get_args

from pydantic import SerializerFunctionWrapHandler, model_serializer

from streamproc.config_file import Table
from streamproc.did_you_mean import suggest

T = TypeVar("T")


class Kinds(dict[str, T]):
    """All kinds of one thing; `what` is what messages call one of them, such as "trigger kind"."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def add(self, name: str, kind: T) -> None:
        """Make a kind known.

        Raises:
            ValueError: there is one of that name.
        """
        if name in self:
            raise ValueError(f"{self.what} {name!r} is defined twice")
        self[name] = kind

    def find(self, name: object) -> T:
        """The kind of a name.

        Raises:
            ValueError: there is none; the message lists those there are.
        """
        if not isinstance(name, str) or name not in self:
            raise ValueError(f"no {self.what} {name!r}; {suggest(str(name), sorted(self))}")
        return self[name]


class KindTable(Table):
    """A table of a file that says by `kind` which class reads it.

    A class that narrows `kind` to one name (`Literal["absence"]`) makes itself known under it, by being defined.
    A table that names no kind is of the kind `unsaid`, if there is one; that kind is left out of what is written, too.
    """

    kind: str

    known: ClassVar[Kinds[Any]]
    unsaid: ClassVar[str | None] = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        for name in get_args(cls.model_fields["kind"].annotation):
            cls.known.add(name, cls)

    @classmethod
    def read(cls, block: Any) -> Any:
        """A block, read by the class of its kind.

        Raises:
            ValueError: no such kind, or the block does not fit it (then with each key that is wrong).
        """
        if isinstance(block, cls):
            return block
        kind = block.get("kind", cls.unsaid) if isinstance(block, dict) else None
        return cls.known.find(kind).model_validate(block)

    @model_serializer(mode="wrap")
    def _without_the_unsaid(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        return {key: value for key, value in written.items() if key != "kind" or value != self.unsaid}
