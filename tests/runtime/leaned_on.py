"""The names of Faust's, aiokafka's and River's insides that the product leans on, and what it relies on of each."""

from typing import NamedTuple


class Leaned(NamedTuple):
    """A name, the hash of its source, and what the runtime relies on."""

    place: str
    source: str
    relies_on: str


DRIVER, CONSUMER = "faust.transport.drivers.aiokafka", "faust.transport.consumer"
COORDINATOR = "aiokafka.consumer.group_coordinator"
FETCHER, ACCUMULATOR = "aiokafka.consumer.fetcher", "aiokafka.producer.message_accumulator"

OVERRIDDEN = [
    Leaned(
        f"{DRIVER}:AIOKafkaConsumerThread._create_worker_consumer",
        "c2701bfc3e6f",
        "makes the consumer of a worker, only here",
    ),
    Leaned(
        f"{DRIVER}:AIOKafkaConsumerThread._commit", "932852ce7a23", "the one place where Faust commits; ours is fatal"
    ),
    Leaned(f"{DRIVER}:Consumer._new_consumer_thread", "0870ec53dea7", "makes the thread, only here"),
    Leaned(
        f"{CONSUMER}:ThreadDelegateConsumer._commit",
        "a20eec84e4b2",
        "the other place where Faust commits; ours is fatal",
    ),
    Leaned(f"{CONSUMER}:Consumer._drain_messages", "44a2500309e8", "all that Faust's fetcher does; ours does nothing"),
    Leaned(f"{CONSUMER}:Consumer.on_partitions_revoked", "d04b7ae72c6f", "forgets partitions; we hand over before"),
    Leaned(f"{CONSUMER}:Consumer.on_partitions_assigned", "29ce96596f05", "tells the app; we take over afterwards"),
    Leaned(
        f"{CONSUMER}:Consumer.resume_flow", "db59630f25b5", "the last step of a rebalance; records flow from then on"
    ),
    Leaned(f"{CONSUMER}:Consumer.perform_seek", "0e8c130ff4b0", "sets positions to Faust's offsets; ours does nothing"),
    Leaned(f"{CONSUMER}:Consumer.verify_all_partitions_active", "4e0e46f5c297", "only complains; ours does nothing"),
    Leaned(
        f"{DRIVER}:AIOKafkaConsumerThread.on_thread_stop",
        "8dfc004e258b",
        "stops the consumer; ours makes it leave the group first",
    ),
    Leaned(f"{DRIVER}:Consumer.on_stop", "173f86b366f3", "leaves the group; we hand over before"),
]

