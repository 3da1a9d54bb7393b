"""What the blocks of the files get wrong together: names given twice, segments, features and scores that do not exist.

It is looked for in the tables as they were read, so that a mistake within a block hides none between blocks.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from streamproc.config_error import Problem
from streamproc.customer.features import FEATURES
from streamproc.decide.journeys.came import MESSAGE_FEATURES
from streamproc.did_you_mean import suggest
from streamproc.models.vectors import is_category

NAME_KEYS = ("name", "id")
"""The keys that a block's own name can have."""

TRIGGERS, JOURNEYS = ("trigger", "triggers.toml"), ("journey", "journeys.toml")
NAMED_IN_KPIS = {"offer_id": (("offer", "offers.toml"),), "trigger": (TRIGGERS, JOURNEYS), "journey": (JOURNEYS,)}
"""What conditions of KPIs name: the tables that it can be in, and their files, of which the first must be readable."""

NAMED_IN_RULES = {
    "segment": "segment", "tag": "tag", "feature": "feature", "features": "feature", "score": "prediction"
}  # fmt: skip
"""The keys of conditions and models that name something, one or a list, and what declares it."""

OFFER_REWARD = "offer_reward"
"""The kind of prediction that a policy of offers may name."""

FOR_YOU = "for_you"
"""The kind of prediction by which an offer may rank products."""

KEPT_FOR = {"favourite_category": "category", "device": "device", "price_sensitivity": "price"}
"""Features that are not known of anybody unless profile.toml says that their numbers are kept."""

Tables = Mapping[str, Any]
Place = tuple[int | str, ...]


def problems_between(files: Mapping[str, Tables]) -> Iterator[Problem]:
    """The mistakes, given the tables of each file by its path."""
    known = {
        table: {name for tables in files.values() for _, name, _ in _blocks(tables.get(table))}
        for table in ("segment", "tag", "feature")
    }
    known["feature"] |= FEATURES.keys() - _not_kept(files)
    for path in files:
        if Path(path).name == "models.toml":
            known["prediction"] = set(files[path])
    of_journeys = {**known, "feature": known["feature"] | MESSAGE_FEATURES.keys()}
    for path, tables in files.items():
        for table, blocks in tables.items():
            yield from _doubles(path, table, blocks)
            yield from _unknown(path, (table,), blocks, of_journeys if table == JOURNEYS[0] else known)


def problems_of_groups(path: str, tables: Tables) -> Iterator[Problem]:
    """Conditions of segments that ask for one below, and of tags that ask for segments or tags: there is an order."""
    above: set[str] = set()
    names = {name for _, name, _ in _blocks(tables.get("segment"))}
    for number, name, _ in _blocks(tables.get("segment")):
        for place, asked in _asked_for("segment", ("segment", name), tables["segment"][number]):
            if asked in names - above:
                message = f"{asked!r} does not stand above {name!r}: a segment can ask for those above it only"
                yield Problem(path, ".".join(map(str, place)), message)
        above.add(name)
    for number, name, _ in _blocks(tables.get("tag")):
        for key in ("segment", "tag"):
            for place, asked in _asked_for(key, ("tag", name), tables["tag"][number]):
                message = f"a rule of tags can ask for no {key}, but {asked!r} may be in the conditions of segments"
                yield Problem(path, ".".join(map(str, place)), message)


def problems_of_journeys(path: str, files: Mapping[str, Tables]) -> Iterator[Problem]:
    """Journeys that begin with a trigger that is not there, or whose messages have a trigger's topic."""
    triggers = sorted(_names_in(path, files, *TRIGGERS))
    journeys = files.get(path, {}).get("journey")
    for number, name, _ in _blocks(journeys):
        start = journeys[number].get("start") if isinstance(journeys, list) else None
        if isinstance(start, str) and start not in triggers:
            message = f"no trigger {start!r} in triggers.toml; {suggest(start, triggers)}"
            yield Problem(path, f"journey.{name}.start", message)
        if name in triggers:
            message = "a trigger has this name, and a journey's messages have a topic of their own: call it otherwise"
            yield Problem(path, f"journey.{name}.name", message)


def problems_of_kpis(path: str, files: Mapping[str, Tables]) -> Iterator[Problem]:
    """KPIs of a file that count offers or triggers that do not exist, as far as the files of those could be read."""
    kpis = files.get(path, {}).get("kpi", ())
    for number, kpi_name, _ in _blocks(kpis):
        where = kpis[number].get("where")
        for key, places in NAMED_IN_KPIS.items():
            table, file = places[0]
            if not isinstance(where, Mapping) or str(Path(path).with_name(file)) not in files:
                continue
            said, known = where.get(key), sorted({name for place in places for name in _names_in(path, files, *place)})
            for name in said if isinstance(said, list) else [said]:
                if isinstance(name, str) and name not in known:
                    message = f"no {table} {name!r}; {suggest(name, known)}"
                    yield Problem(path, f"kpi.{kpi_name}.where.{key}", message)


