"""The embedded Kafka: a real broker beside the demo, the tests and `up --embedded`; it knows no shop."""
