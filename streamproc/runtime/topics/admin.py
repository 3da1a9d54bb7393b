"""The topics of a cluster: compare them with the catalogue, make what is missing, check them before work starts."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.errors import BrokerResponseError, KafkaError, TopicAuthorizationFailedError, for_code

from streamproc.runtime.client.authorisation import NotAuthorisedError
from streamproc.runtime.client.rights import Operation, Resource, Right
from streamproc.runtime.client.topic_ids import TopicIdentity, describe
from streamproc.runtime.topics.configs import change_configs, read_configs
from streamproc.runtime.topics.plan import (
    Addition,
    Change,
    Creation,
    ExistingTopic,
    TopicPlan,
    TopicProblem,
    compare,
    repartitioned,
)
from streamproc.settings.topics import TopicCatalogue

APPLY = "run `streamproc topics apply`"
VISIBLE_WITHIN_SECONDS = 30.0
VISIBLE_CHECK_SECONDS = 0.1


class TopicsNotAppliedError(Exception):
    """Kafka did not do all that was planned; `reasons` says by topic why not. What it did stays done."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        self.reasons = dict(reasons)
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in self.reasons.items()))


async def plan(client: Mapping[str, Any], catalogue: TopicCatalogue) -> TopicPlan:
    """Compare the cluster with the catalogue; nothing is changed.

    Args:
        client: aiokafka's connection arguments, `bootstrap_servers` included.
        catalogue: the topics as they are to be.

    Raises:
        aiokafka.errors.KafkaError: the cluster cannot be reached, or does not permit it.
    """
    found = await describe(client, (catalogue.on_cluster(topic.name) for topic in catalogue))
    async with _admin(client) as admin:
        configs = await read_configs(admin, found)
    existing = {name: ExistingTopic(identity.partitions, configs[name]) for name, identity in found.items()}
    return compare(catalogue, existing)


async def apply(client: Mapping[str, Any], todo: TopicPlan) -> None:
    """Do what the plan says, and return when the cluster shows it.

    Raises:
        TopicsNotAppliedError: the plan was refused (then nothing was done), or Kafka refused a part of it.
        NotAuthorisedError: Kafka does not permit a part of it.
    """
    if todo.refused:
        raise TopicsNotAppliedError({problem.name: str(problem) for problem in todo.refused})
    async with _admin(client) as admin:
        reasons = await _create(admin, todo.creations)
        reasons |= await _add_partitions(admin, todo.additions)
        reasons |= await _change(admin, todo.changes)
    if missing := [reason for reason in reasons.values() if isinstance(reason, Right)]:
        raise NotAuthorisedError(missing)
    if reasons:
        raise TopicsNotAppliedError({name: str(reason) for name, reason in reasons.items()})
    wanted = {step.name: step.topic.partitions for step in todo.creations}
    wanted |= {step.name: step.wanted for step in todo.additions}
    await _until_visible(client, wanted)


async def check_topics(
    client: Mapping[str, Any], catalogue: TopicCatalogue, names: Iterable[str]
) -> tuple[TopicProblem, ...]:
    """What keeps a worker from working with these topics (names without prefix); empty if nothing does."""
    topics = [catalogue[name] for name in names]
    found = await describe(client, (catalogue.on_cluster(topic.name) for topic in topics))
    problems = (_check(catalogue, topic.name, found) for topic in topics)
    return tuple(problem for problem in problems if problem is not None)


def _check(catalogue: TopicCatalogue, name: str, found: Mapping[str, TopicIdentity]) -> TopicProblem | None:
    topic, on_cluster = catalogue[name], catalogue.on_cluster(name)
    if on_cluster not in found:
        return TopicProblem(on_cluster, "does not exist", APPLY)
    now = found[on_cluster].partitions
    leader = found.get(catalogue.on_cluster(topic.partitions_of)) if topic.partitions_of else None
    if leader is not None and leader.partitions != now:
        what = f"has {now} partitions where {topic.partitions_of} has {leader.partitions}"
        return TopicProblem(on_cluster, what, f"delete by hand the one that is wrong, then {APPLY}")
    return repartitioned(on_cluster, topic, now)


@asynccontextmanager
async def _admin(client: Mapping[str, Any]) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**client)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, steps: Iterable[Creation]) -> dict[str, str | Right]:
    topics = [
        NewTopic(step.name, step.topic.partitions, step.topic.replication_factor, topic_configs=step.topic.configs)
        for step in steps
    ]
    if not topics:
        return {}
    reply = await admin.create_topics(topics)
    return {
        name: _reason(for_code(code)(message), Operation.CREATE, name)
        for name, code, message in reply.topic_errors
        if code
    }


async def _add_partitions(admin: AIOKafkaAdminClient, steps: Iterable[Addition]) -> dict[str, str | Right]:
    reasons: dict[str, str | Right] = {}
    for step in steps:
        try:
            await admin.create_partitions({step.name: NewPartitions(step.wanted)})
        except BrokerResponseError as error:
            reasons[step.name] = _reason(error, Operation.ALTER, step.name)
    return reasons


async def _change(admin: AIOKafkaAdminClient, steps: Iterable[Change]) -> dict[str, str | Right]:
    changes = {step.name: {name: wanted for name, (_, wanted) in step.configs.items()} for step in steps}
    refused = await change_configs(admin, changes) if changes else {}
    return {name: _reason(error, Operation.ALTER_CONFIGS, name) for name, error in refused.items()}


def _reason(error: KafkaError, operation: Operation, name: str) -> str | Right:
    """Why something was not done: the right that is missing, or what Kafka says."""
    if isinstance(error, TopicAuthorizationFailedError):
        return Right(operation, Resource.TOPIC, name)
    return str(error.args[0]) if error.args and error.args[0] else type(error).__name__


async def _until_visible(client: Mapping[str, Any], wanted: Mapping[str, int]) -> None:
    """A broker answers a little before it sees the topic itself."""
    deadline = asyncio.get_running_loop().time() + VISIBLE_WITHIN_SECONDS
    while True:
        found = await describe(client, wanted)
        late = {name for name, partitions in wanted.items() if name not in found or found[name].partitions < partitions}
        if not late:
            return
        if asyncio.get_running_loop().time() > deadline:
            raise TopicsNotAppliedError(dict.fromkeys(late, f"not visible after {VISIBLE_WITHIN_SECONDS:.0f} s"))
        await asyncio.sleep(VISIBLE_CHECK_SECONDS)
