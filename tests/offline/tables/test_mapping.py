"""A mapping that is wrong is told in full, before anything is read."""

from pathlib import Path

import pytest

from streamproc.config_error import ConfigError
from tests.offline.tables.tables import HEADER, ORDERS, Import


@pytest.mark.parametrize("word", ["clicked", "order_refunded", "order_cancelled"])
def test_what_an_event_needs_is_asked_for(run: Import, word: str) -> None:
    with pytest.raises(ConfigError, match=f"{word} needs it"):
        run(f'name = "x"\n[time]\ncolumn = "a"\n[[event]]\ntype = "{word}"\n', ["a"])


def test_all_mistakes_of_a_mapping_are_told_at_once_with_file_table_and_key(run: Import) -> None:
    mapping = ORDERS.replace("currency", "currenzy").replace('"pieces"', '"number"').replace("sku =", "article =")
    with pytest.raises(ConfigError) as told:
        run(mapping, [HEADER])
    places = [(Path(problem.file).name, problem.place) for problem in told.value.problems]
    assert places == [
        ("mapping.toml", place)
        for place in ["fields.currenzy", "fields.currency", "lines.article", "lines.sku", "lines.quantity", "file"]
    ]


def test_a_mapping_of_the_wrong_shape_is_told_in_full(run: Import) -> None:
    broken = """
        name = "Shop!"
        [file]
        encoding = "utf-9"
        [time]
        column = "a"
        zone = "Mars"
        [[event]]
        type = "sold"
        when = [{ column = "a" }]
        [fields]
        x = { value = 1, column = "a" }
    """
    with pytest.raises(ConfigError) as told:
        run(broken, ["a"])
    places = [problem.place for problem in told.value.problems]
    assert places == ["name", "file.encoding", "time.zone", "event.0.type", "event.0.when.0", "fields.x"]
