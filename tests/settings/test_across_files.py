"""What one file says of things that another one defines."""

import re
import shutil
from pathlib import Path

import pytest

from streamproc.config_error import ConfigError
from streamproc.settings.load import load
from tests.settings.spoiling import ROOT, complaints, loaded, replaced


def test_a_condition_on_a_segment_that_does_not_exist_is_told(folder: Path) -> None:
    condition = '{ any = [{ segment = "loyal" }, { not = { segment = "loyall" } }] }'
    replaced(folder, "triggers.toml", 'where = [{ feature = "orders_total", equals = 1 }]', f"where = [{condition}]")
    assert [(file, place, message.partition(" There")[0]) for file, place, message in complaints(folder)] == [
        (
            "triggers.toml",
            "trigger.first_order.where.0.any.1.not.segment",
            "no segment 'loyall'; did you mean 'loyal'?",
        )
    ]


@pytest.mark.parametrize(
    ("where", "complaint"),
    [
        ('facts = ["offer"]\nwhere = { offer_id = "loyalty" }', ("kpi.new.where.offer_id", "no offer 'loyalty'")),
        (
            'facts = ["trigger"]\nwhere = { trigger = ["first_order", "x"] }',
            ("kpi.new.where.trigger", "no trigger 'x'"),
        ),
    ],
)
def test_a_kpi_counts_only_offers_and_triggers_that_there_are(
    folder: Path, where: str, complaint: tuple[str, str]
) -> None:
    block = f'[[kpi]]\nname = "new"\ndescription = "New."\nkind = "count"\n{where}\n'
    path = folder / "kpis.toml"
    path.write_text(path.read_text() + block + 'layer = "input"\ndirection = "up"\nowner = "sales"\n')
    assert [(place, message.partition(";")[0]) for _, place, message in complaints(folder)] == [complaint]


def test_a_kpi_is_named_once_in_its_complaint(folder: Path) -> None:
    replaced(folder, "kpis.toml", "where = { guest = false }", "where = { gest = false }")
    [(_, place, message)] = complaints(folder)
    assert place == "kpi.orders.where.gest"
    assert message.startswith("order has no 'gest'; did you mean 'guest'?")


def test_a_topic_that_collect_reads_says_what_it_may_carry(folder: Path, tmp_path: Path) -> None:
    topics = Path(shutil.copytree(ROOT / "topics", tmp_path / "topics"))
    replaced(topics, "shop.email.v1.toml", 'families = ["email"]\n', "")
    replaced(topics, "shop.email.v1.toml", 'example = "clicked"\n', "")
    names = '["shop.profile.v1", "shop.email.v1", "shop.purchases.v1"]'
    replaced(folder, "app.toml", "[collect]\n", f"[collect]\ntopics = {names}\n")
    with pytest.raises(ConfigError) as caught:
        load(folder, topics)
    assert [(Path(each.file).name, each.place, each.message.split(";")[0]) for each in caught.value.problems] == [
        ("shop.email.v1.toml", "families", "is missing: collect reads this topic"),
        ("app.toml", "collect.topics", "no topic 'shop.purchases.v1'"),
    ]
    assert "did you mean 'shop.purchase.v1'?" in caught.value.problems[1].message


def test_collect_reads_each_topic_that_carries_raw_events_consents_first(folder: Path, tmp_path: Path) -> None:
    topics = Path(shutil.copytree(ROOT / "topics", tmp_path / "topics"))
    another = (topics / "shop.email.v1.toml").read_text().replace("shop.email.v1", "crm.email.v1")
    (topics / "crm.email.v1.toml").write_text(another)
    assert load(folder, topics).app.collect.topics == (
        "shop.profile.v1", "shop.clickstream.v1", "crm.email.v1", "shop.email.v1", "shop.purchase.v1",
        "shop.catalogue.v1",
    )  # fmt: skip


