"""`streamproc customer ID`: what is known about one customer, from the running state."""

import time
from datetime import UTC, datetime

import click
from rich.table import Table

from streamproc.cli.context import Context
from streamproc.cli.failing import CommandFailedError
from streamproc.cli.running import run
from streamproc.cli.standing import table_of
from streamproc.cli.terminal import Terminal, say
from streamproc.customer.alias import Alias
from streamproc.customer.features import FEATURES, Features
from streamproc.customer.features.contact import contact_at
from streamproc.customer.local_time import zone_of
from streamproc.customer.messages.happenings import did
from streamproc.customer.messages.record import CHANNELS, Action
from streamproc.customer.state import Customer
from streamproc.customer.tags import source_of
from streamproc.customer.view import CustomerView
from streamproc.decide.identity import MAX_HOPS
from streamproc.decide.plan import Plan
from streamproc.decide.states import decode_state
from streamproc.events.address import AddressHash
from streamproc.events.identifiers import plain_id
from streamproc.events.money import MICROS
from streamproc.events.subject import Kind, Subject
from streamproc.events.times import SECOND_MS, rfc3339
from streamproc.events.topics import DECIDE_STATE_TOPIC
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
@click.pass_obj
def customer(context: Context, name: str, at: datetime | None) -> None:
    """Show what is known about one customer: the state as of the last checkpoint, read from decide's changelog.

    It ends with what the policy would say: by which channel which message may be sent, and if not, why not.

    ID is a customer's, else an anonymous visitor's, an order's, a message's, or an e-mail address; c/ID, a/ID, o/ID and
    m/ID say which. Of an id that stands for a customer it says so, and shows the customer.
    """
    known = known_customer(context, name)
    moments = (known.last_seen_ms, int(time.time() * SECOND_MS))
    if at is not None:
        moments = (int(at.replace(tzinfo=UTC).timestamp() * SECOND_MS),) * 2
    show(Terminal(), known, context.configuration.plan, *moments)


def known_customer(context: Context, name: str) -> Customer:
    """Who is known by a name, from the running state.

    Raises:
        CommandFailedError: nobody is.
    """
    context.admit(Operation.READ, [DECIDE_STATE_TOPIC])
    return run(_behind(context, meant_by(context, name), name))


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


async def _behind(context: Context, subjects: list[Subject], name: str) -> Customer:
    """The customer of whom something is known under one of these keys, or for whom it stands."""
    for _ in range(MAX_HOPS):
        known = await _find(context, subjects)
        if known is None:
            raise CommandFailedError(f"nothing is known about {name!r}")
        if isinstance(known, Customer):
            return known
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


async def _find(context: Context, subjects: list[Subject]) -> Customer | Alias | None:
    """What is known under the first of them under which something is."""
    configuration = context.configuration
    topic = configuration.catalogue[DECIDE_STATE_TOPIC]
    keys = [subject.key.encode() for subject in subjects]
    partitions = sorted({partition_of(key, topic.partitions) for key in keys})
    found: dict[bytes, bytes | None] = {}
    try:
        async for record in read_to_end(
            context.client, configuration.catalogue.on_cluster(DECIDE_STATE_TOPIC), partitions
        ):
            if record.key in keys:
                found[record.key] = record.value
    except (LookupError, OSError) as error:
        raise CommandFailedError(str(error)) from error
    state = next((state for key in keys if (state := found.get(key))), None)
    known = None if state is None else decode_state(state)
    return known if isinstance(known, Customer | Alias) else None


def show(console: Terminal, known: Customer, plan: Plan, now_ms: int, asked_ms: int) -> None:
    """All that is known, with the features at one moment, and what the policy says at another."""
    subject = Subject.of_key(known.key)
    console.rule(f"{_TITLES[subject.kind]} {subject.id}", align="left")
    facts = Table(box=None, show_header=False)
    for name, value in _facts(known):
        facts.add_row(name, value)
    facts.add_row("journeys", _journeys(known, plan))
    facts.add_row("answers", answers_in_words(CustomerView(known, now_ms), plan))
    console.print(facts)
    features = Features(CustomerView(known, now_ms), plan.functions)
    table = Table("feature", "value", box=None, title=f"features at {rfc3339(now_ms)}", title_justify="left")
    for name in sorted({*FEATURES, *plan.declared.by_name}):
        table.add_row(name, f"{features[name]:.4g}")
    console.print(table)
    if not known.is_guest:
        console.print(table_of(known, plan, asked_ms))


def _journeys(known: Customer, plan: Plan) -> str:
    """Which journeys the customer is on, at which step, and when that is looked at next."""
    found = []
    for each in known.journeys:
        journey = plan.journeys.definition(each, known.journey_texts)
        step = "a step that nobody knows" if journey is None else journey.step_names[each.step]
        found.append(f"{each.journey} ({each.key}) at {step} until {rfc3339(each.due_ms)}")
    return ", ".join(found) or "none"


def answers_in_words(view: CustomerView, plan: Plan) -> str:
    """When and where messages are opened and clicked, as far as enough is known of it."""
    found = contact_at(view, plan.policy.contact)
    known = f"of {found.responses:.1f} opens and clicks, as much as they still count"
    zone = zone_of(view.customer, view.customer.zone)
    hour = "at no hour more than at others" if found.hour is None else f"most around {found.hour}:00 ({zone})"
    channel = "on no channel more" if found.channel is None else f"by {CHANNELS[found.channel]}"
    is_known = found.responses >= plan.policy.contact.least_responses
    return f"{hour}, {channel}; {known}" if is_known else f"too little is known: {known}"


def _facts(known: Customer) -> list[tuple[str, str]]:
    cart = known.cart
    opened = sum(did(message, Action.OPENED, as_person=True) for message in known.messages)
    return [
        ("seen", f"{rfc3339(known.first_seen_ms)} to {rfc3339(known.last_seen_ms)}"),
        ("orders", f"{known.orders}, {known.revenue_micros / MICROS:,.2f} before returns"),
        ("given back", f"{known.refunds} times, {known.refunded_micros / MICROS:,.2f}"),
        ("last order", rfc3339(known.last_order_ms) if known.last_order_ms is not None else "none"),
        ("cart", ", ".join(f"{quantity} x {sku}" for sku, quantity in cart.lines.items()) if cart else "empty"),
        ("sessions", str(known.sessions)),
        ("consent", ", ".join(f"{k} {'yes' if c.granted else 'no'}" for k, c in known.consents.items()) or "none"),
        ("traits", ", ".join(f"{name} {value}" for name, value in known.traits.items()) or "none"),
        ("known as", ", ".join(f"{key} since {rfc3339(c.at_ms)}" for key, c in known.claims.items() if c.holds) or "-"),
        ("tags", ", ".join(f"{name} ({source_of(known, name)})" for name in known.tags) or "none"),
        ("messages", f"{len(known.messages)} remembered, {opened} opened"),
        ("segments", ", ".join(known.segments) or "none"),
        (
            "scores",
            ", ".join(f"{m} {s.value:.2f} ({s.model_version})" for m, s in known.scores.items()) or "none",
        ),
        ("triggers", ", ".join(f"{name} {rfc3339(fired.at_ms)}" for name, fired in known.fired.items()) or "none"),
        ("offers", ", ".join(f"{name} {rfc3339(at)}" for name, at in known.offered.items()) or "none"),
        ("timers", ", ".join(f"{name} {rfc3339(due)}" for name, due in known.timers.items()) or "none"),
        ("open questions", str(len(known.questions))),
    ]
