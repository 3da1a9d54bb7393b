"""What is wrong in the configuration is told with its file, its place and what to do."""

from pathlib import Path

import pytest

from streamproc.config_error import ConfigError
from streamproc.decide.triggers import KINDS
from streamproc.settings.load import load
from tests.settings.spoiling import ROOT, complaints, loaded, places, replaced

NO_SPAM = (
    "no prediction kind 'spam'; there are: amount, churn, clusters, event, for_you, message_response, next_order, "
    "offer_reward, rfm, uplift"
)
NO_QUOTES = "must be a number, without quotes"


def test_the_committed_configuration_is_right(folder: Path) -> None:
    configuration = loaded(folder)
    assert [rule.name for rule in configuration.plan.triggers.trigger] == [
        "abandoned_cart",
        "churn_risk",
        "first_order",
    ]
    assert "marketing.triggers.abandoned-cart.v1" in configuration.catalogue.topics


def test_all_files_are_read_before_anything_is_told(folder: Path) -> None:
    replaced(folder, "app.toml", 'store = "rocksdb"', 'store = "shelf"\nspeed = 1')
    replaced(folder, "triggers.toml", "delay_minutes = 60", "delay_minutes = 0\ndelay_hours = 1")
    replaced(folder, "offers.toml", "explore = 0.05", "explore = 1.1")
    replaced(folder, "segments.toml", '"orders_365d"', '"orders_366d"')
    replaced(folder, "policy.toml", 'marketing = "deny"', 'marketing = "maybe"')
    replaced(folder, "models.toml", "ask_every_days = 7", "ask_every_days = 0")
    replaced(folder, "kpis.toml", '\nkind = "count"', '\nkind = "counted"')
    told = places(folder)
    assert told[:8] == [
        ("app.toml", "runtime.store"),
        ("app.toml", "runtime.speed"),
        ("triggers.toml", "trigger.abandoned_cart.delay_minutes"),
        ("triggers.toml", "trigger.abandoned_cart.delay_hours"),
        ("offers.toml", "policy.explore"),
        ("policy.toml", "consent.marketing"),
        ("models.toml", "churn.ask_every_days"),
        ("segments.toml", "segment.loyal.where.0.feature"),  # what the files get wrong together comes behind
    ]
    assert {file for file, _ in told[8:]} == {"kpis.toml"}


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("app.toml", "log.typo"),
        ("triggers.toml", "trigger.first_order.typo"),
        ("offers.toml", "offer.loyalty_gift.where.0.typo"),
        ("segments.toml", "segment.worth_winning_back.typo"),
        ("policy.toml", "consent.typo"),
        ("models.toml", "offer_reward.typo"),
        ("features.toml", "typo"),
    ],
)
def test_an_unknown_key_hurts_in_every_file(folder: Path, file: str, place: str) -> None:
    text = (folder / file).read_text()
    if "where" in place:
        (folder / file).write_text(text.replace('feature = "orders_365d"', 'typo = 1, feature = "orders_365d"'))
    else:
        (folder / file).write_text(text + "\ntypo = 1\n")
    assert complaints(folder) == [(file, place, "there is no key `typo`")]


@pytest.mark.parametrize("file", ["app.toml", "triggers.toml", "segments.toml", "models.toml"])
def test_a_file_that_is_not_there_is_told_by_its_name(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert places(folder) == [(file, "")]


def test_a_file_that_is_no_toml_is_told_with_the_line(folder: Path) -> None:
    (folder / "policy.toml").write_text("guest_days = \n")
    [(file, _, message)] = complaints(folder)
    assert file == "policy.toml"
    assert "line 1" in message


def test_a_message_is_one_line_for_a_person(folder: Path) -> None:
    replaced(folder, "triggers.toml", 'kind = "event"', 'kind = "events"')
    [(_, place, message)] = complaints(folder)
    assert (place, message) == (
        "trigger.first_order",
        f"no trigger kind 'events'; did you mean 'event'? There are: {', '.join(sorted(KINDS))}",
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("app.toml", "min_insync_replicas = 1", "min_insync_replicas = 2", "kafka"),
        ("app.toml", 'security = "PLAINTEXT"', 'security = "SASL_SSL"', "kafka"),
        ("app.toml", 'prefix = ""', 'prefix = "Shop_"', "kafka.prefix"),
        ("app.toml", "earliest = 2000-01-01T00:00:00Z", "earliest = 2000-01-01T00:00:00", "collect.earliest"),
        ("app.toml", "earliest = 2000-01-01T00:00:00Z", "earliest = 2000-01-01", "collect.earliest"),
        ("app.toml", "every_seconds = 1", "every_seconds = 0", "collect.watermark.every_seconds"),
        ("models.toml", "medium = 0.5", "medium = 0.9", "churn.bands"),
        ("models.toml", '"log_orders"', '"log_recency_weeks"', "churn.features"),
        ("models.toml", "horizon_days = 28", "horizon_days = 90", "churn"),
        ("offers.toml", '"volume_discount"', '"loyalty_gift"', "offer.loyalty_gift.id"),
        ("triggers.toml", 'score = "churn"\n', 'score = "chrun"\n', "trigger.churn_risk.score"),
    ],
)
def test_a_value_that_cannot_be_is_told_at_its_place(folder: Path, file: str, old: str, new: str, place: str) -> None:
    replaced(folder, file, old, new)
    assert places(folder) == [(file, place)]