def test_a_segment_asks_only_for_those_above_it(folder: Path) -> None:
    path = folder / "segments.toml"
    own = '[[segment]]\nname = "first"\nwhere = [{ any = [{ segment = "second" }, { segment = "first" }] }]\n'
    other = '[[segment]]\nname = "second"\nwhere = [{ segment = "first" }]\n'
    path.write_text(own + other + path.read_text())
    assert [(place, message.partition(":")[0]) for _, place, message in complaints(folder)] == [
        ("segment.first.where.0.any.0.segment", "'second' does not stand above 'first'"),
        ("segment.first.where.0.any.1.segment", "'first' does not stand above 'first'"),
    ]


def test_a_tag_asks_for_no_segment_and_no_tag_and_a_condition_for_tags_that_there_are(folder: Path) -> None:
    tags = '[[tag]]\nname = "a"\nwhere = [{ segment = "loyal" }, { not = { tag = "b" } }]\n[[tag]]\nname = "b"\n'
    path = folder / "tags.toml"
    path.write_text(path.read_text() + tags)
    path = folder / "segments.toml"
    path.write_text(path.read_text() + '\n[[segment]]\nname = "new"\nwhere = [{ tag = "c" }]\n')
    assert [(place, message.partition(";")[0]) for _, place, message in complaints(folder)] == [
        ("segment.new.where.0.tag", "no tag 'c'"),
        (
            "tag.a.where.0.segment",
            "a rule of tags can ask for no segment, but 'loyal' may be in the conditions of segments",
        ),
        ("tag.a.where.1.not.tag", "a rule of tags can ask for no tag, but 'b' may be in the conditions of segments"),
    ]


JOURNEY = """
[[journey]]
name = "new"
start = "abandoned_cart"
[[journey.step]]
kind = "condition"
name = "ask"
where = [{ feature = "message_opened", equals = 1 }]
then = "end"
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            'start = "abandoned_cart"',
            'start = "abandoned_cat"',
            ("journey.new.start", "no trigger 'abandoned_cat' in triggers.toml"),
        ),
        ('name = "new"', 'name = "churn_risk"', ("journey.churn_risk.name", "a trigger has this name")),
        (
            "message_opened",
            "message_read",
            ("journey.new.step.ask.where.0.feature", "no feature 'message_read'"),
        ),
        ('then = "end"', 'then = "ends"', ("journey.new", "ask goes on with 'ends', which is no step")),
        ('then = "end"', 'otherwise = "ask"', ("journey.new", "from ask it comes back to ask without a wait")),
        ('kind = "condition"', 'kind = "question"', ("journey.new.step.ask", "no step kind 'question'")),
    ],
)
def test_a_journey_begins_with_a_trigger_and_leads_somewhere(
    folder: Path, old: str, new: str, complaint: tuple[str, str]
) -> None:
    path = folder / "journeys.toml"
    path.write_text(JOURNEY)
    assert loaded(folder).plan.senders[-1] == "new"
    path.write_text(JOURNEY.replace(old, new, 1))
    assert [(place, re.split("[;,:] ", message)[0]) for _, place, message in complaints(folder)] == [
        (complaint[0], re.split("[;,:] ", complaint[1])[0])
    ]


def test_only_journeys_ask_what_came_of_their_message(folder: Path) -> None:
    condition = 'where = [{ feature = "orders_total", equals = 1 }]'
    replaced(folder, "triggers.toml", condition, condition.replace("orders_total", "message_opened"))
    [(_, place, message)] = complaints(folder)
    assert (place, message[:28]) == ("trigger.first_order.where.0.feature", "no feature 'message_opened';")


def test_the_shipped_journey_is_right_when_its_comments_are_taken_away(folder: Path) -> None:
    path = folder / "journeys.toml"
    lines = path.read_text().partition("# [[journey]]")
    path.write_text("".join(line.removeprefix("# ") + "\n" for line in (lines[1] + lines[2]).splitlines()))
    [journey] = loaded(folder).plan.journeys.journey
    assert (journey.name, journey.step_names) == ("abandoned_cart_again", ("step_1", "opened", "push"))
