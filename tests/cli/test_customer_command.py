"""`streamproc customer ID`: what is known, as a person reads it."""

import io
import re

from streamproc.cli.customer import show
from streamproc.cli.terminal import Terminal
from streamproc.customer.declared.counting import DeclaredFeatures
from streamproc.customer.declared.settings import FeatureSettings
from streamproc.customer.folds import fold
from tests.builders import at_ms, entry, view

VIEWS = {"name": "views", "description": "Pages.", "event": "page_viewed", "window": "14d"}


def test_declared_features_are_shown_beside_those_of_the_code() -> None:
    declared = DeclaredFeatures.of(FeatureSettings.model_validate({"feature": [VIEWS]}))
    text = io.StringIO()
    show(Terminal(file=text, width=120), fold(None, entry(view()), declared), at_ms(), declared)
    names = re.findall(r"^ *(\w*views\w*) +1 *$", text.getvalue(), re.MULTILINE)
    assert names == ["views", "views_24h", "views_28d", "views_7d"]
