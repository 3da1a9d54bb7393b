from pathlib import Path

import pytest

from streamproc.config_error import ConfigError
from streamproc.events.adapters import ADAPTERS, NATIVE
from streamproc.events.raw import FAMILIES, FAMILY_OF
from streamproc.events.topics import raw_topic
from streamproc.settings.topics import ONE_COPY, Replication, TopicCatalogue, load_topics

COMMITTED = Path(__file__).parents[2] / "topics"

DEFAULTS = """
[every]
"segment.ms" = 1000
[delete]
"retention.ms" = -1
[compact]
"segment.bytes" = 1024
[dead_letters]
"max.message.bytes" = 2048
"""

LOG = """
name = "shop.log.v1"
purpose = "The log."
key = "customer id"
partitions = 4
keyed = true
cleanup = "delete"
producers = ["collect"]
consumers = ["decide"]
"""


def folder_with(tmp_path: Path, **files: str) -> Path:
    """A folder of topic files: `shop_log="…"` is `shop.log.v1.toml`; the defaults are there already."""
    (tmp_path / "defaults.toml").write_text(DEFAULTS)
    for name, text in files.items():
        (tmp_path / (name.replace("_", ".") + ".v1.toml")).write_text(text)
    return tmp_path


def beside_the_log(name: str, partitions_of: str = "shop.log.v1") -> str:
    return LOG.replace("shop.log.v1", name).replace("partitions = 4", f'partitions_of = "{partitions_of}"')


def complaints(folder: Path, prefix: str = "") -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        load_topics(folder, prefix=prefix)
    return [(Path(problem.file).name, problem.place, problem.message) for problem in caught.value.problems]


def committed(*triggers: str, replication: Replication = ONE_COPY) -> TopicCatalogue:
    return load_topics(COMMITTED, triggers=triggers, replication=replication)


def test_every_raw_topic_has_a_dead_letter_topic_that_takes_its_largest_message() -> None:
    catalogue = committed()
    for raw in ("shop.clickstream.v1", "shop.email.v1", "shop.purchase.v1", "shop.profile.v1", "shop.catalogue.v1"):
        dead = catalogue[catalogue[raw].dead_letters or ""]
        assert dead.name == f"{raw}.dlq"
        assert dead.partitions == 1
        assert int(dead.configs["max.message.bytes"]) == 2 * int(catalogue[raw].configs["max.message.bytes"])


def test_what_decide_writes_has_as_many_partitions_as_the_customer_log() -> None:
    catalogue = committed("abandoned_cart")
    log = catalogue["shop.customer-events.v1"].partitions
    for name in (
        "marketing.offers.v1",
        "marketing.segments.v1",
        "marketing.scores.v1",
        "marketing.suppressions.v1",
        "marketing.triggers.abandoned-cart.v1",
        "streamproc.facts.v1",
        "streamproc.decide-state.v1",
        "streamproc.measure-state.v1",
    ):
        assert catalogue[name].partitions == log, name


def test_no_topic_that_may_hold_a_replayed_past_is_cut_by_time() -> None:
    for topic in committed("a"):
        if topic.cleanup == "delete":
            assert topic.configs["retention.ms"] == "-1", topic.name
            assert int(topic.configs["retention.bytes"]) > 0, topic.name
        assert int(topic.configs["segment.ms"]) > 10 * 365 * 86_400_000, topic.name


def test_changelogs_are_compacted_and_keyed() -> None:
    changelogs = [topic for topic in committed() if topic.name.endswith("-state.v1")]
    assert len(changelogs) == 4
    assert all(topic.cleanup == "compact" and topic.keyed for topic in changelogs)


def test_each_family_of_events_has_one_raw_topic_where_streamproc_sends_it() -> None:
    carrying = {topic.name: topic.families for topic in committed() if topic.families and topic.adapter == NATIVE}
    assert {f"shop.{family}.v1": {family} for family in FAMILIES}.items() <= carrying.items()
    for event, family in FAMILY_OF.items():
        assert family in carrying[raw_topic(event)]


