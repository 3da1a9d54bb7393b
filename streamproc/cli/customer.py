"""`streamproc customer ID`: what is known about one customer, from the running state."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import click
import orjson

from streamproc.cli.context import Context
from streamproc.cli.customer_page import show
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.running import run
from streamproc.cli.standing import in_words
from streamproc.cli.terminal import Terminal, say
from streamproc.customer.alias import Alias
from streamproc.customer.state import Customer
from streamproc.decide.clock.event_time import PartitionState
from streamproc.decide.identity.who import MAX_HOPS
from streamproc.decide.messages.standing import standings
from streamproc.decide.plan import Plan
from streamproc.decide.profile import profile_of
from streamproc.decide.states import State, decode_state
from streamproc.events.address import AddressHash
from streamproc.events.identifiers import plain_id
from streamproc.events.log import CONTROL_KEY
from streamproc.events.subject import Kind, Subject
from streamproc.events.times import SECOND_MS, rfc3339
from streamproc.events.topics import DECIDE_STATE_TOPIC
from streamproc.models.releases.bank import ModelBank
from streamproc.models.snapshot_error import SnapshotError
from streamproc.processor.partitioner import partition_of
from streamproc.runtime.client.reading import read_to_end
from streamproc.runtime.client.rights import Operation
from streamproc.settings.signing import signing_key

_TITLES = {
    Kind.CUSTOMER: "customer",
    Kind.VISITOR: "anonymous visitor",
    Kind.GUEST_ORDER: "guest's order",
    Kind.MESSAGE: "message",
    Kind.ADDRESS: "address",
}


@click.command()
@click.argument("name", metavar="ID")
@click.option(
    "--at",
    type=click.DateTime(),
    help="As of this moment (UTC); default: the last activity, and the policy now.",
)
@click.option("--json", "as_json", is_flag=True, help="The same for programs: one JSON object.")
@click.pass_obj
def customer(context: Context, name: str, at: datetime | None, *, as_json: bool) -> None:
    """Show what is known about one customer: the state as of the last checkpoint, read from decide's changelog.

    Who it is, what they are worth, their rhythm, consents, tags and segments since when, what models said and why, what
    was sent and what came of it, and what is waited for; then all features. It ends with what the policy would say: by
    which channel which message may be sent, and if not, why not.

    ID is a customer's, else an anonymous visitor's, an order's, a message's, or an e-mail address; c/ID, a/ID, o/ID and
    m/ID say which. Of an id that stands for a customer it says so, and shows the customer.
    """
    known, bank = known_with_models(context, name)
    moments = (known.last_seen_ms, int(time.time() * SECOND_MS))
    if at is not None:
        moments = (int(at.replace(tzinfo=UTC).timestamp() * SECOND_MS),) * 2
    plan = context.configuration.plan
    if as_json:
        said = _for_programs(known, bank, plan, *moments)
        click.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())
        return
    show(Terminal(), known, plan, *moments, bank)


def _for_programs(known: Customer, bank: ModelBank, plan: Plan, now_ms: int, asked_ms: int) -> dict[str, Any]:
    said = [] if known.is_guest else list(standings(known, plan, asked_ms, bank))
    policy = [{"message": each.message, "answer": in_words(each.answer)} for each in said]
    return {**profile_of(known, plan, bank, now_ms), "policy": policy}


def known_with_models(context: Context, name: str) -> tuple[Customer, ModelBank]:
    """Who is known by a name, from the running state, and the versions of models that count for them.

    Raises:
        CommandFailedError: nobody is.
    """
    context.admit(Operation.READ, [DECIDE_STATE_TOPIC])
    known, partition = run(_behind(context, meant_by(context, name), name))
    return known, bank_of(partition, context.configuration.plan, signing_key(context.configuration.app))


def bank_of(partition: PartitionState | None, plan: Plan, key: bytes) -> ModelBank:
    """The versions that score in a partition; what cannot be used here is left out."""
    bank = ModelBank(key, {**plan.asked, **plan.sampled})
    for name, release in partition.releases.items() if partition else ():
        if name in bank.predictions:
            with suppress(SnapshotError):
                bank = bank.with_release(release)
    return bank


def meant_by(context: Context, name: str) -> list[Subject]:
    """Who can be meant by a name, the likeliest first."""
    return [*addresses_named(name, signing_key(context.configuration.app)), *subjects_named(name)]


def subjects_named(name: str) -> list[Subject]:
    """Who can be meant, the likeliest first.

    >>> [subject.key for subject in subjects_named("a/7")]
    ['a/7', 'c/a/7', 'a/a/7', 'o/a/7', 'm/a/7']
    """
    try:
        name = plain_id(name, most=130)  # with the two characters that say its kind
        explicit = [Subject.of_key(name)]
    except ValueError:
        explicit = []
    return [*explicit, *(Subject(kind, name) for kind in Kind if kind is not Kind.ADDRESS)]


def addresses_named(name: str, key: bytes) -> list[Subject]:
    """The address that is meant, if it is one."""
    address = AddressHash.of(key).id_of(name)
    return [] if address is None else [Subject(Kind.ADDRESS, address)]


async def _behind(context: Context, subjects: list[Subject], name: str) -> tuple[Customer, PartitionState | None]:
    """The customer of whom something is known under one of these keys, or for whom it stands, and the partition."""
    for _ in range(MAX_HOPS):
        known, partition = await _find(context, subjects)
        if known is None:
            raise CommandFailedError(f"nothing is known about {name!r}")
        if isinstance(known, Customer):
            return known, partition
        say(stands_for(known))
        if not known.owners:
            break
        subjects = [Subject.of_key(known.owners[-1].key)]
    raise CommandFailedError(f"nobody is known to be behind {name!r}")


def stands_for(alias: Alias) -> str:
    """Whose a key is, and since when; or what waits under it, and how long."""
    subject = Subject.of_key(alias.key)
    title = f"{_TITLES[subject.kind]} {subject.id}"
    if not alias.owners:
        return f"{title}: nobody is known to be behind it; {len(alias.waiting)} events wait for their customer"
    owners = (Subject.of_key(owner.key) for owner in alias.owners)
    since = (rfc3339(owner.since_ms) for owner in alias.owners)
    whose = (f"{_TITLES[owner.kind]} {owner.id} since {at}" for owner, at in zip(owners, since, strict=True))
    return f"{title} stands for {', then '.join(whose)}"


async def _find(context: Context, subjects: list[Subject]) -> tuple[Customer | Alias | None, PartitionState | None]:
    """What is known under the first of them under which something is, and of its partition."""
    configuration = context.configuration
    topic = configuration.catalogue[DECIDE_STATE_TOPIC]
    keys = [subject.key.encode() for subject in subjects]
    partitions = sorted({partition_of(key, topic.partitions) for key in keys})
    found: dict[bytes, bytes | None] = {}
    of_partitions: dict[int, bytes | None] = {}
    try:
        async for record in read_to_end(
            context.client, configuration.catalogue.on_cluster(DECIDE_STATE_TOPIC), partitions
        ):
            if record.key in keys:
                found[record.key] = record.value
            elif record.key == CONTROL_KEY:
                of_partitions[record.partition] = record.value
    except (LookupError, OSError) as error:
        raise CommandFailedError(str(error)) from error
    key = next((key for key in keys if found.get(key)), None)
    known = _decoded(found.get(key)) if key else None
    partition = _decoded(of_partitions.get(partition_of(key, topic.partitions))) if key else None
    return (
        known if isinstance(known, Customer | Alias) else None,
        partition if isinstance(partition, PartitionState) else None,
    )


def _decoded(raw: bytes | None) -> State | None:
    return None if raw is None else decode_state(raw)
