"""Kafka and Faust, and only here: topics, transport, transactions, states, and the stages that run on them."""