def test_there_is_one_topic_per_trigger_with_dashes_for_underscores() -> None:
    catalogue = committed("abandoned_cart", "win_back")
    names = [topic.name for topic in catalogue if topic.name.startswith("marketing.triggers")]
    assert names == ["marketing.triggers.abandoned-cart.v1", "marketing.triggers.win-back.v1"]
    assert [topic.name for topic in catalogue.templates] == ["marketing.triggers.{trigger}.v1"]


def test_copies_come_from_the_settings_of_the_cluster() -> None:
    topic = committed(replication=Replication(factor=3, min_insync=2))["shop.email.v1"]
    assert topic.replication_factor == 3
    assert topic.configs["min.insync.replicas"] == "2"


def test_the_prefix_is_put_before_the_names_on_the_cluster_only(tmp_path: Path) -> None:
    catalogue = load_topics(folder_with(tmp_path, shop_log=LOG), prefix="acme.")
    assert [topic.name for topic in catalogue] == ["shop.log.v1"]
    assert catalogue.on_cluster("shop.log.v1") == "acme.shop.log.v1"


def test_a_topics_own_settings_come_on_top_of_the_defaults(tmp_path: Path) -> None:
    own = LOG + '[configs]\n"retention.ms" = 5\n"preallocate" = true\n'
    configs = load_topics(folder_with(tmp_path, shop_log=own))["shop.log.v1"].configs
    assert configs == {
        "cleanup.policy": "delete",
        "min.insync.replicas": "1",
        "segment.ms": "1000",
        "retention.ms": "5",
        "preallocate": "true",
    }


def test_partitions_are_followed_through_several_topics(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path,
        shop_log=LOG,
        shop_facts=beside_the_log("shop.facts.v1"),
        shop_state=beside_the_log("shop.state.v1", partitions_of="shop.facts.v1"),
    )
    assert load_topics(folder)["shop.state.v1"].partitions == 4


def test_all_mistakes_in_all_files_are_told_at_once_with_their_place(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path,
        shop_a="name = ",
        shop_b=LOG.replace("shop.log", "shop.b").replace("keyed", "keyd"),
        shop_c=beside_the_log("shop.c.v1", partitions_of="shop.nowhere.v1"),
        shop_d=LOG.replace("shop.log", "shop.other"),
    )
    assert complaints(folder) == [
        ("shop.a.v1.toml", "", "Invalid value (at end of document)"),
        ("shop.b.v1.toml", "keyed", "is missing"),
        ("shop.b.v1.toml", "keyd", "there is no key `keyd`; did you mean `keyed`?"),
        ("shop.d.v1.toml", "name", "shop.other.v1 belongs into shop.other.v1.toml"),
        ("shop.c.v1.toml", "partitions_of", "there is no topic shop.nowhere.v1"),
    ]


def test_a_topic_that_cannot_be_read_is_not_told_again_by_those_that_follow_it(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, shop_log="name = ", shop_facts=beside_the_log("shop.facts.v1"))
    assert [file for file, _, _ in complaints(folder)] == ["shop.log.v1.toml"]