USED = [
    Leaned(
        f"{DRIVER}:AIOKafkaConsumerThread._fetch_records",
        "39a2c6c79fc1",
        "returns nothing while Faust's flow is stopped",
    ),
    Leaned(
        f"{DRIVER}:AIOKafkaConsumerThread._seek_wait",
        "9d221e816d94",
        "a seek in the consumer's thread, which we wait for",
    ),
    Leaned(
        f"{CONSUMER}:Consumer.ack",
        "5fcf41cf4515",
        "records nothing for topics with acks=False, so Faust commits nothing",
    ),
    Leaned(f"{CONSUMER}:Consumer.commit", "a354437baaa0", "does nothing if nothing was acknowledged"),
    Leaned(
        f"{CONSUMER}:Consumer._commit_tps", "a20e230b05ae", "calls _commit only with offsets of acknowledged messages"
    ),
    Leaned("faust.app.base:App._on_partitions_revoked", "d5c895bbe57d", "stops the flow and clears the channels"),
    Leaned("faust.app.base:App._on_partitions_assigned", "de932b7927db", "waits for no recovery of ours"),
    Leaned(
        "faust.app.base:BootStrategy._should_enable_kafka_producer",
        "c2633729cf04",
        "no producer of Faust's own is started",
    ),
    Leaned(
        "faust.tables.recovery:Recovery._resume_streams",
        "d986a6710c1a",
        "flow_control.resume, then consumer.resume_flow",
    ),
    Leaned(
        "faust.transport.conductor:Conductor._update_tp_index", "e8e3ac9025ef", "_tp_index: the channels of a partition"
    ),
    Leaned(
        "faust.topics:Topic.put",
        "f680fd1d81e1",
        "puts an event into the agent's queue, waits while the flow is stopped",
    ),
    Leaned("faust.events:Event.__init__", "a1d3454dce42", "app, key, value, headers, message"),
    Leaned("faust.worker:Worker.on_startup_finished", "60faa1ca4af7", "copes with a spinner that is None"),
    Leaned(
        "mode.worker:Worker.install_signal_handlers",
        "5cb3d584d58f",
        "what says stop and SIGUSR1, and nothing else, is heard there",
    ),
    Leaned("mode.worker:Worker._on_sigterm", "6b99528ef557", "stops the worker as SIGTERM does"),
    Leaned("mode.worker:Worker._on_sigusr1", "46183ffb2553", "prints what all tasks and threads do"),
    Leaned("mode.worker:exiting", "6df533b6e7e5", "raises SystemExit(0) after a stop by signal"),
    Leaned(
        f"{COORDINATOR}:GroupCoordinator._do_heartbeat",
        "dc1d6632aaa6",
        "true only if the group knows this member in its present generation",
    ),
    Leaned(
        f"{COORDINATOR}:CoordinatorGroupRebalance.perform_group_join",
        "ff2c2109b2e9",
        "asks for the assignor's metadata at each join, and knows the new generation before anything is assigned",
    ),
    Leaned(f"{COORDINATOR}:GroupCoordinator._on_join_complete", "0b0b3d204b40", "tells the assignor what was assigned"),
    Leaned(
        "aiokafka.producer.sender:Sender._sender_routine",
        "2380dc5e333d",
        "tells what ended it as the cause of another error",
    ),
    Leaned(
        f"{FETCHER}:Fetcher.fetched_records", "be4348896b9b", "drops records of other positions; outlives a rebalance"
    ),
    Leaned(
        f"{FETCHER}:Fetcher._update_fetch_positions", "d7774d8241dc", "a seek meanwhile wins over committed offsets"
    ),
    Leaned(f"{FETCHER}:Fetcher.seek_to", "f0ba6aba6c22", "drops what was fetched before it"),
    Leaned(
        f"{FETCHER}:PartitionRecords._unpack_records", "b803e6d46480", "positions go over markers and aborted records"
    ),
    Leaned(
        f"{FETCHER}:PartitionRecords.__init__",
        "8ec1c2ae6ea1",
        "keeps what it is given, sorts aborted transactions, calls _unpack_records",
    ),
    Leaned(
        f"{FETCHER}:PartitionRecords._consume_aborted_up_to",
        "56876530cd64",
        "_aborted_producers: whose records are aborted from here on",
    ),
    Leaned(f"{FETCHER}:PartitionRecords._consumer_record", "e668541600b0", "a record as all of aiokafka hands it out"),
    Leaned(
        f"{FETCHER}:FetchResult.getall",
        "3e717e30de50",
        "an iterator that ends early moves the position to next_fetch_offset, and the rest is fetched again",
    ),
    Leaned(f"{FETCHER}:FetchResult.check_assignment", "b5340df67e3f", "_partition_records is the one that is iterated"),
    Leaned(
        f"{FETCHER}:Fetcher._proc_fetch_request",
        "59bf948fff47",
        "awaits nothing between client.send and putting each FetchResult into _records; the message set stands last",
    ),
    Leaned(f"{FETCHER}:Fetcher._fetch_requests_routine", "2a8ec5932644", "never replaces _records"),
    Leaned("aiokafka.consumer.consumer:AIOKafkaConsumer.start", "2f1ba7044332", "makes _fetcher, with _client"),
    Leaned(
        f"{ACCUMULATOR}:BatchBuilder.append",
        "657d76f55157",
        "None when full; the first record always fits; headers are a list",
    ),
    Leaned(
        "aiokafka.producer.producer:AIOKafkaProducer.send_batch",
        "bf42b0f0c5c0",
        "keeps the order of batches of a partition",
    ),
    Leaned(
        "aiokafka.producer.producer:AIOKafkaProducer.start",
        "bae900a5e83a",
        "returns after InitProducerId: older owners ended",
    ),
    Leaned(
        "aiokafka.consumer.group_coordinator:GroupCoordinator._maybe_leave_group",
        "016cd88a16e6",
        "leaves when _group_instance_id is None; a planned stop sets it so",
    ),
    Leaned(
        "aiokafka.consumer.group_coordinator:GroupCoordinator.check_errors",
        "ba6ca51ad348",
        "raises what the coordination met, once, and lets it go on",
    ),
    Leaned(
        "aiokafka.consumer.group_coordinator:GroupCoordinator._push_error_to_user",
        "743ff515bd7e",
        "waits until check_errors is called; nothing else tells a worker without partitions",
    ),
    Leaned(
        "aiokafka.consumer.group_coordinator:GroupCoordinator.ensure_active_group",
        "33c84c1a9301",
        "never joins again after max_poll_interval without a fetch",
    ),
    Leaned(
        "aiokafka.consumer.subscription_state:SubscriptionState.fetch_context",
        "ff2a654dca23",
        "what counts as a fetch; an error inside would count for ever",
    ),
    Leaned(
        "aiokafka.client:AIOKafkaClient.send",
        "246b277687d7",
        "each request goes through it; the pause guard looks there",
    ),
    Leaned(
        "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._ensure_consumer",
        "ff4a4c693b7e",
        "the consumer of the thread, or an error before it has started",
    ),
    Leaned(
        "faust.transport.consumer:ThreadDelegateConsumer.seek_wait",
        "e9db5bbc4ceb",
        "seeks in the thread, through `_thread`",
    ),
    Leaned(
        "faust.transport.consumer:Fetcher.on_stop",
        "21f3bae9b455",
        "ends `_drain_messages`; `_shutdown` is set when Faust stops it",
    ),
    Leaned("faust.streams:Stream.noack", "921a6f5c674d", "the stream acknowledges nothing"),
    Leaned(
        "aiokafka.producer.message_accumulator:BatchBuilder.size",
        "2f29cefafa91",
        "the bytes of a batch, as Kafka compares them with max.message.bytes",
    ),
    Leaned(
        "aiokafka.producer.producer:AIOKafkaProducer.send_offsets_to_transaction",
        "4b58002b4496",
        "offsets in the transaction, also of a group without members",
    ),
    Leaned(
        "aiokafka.producer.message_accumulator:MessageBatch.expired",
        "3b28f15f56f2",
        "a batch is dropped after `_batch_ttl`, which `send` prolongs",
    ),
    Leaned(
        "aiokafka.producer.producer:AIOKafkaProducer.stop",
        "43ef97147111",
        "does nothing once `_closed`; waits for `_sender.sender_task`, which `send` ends before",
    ),
    Leaned(
        "aiokafka.client:AIOKafkaClient.add_topic", "b054eda66291", "metadata of a topic that nobody has subscribed to"
    ),
    Leaned(
        "aiokafka.admin.client:AIOKafkaAdminClient._send_to_controller",
        "97f54b5c8564",
        "the door for a request that aiokafka does not have",
    ),
    Leaned(
        "aiokafka.admin.client:AIOKafkaAdminClient.describe_consumer_groups",
        "0c0ca4e23fc6",
        "replies as they come; members are id, client id, host, metadata, assignment",
    ),
    Leaned(
        "aiokafka.admin.client:AIOKafkaAdminClient.describe_configs",
        "70bcc53570a3",
        "replies as they come; entries begin with name, value",
    ),
    Leaned(
        "river.linear_model.bayesian_lin_reg:BayesianLinearRegression.__init__",
        "f38f286152c5",
        "all that it holds, which is written and read again",
    ),
    Leaned(
        "river.linear_model.bayesian_lin_reg:BayesianLinearRegression.learn_one",
        "e8e95e76ea2d",
        "changes these and nothing else; the mean is made anew from them",
    ),
    Leaned(
        "river.linear_model.bayesian_lin_reg:BayesianLinearRegression.predict_one",
        "d84f1c6cb632",
        "the mean is covariance times what was gained; `frozen_rewards` does the same",
    ),
    Leaned("aiokafka.protocol.api:Request.prepare", "3a65d9fdefe3", "chooses among the versions of our own requests"),
]

PRIVATE = {
    "models/estimators/regression.py": {"_cap", "_eta_arr", "_idx", "_m_dirty", "_ss_arr", "_ss_inv_arr"},
    "runtime/batches/consumer.py": {"_client", "_fetcher", "_partition_records", "_records"},
    "runtime/batches/records.py": {
        "_aborted_producers",
        "_aborted_transactions",
        "_consume_aborted_up_to",
        "_consumer_record",
        "_records",
        "_tp",
    },
    "runtime/client/outbox.py": {"_batch_ttl", "_closed", "_message_accumulator", "_sender"},
    "runtime/client/reading.py": {"_client"},
    "runtime/topics/configs.py": {"_send_to_controller"},
    "runtime/worker/app.py": {"_on_sigterm", "_on_sigusr1"},
    "runtime/worker/transaction.py": {"_txn_manager"},
    "runtime/worker/transport.py": {
        "_consumer",
        "_coordinator",
        "_do_heartbeat",
        "_group_instance_id",
        "_ensure_consumer",
        "_fetch_records",
        "_shutdown",
        "_subscription",
        "_thread",
        "_tp_index",
    },
}
"""Every name of somebody else's insides that the product uses, by file; what each is good for stands above."""