def test_a_mistake_within_a_block_hides_none_between_blocks(folder: Path) -> None:
    replaced(folder, "triggers.toml", 'name = "first_order"', 'name = "churn_risk"\ntypo = 1')
    replaced(folder, "offers.toml", "explore = 0.05", "explore = 1.1")
    replaced(folder, "offers.toml", '"volume_discount"', '"loyalty_gift"')
    replaced(folder, "segments.toml", 'name = "at_risk"', 'name = "loyal"')
    assert places(folder) == [
        ("triggers.toml", "trigger.churn_risk.typo"),
        ("offers.toml", "policy.explore"),
        ("triggers.toml", "trigger.churn_risk.name"),
        ("offers.toml", "offer.loyalty_gift.id"),
        ("segments.toml", "segment.loyal.name"),
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "message"),
    [
        (
            "triggers.toml",
            "cool_down_hours =",
            "cooldown_hours =",
            "trigger.abandoned_cart.cooldown_hours",
            "there is no key `cooldown_hours`; did you mean `cool_down_hours`?",
        ),
        (
            "app.toml",
            "every_seconds =",
            "evry_seconds =",
            "collect.watermark.evry_seconds",
            "there is no key `evry_seconds`; did you mean `every_seconds`?",
        ),
        (
            "kpis.toml",
            "counted_by =",
            "facets = 1\ncounted_by =",
            "kpi.customers.facets",
            "there is no key `facets`; did you mean `facts`?",
        ),
        (
            "offers.toml",
            "[policy]\n",
            "[[offers]]\n[policy]\n",
            "offers",
            "there is no table `[[offers]]`; did you mean `[[offer]]`?",
        ),
        (
            "models.toml",
            "[churn]\n",
            "[spam]\n[churn]\n",
            "spam",
            NO_SPAM,
        ),
        ("triggers.toml", 'name = "first_order"\n', "", "trigger.2.name", "is missing"),
        (
            "app.toml",
            'prefix = ""',
            'prefix = "Shop_"',
            "kafka.prefix",
            "'Shop_' cannot be: allowed are small letters, digits, dots and dashes",
        ),
        (
            "segments.toml",
            'name = "loyal"',
            'name = "Loyal"',
            "segment.Loyal.name",
            "'Loyal' cannot be: allowed are up to 64 small letters, digits and _, the first of them a letter",
        ),
        (
            "kpis.toml",
            'name = "revenue"',
            'name = "Revenue"',
            "kpi.Revenue.name",
            "'Revenue' cannot be: allowed are small letters, digits and _, the first of them a letter",
        ),
        (
            "triggers.toml",
            'channels = ["email"]',
            'channels = "email"',
            "trigger.churn_risk.channels",
            'must be a list, for example ["email"]',
        ),
        (
            "segments.toml",
            'where = [{ feature = "orders_total", at_least = 2 }, { feature = "gap_ratio", above = 2 }]',
            'where = { feature = "gap_ratio", above = 2 }',
            "segment.at_risk.where",
            "must be a list of tables: [[…]] as its head, or [{ … }]",
        ),
        (
            "offers.toml",
            "expected_reward = 0.2",
            'expected_reward = "0.2"',
            "offer.free_shipping_next_order.expected_reward",
            NO_QUOTES,
        ),
        ("segments.toml", "at_least = 5", 'at_least = "5"', "segment.loyal.where.0.at_least", NO_QUOTES),
        (
            "triggers.toml",
            "expires_hours = 48",
            'expires_hours = "48"',
            "trigger.abandoned_cart.expires_hours",
            NO_QUOTES,
        ),
        (
            "offers.toml",
            'id = "new_arrivals"',
            'id = "new_arrivals"\nvalid_from = 2026-02-01\nvalid_until = 2026-01-31',
            "offer.new_arrivals",
            "valid_until is before valid_from: nobody would ever get the offer",
        ),
    ],
)
def test_a_mistake_is_told_in_the_words_of_the_file(  # noqa: PLR0913, PLR0917  one table of examples
    folder: Path, file: str, old: str, new: str, place: str, message: str
) -> None:
    replaced(folder, file, old, new)
    told = complaints(folder)
    assert (file, place, message) in told


def test_the_list_of_names_begins_with_the_one_that_was_meant(folder: Path) -> None:
    replaced(folder, "triggers.toml", '\nwhere = [{ feature = "orders_total"', '\nwhere = [{ feature = "order_total"')
    replaced(folder, "offers.toml", '\non = ["order_placed"]', '\non = ["order_plced"]')
    event, feature = (message for _, _, message in complaints(folder))
    assert feature.startswith("no feature 'order_total'; did you mean 'orders_total'? There are: ")
    assert event.startswith("no event 'order_plced'; did you mean 'order_placed'? There are: ")


def test_a_list_is_not_called_too_short_because_its_entry_is_wrong(folder: Path) -> None:
    replaced(folder, "offers.toml", 'on = ["order_placed"]', 'on = ["nothing"]')
    replaced(folder, "segments.toml", "where = [{", "where = []\n# [{")
    assert [(place, message.partition(";")[0]) for _, place, message in complaints(folder)] == [
        ("policy.on.0", "no event 'nothing'"),
        ("segment.loyal.where", "needs 1 or more entries, has 0"),
    ]


def test_a_folder_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    with pytest.raises(ConfigError) as caught:
        load(nowhere, ROOT / "topics")
    assert str(caught.value) == f"{nowhere}: no such folder"


def test_the_environment_goes_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMPROC_KAFKA__PREFIX", "test-")
    configuration = loaded(folder)
    assert configuration.catalogue.on_cluster("shop.email.v1") == "test-shop.email.v1"


def test_a_mistake_in_the_environment_is_told_at_its_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMPROC_KAFKA__PREFIXES", "test-")
    assert places(folder) == [("app.toml", "kafka.prefixes")]
