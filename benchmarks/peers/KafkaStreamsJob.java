import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.processor.api.*;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.*;

/** The reference job on Kafka Streams: RocksDB store, changelog, one stream thread. Its only argument is JSON, see meter.py. */
public class KafkaStreamsJob {
  static final double[] WEIGHTS = {0.5, 0.3, 0.2, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01, 0.005};
  static final ObjectMapper JSON = new ObjectMapper();
  static int warm, events, ballast, count, triggers;
  static long warmNanos;
  static double warmCpu;
  static volatile boolean done;

  static class Event { public String event_id, customer_id, sku, channel, store, session, currency; public double ts, amount; public int seq; }
  static class State { public String cust, last_sku, last_channel; public int count; public double sum, last_ts; public double[] f = new double[10];
    @JsonInclude(JsonInclude.Include.NON_NULL) public String ballast; }
  static class Trigger { public String customer_id, cause, sku, channel, kind = "every-10"; public int count; public double sum, ts, mean; }

  static double cpuSeconds() throws Exception {
    String[] stat = Files.readString(Path.of("/proc/self/stat")).split("\\) ")[1].split(" ");
    return (Long.parseLong(stat[11]) + Long.parseLong(stat[12])) / 100.0;
  }

  static long peakMb() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status")))
      if (line.startsWith("VmHWM")) return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
    return 0;
  }

  static class Job implements Processor<String, byte[], String, byte[]> {
    ProcessorContext<String, byte[]> context;
    KeyValueStore<String, byte[]> states;

    public void init(ProcessorContext<String, byte[]> given) { context = given; states = given.getStateStore("state"); }

    public void process(Record<String, byte[]> record) {
      try {
        Event event = JSON.readValue(record.value(), Event.class);
        byte[] known = states.get(record.key());
        State state = known == null ? new State() : JSON.readValue(known, State.class);
        state.cust = event.customer_id; state.count++; state.sum += event.amount;
        state.last_ts = event.ts; state.last_sku = event.sku; state.last_channel = event.channel;
        for (int i = 0; i < WEIGHTS.length; i++) state.f[i] += (event.amount - state.f[i]) * WEIGHTS[i];
        if (ballast > 0) state.ballast = event.event_id.repeat(ballast / event.event_id.length());
        states.put(record.key(), JSON.writeValueAsBytes(state));
        if (state.count % 10 == 0) { triggers++; context.forward(record.withValue(JSON.writeValueAsBytes(told(state, event)))); }
        count++;
        if (count == warm) { warmNanos = System.nanoTime(); warmCpu = cpuSeconds(); }
        if (count == events) { context.commit(); done = true; }
      } catch (Exception error) { throw new RuntimeException(error); }
    }

    static Trigger told(State state, Event event) {
      Trigger told = new Trigger();
      told.customer_id = state.cust; told.count = state.count; told.sum = state.sum; told.ts = event.ts;
      told.cause = event.event_id; told.sku = event.sku; told.channel = event.channel; told.mean = state.sum / state.count;
      return told;
    }
  }

  static KafkaStreams start(JsonNode wanted) {
    Properties settings = new Properties();
    settings.put("application.id", wanted.get("run").asText());
    settings.put("bootstrap.servers", wanted.get("servers").asText());
    settings.put("num.stream.threads", "1");
    settings.put("state.dir", wanted.get("folder").asText());
    settings.put("auto.offset.reset", "earliest");
    settings.put("replication.factor", "1");
    settings.put("commit.interval.ms", Long.toString(Math.round(1000 * wanted.get("checkpoint_seconds").asDouble())));
    settings.put("processing.guarantee", wanted.get("guarantee").asText());
    Topology topology = new Topology();
    topology.addSource("source", new StringDeserializer(), new ByteArrayDeserializer(), wanted.get("source").asText());
    topology.addProcessor("job", Job::new, "source");
    topology.addStateStore(
        Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore("state"), Serdes.String(), Serdes.ByteArray()).withCachingEnabled(), "job");
    topology.addSink("sink", wanted.get("output").asText(), new StringSerializer(), new ByteArraySerializer(), "job");
    KafkaStreams streams = new KafkaStreams(topology, settings);
    streams.start();
    return streams;
  }

  /** `context.commit()` is carried out after the current batch of records: wait for the offsets. */
  static void waitForCommit(JsonNode wanted) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", wanted.get("servers").asText()))) {
      for (long sum = 0; sum < events; Thread.sleep(20)) {
        sum = 0;
        for (var offset : admin.listConsumerGroupOffsets(wanted.get("run").asText()).partitionsToOffsetAndMetadata().get().values())
          sum += offset.offset();
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    JsonNode wanted = JSON.readTree(arguments[0]);
    warm = wanted.get("warm").asInt();
    events = wanted.get("events").asInt();
    ballast = wanted.get("ballast").asInt();
    start(wanted);
    while (!done) Thread.sleep(20);
    waitForCommit(wanted);
    double seconds = (System.nanoTime() - warmNanos) / 1e9, cpu = cpuSeconds() - warmCpu;
    System.out.printf(Locale.ROOT, "%n{\"events_per_second\": %.1f, \"cpu_us\": %.2f, \"resident_mb\": %d, \"triggers\": %d}%n",
        (events - warm) / seconds, cpu / (events - warm) * 1e6, peakMb(), triggers);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }
}