def test_partitions_that_follow_each_other_in_a_circle_are_a_mistake(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path,
        shop_a=beside_the_log("shop.a.v1", partitions_of="shop.b.v1"),
        shop_b=beside_the_log("shop.b.v1", partitions_of="shop.a.v1"),
    )
    assert complaints(folder)[0] == (
        "shop.a.v1.toml",
        "partitions_of",
        "shop.a.v1 -> shop.b.v1 -> shop.a.v1 has no end",
    )


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("partitions = 4", "", "", "give either `partitions` or `partitions_of`"),
        ('cleanup = "delete"', 'cleanup = "never"', "cleanup", "must be 'delete' or 'compact'"),
        ("keyed = true", "keyed = 1", "keyed", "must be a valid boolean"),
        ("partitions = 4", "partitions = 0", "partitions", "must be greater than or equal to 1"),
        ('purpose = "The log."', 'each = "trigger"\npurpose = "x"', "", '`each = "trigger"` goes with {trigger}'),
        (
            'purpose = "The log."',
            'schema = "x"\npurpose = "x"',
            "",
            "`schema` (of a raw topic: `families`) and `example`",
        ),
        (
            'purpose = "The log."',
            'families = ["email", "clickstrem"]\npurpose = "x"',
            "families.1",
            "no family of events 'clickstrem'; did you mean 'clickstream'? There are: catalogue, clickstream, email",
        ),
        (
            'purpose = "The log."',
            'families = ["email"]\nadapter = "natve"\npurpose = "x"',
            "adapter",
            f"no adapter 'natve'; did you mean 'native'? There are: {', '.join(sorted(ADAPTERS))}",
        ),
        (
            'purpose = "The log."',
            'adapter = "native"\npurpose = "x"',
            "",
            "only a raw topic is read by an `adapter`: give its `families`, too",
        ),
        (
            'purpose = "The log."',
            'families = ["email"]\nexample = "sent"\npurpose = "x"',
            "",
            "a topic with `families` needs somewhere for what it may not carry: `dead_letters = true`",
        ),
        (
            'purpose = "The log."',
            'families = ["email"]\nschema = "x"\nexample = "x"\npurpose = "x"',
            "",
            "give either `families` (a raw topic) or `schema`",
        ),
        (
            'name = "shop.log.v1"',
            'name = "shop.log.{trigger}.v1"\neach = "trigger"\ndead_letters = true',
            "",
            "only what others write has dead letters",
        ),
        ("shop.log.v1", "Shop_log", "name", "'Shop_log' cannot be: allowed are <domain>"),
    ],
)
def test_a_mistake_names_its_key(tmp_path: Path, old: str, new: str, place: str, message: str) -> None:
    [(_, said_place, said_message)] = complaints(folder_with(tmp_path, shop_log=LOG.replace(old, new)))
    assert said_place == place
    assert said_message.startswith(message)


def test_a_compacted_topic_without_keys_is_a_mistake(tmp_path: Path) -> None:
    text = LOG.replace("keyed = true", "keyed = false").replace('"delete"', '"compact"')
    [(_, _, message)] = complaints(folder_with(tmp_path, shop_log=text))
    assert message == "a compacted topic needs keys: set `keyed = true`"


def test_what_is_said_elsewhere_is_not_said_in_configs(tmp_path: Path) -> None:
    text = LOG + '[configs]\n"cleanup.policy" = "compact"\n'
    [(_, _, message)] = complaints(folder_with(tmp_path, shop_log=text))
    assert message == "configs.cleanup.policy: say it with `cleanup`"


def test_a_setting_without_quotes_says_that_it_needs_them(tmp_path: Path) -> None:
    [(_, place, message)] = complaints(folder_with(tmp_path, shop_log=LOG + "[configs]\nretention.ms = 1\n"))
    assert place == "configs.retention"
    assert 'in quotes: "retention.ms"' in message


def test_two_triggers_cannot_share_a_topic() -> None:
    with pytest.raises(ConfigError, match=r"marketing\.triggers\.win-back\.v1 is there twice"):
        committed("win_back", "win-back")


def test_a_prefix_that_kafka_does_not_take_is_a_mistake(tmp_path: Path) -> None:
    [(_, place, message)] = complaints(folder_with(tmp_path, shop_log=LOG), prefix="acme/")
    assert (place, message) == ("name", "Kafka takes no topic name like acme/shop.log.v1")


def test_a_folder_without_defaults_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "shop.log.v1.toml").write_text(LOG)
    [(file, _, message)] = complaints(tmp_path)
    assert file == "defaults.toml"
    assert "No such file" in message