def problems_of_offers(path: str, files: Mapping[str, Tables]) -> Iterator[Problem]:
    """A policy or an offer that names a model of another kind than it needs, as far as the models could be read."""
    models = files.get(str(Path(path).with_name("models.toml")))
    if models is None:
        return
    kinds = {name: table.get("kind", name) for name, table in models.items() if isinstance(table, Mapping)}
    for place, said, wanted in _models_of_offers(files.get(path, {})):
        known = sorted(name for name, kind in kinds.items() if kind == wanted)
        if said not in known:
            message = f"models.toml has no prediction {said!r} of the kind {wanted}; {suggest(said, known)}"
            yield Problem(path, place, message)


def _models_of_offers(tables: Tables) -> Iterator[tuple[str, str, str]]:
    """Where offers name a model, which, and of which kind it must be."""
    policy, offers = tables.get("policy"), tables.get("offer")
    if isinstance(policy, Mapping) and isinstance(policy.get("model"), str):
        yield "policy.model", policy["model"], OFFER_REWARD
    for number, name, _ in _blocks(offers):
        if isinstance(offers, list) and isinstance(said := offers[number].get("rank"), str):
            yield f"offer.{name}.rank", said, FOR_YOU


def _names_in(path: str, files: Mapping[str, Tables], table: str, file: str) -> set[str]:
    """The blocks of a table of another file of the same folder."""
    return {name for _, name, _ in _blocks(files.get(str(Path(path).with_name(file)), {}).get(table))}


def named_place(tables: object, place: Place) -> str:
    """A place in the tables as a person finds it: a block by its name, where it has one, and not by its number.

    >>> named_place({"offer": [{"id": "gift", "epsilon": 1}]}, ("offer", 0, "epsilon"))
    'offer.gift.epsilon'
    """
    parts, here = [], tables
    for step in place:
        try:
            here = here[step]  # type: ignore[index]  # what is no table or list raises
        except (LookupError, TypeError):
            here = None
        own = _name_of(here) if isinstance(step, int) else None
        parts.append(str(step) if own is None else own[1])
    return ".".join(parts)


def _blocks(blocks: object) -> Iterator[tuple[int, str, str]]:
    """Number, name, and the key of the name of each block that has one."""
    for number, block in enumerate(blocks if isinstance(blocks, list) else ()):
        if (own := _name_of(block)) is not None:
            yield number, own[1], own[0]


def _name_of(block: object) -> tuple[str, str] | None:
    if not isinstance(block, Mapping):
        return None
    return next(((key, block[key]) for key in NAME_KEYS if isinstance(block.get(key), str)), None)


def _doubles(path: str, table: str, blocks: object) -> Iterator[Problem]:
    found = list(_blocks(blocks))
    times = Counter(name for _, name, _ in found)
    seen = set()
    for _, name, key in found:
        if times[name] > 1 and name not in seen:
            seen.add(name)
            yield Problem(path, f"{table}.{name}.{key}", f"{times[name]} blocks have this name")


def _unknown(path: str, place: Place, said: object, known: Mapping[str, set[str]]) -> Iterator[Problem]:
    """What conditions and models name, wherever in the blocks' trees they are."""
    if isinstance(said, list):
        for number, part in enumerate(said):
            own = _name_of(part)
            yield from _unknown(path, (*place, number if own is None else own[1]), part, known)
    elif isinstance(said, Mapping):
        for key, value in said.items():
            table = NAMED_IN_RULES.get(key, "")
            for named, name in _named((*place, key), value) if table in known else ():
                if name not in known[table] and not (key == "features" and name not in KEPT_FOR and is_category(name)):
                    message = f"no {table} {name!r}; {suggest(name, sorted(known[table]))}"
                    if table == "feature" and name in KEPT_FOR:
                        message = f'{name} needs "{KEPT_FOR[name]}" in profile.toml, interests.keep'
                    yield Problem(path, ".".join(map(str, named)), message)
            yield from _unknown(path, (*place, key), value, known)


def _not_kept(files: Mapping[str, Tables]) -> set[str]:
    """The features whose numbers are not kept, by the file that says so; without it, none are."""
    profile = next((tables for path, tables in files.items() if Path(path).name == "profile.toml"), {})
    interests = profile.get("interests")
    said = interests.get("keep") if isinstance(interests, Mapping) else None
    keep = said if isinstance(said, list) else []
    return {name for name, kind in KEPT_FOR.items() if kind not in keep}


def _asked_for(key: str, place: Place, said: object) -> Iterator[tuple[Place, str]]:
    """What conditions of a block name under a key, wherever in its trees."""
    if isinstance(said, list):
        for number, part in enumerate(said):
            yield from _asked_for(key, (*place, number), part)
    elif isinstance(said, Mapping):
        for own, value in said.items():
            if own == key and isinstance(value, str):
                yield (*place, own), value
            yield from _asked_for(key, (*place, own), value)


def _named(place: Place, said: object) -> Iterator[tuple[Place, str]]:
    """The name that stands at a place, or those of the list there."""
    if isinstance(said, str):
        yield place, said
    for number, name in enumerate(said) if isinstance(said, list) else ():
        if isinstance(name, str):
            yield (*place, number), name
