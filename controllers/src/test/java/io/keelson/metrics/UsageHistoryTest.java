package io.keelson.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.runtime.Key;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UsageHistoryTest {
    private static final Instant TEN = Instant.parse("2026-11-30T10:00:00Z");
    private static final Key POD = new Key("ns", "web");
    private static final double HALF_SECOND = 0.5;

    private final UsageHistory history = new UsageHistory(Duration.ofSeconds(15));

    private static KubeletSample sample(String text) {
        return KubeletSample.parse(text.getBytes(StandardCharsets.UTF_8), TEN);
    }

    /** What a kubelet says of one container, some seconds after ten o'clock. */
    private static String container(String name, int seconds, double cpu, int started) {
        String labels = "{container=\"" + name + "\",namespace=\"ns\",pod=\"web\"} ";
        long millis = TEN.plusSeconds(seconds).toEpochMilli();
        return """
                container_cpu_usage_seconds_total%1$s%2$s %4$d
                container_memory_working_set_bytes%1$s4096 %4$d
                container_start_time_seconds%1$s%3$d
                """.formatted(labels, cpu, TEN.plusSeconds(started).getEpochSecond(), millis);
    }

    private void say(String text) {
        history.store(Map.of("node", sample(text)));
    }

    private @Nullable Usage web() {
        SortedMap<String, Usage> pod = history.measured().pods().get(POD);
        return pod == null ? null : pod.get("c");
    }

    private long nanocores() {
        Usage usage = web();
        return usage == null ? 0 : usage.cpuNanocores();
    }

    @Test
    void containerOfTheExampleIsMeasuredAsTold() {
        say(container("c", 12, 3, 0));
        assertEquals(new Usage(TEN.plusSeconds(12), Duration.ofSeconds(12), 250_000_000, 4096), web());
        say(container("c", 27, 4.5, 0));
        assertEquals(new Usage(TEN.plusSeconds(27), Duration.ofSeconds(15), 100_000_000, 4096), web());
        history.store(Map.of());
        assertNull(web());
        say(container("c", 57, 9, 0));
        assertEquals(new Usage(TEN.plusSeconds(57), Duration.ofSeconds(30), 150_000_000, 4096), web());
        say(container("c", 72, 9, 60));
        assertEquals(750_000_000, nanocores(), "it counts from its start");
        say(container("c", 87, 9.1, 86));
        assertNull(web());
        say(container("c", 102, 12.1, 86));
        assertEquals(200_000_000, nanocores());
    }

    @Test
    void kubeletThatHasNotLookedSinceSaysTheSameAgain() {
        say(container("c", 20, 2, -100));
        assertNull(web());
        say(container("c", 35, 5, -100));
        Usage before = web();
        assertEquals(200_000_000, before == null ? 0 : before.cpuNanocores());
        say(container("c", 35, 5, -100));
        assertEquals(before, web());
        say(container("c", 30, 6, -100));
        assertNull(web(), "a clock that was set back");
        say(container("c", 40, 7, -100));
        assertEquals(100_000_000, nanocores());
    }

    @Test
    void podOfWhichNotAllIsKnownIsLeftOut() {
        say(container("c", 20, 2, -100) + container("d", 20, 2, -100));
        say(container("c", 35, 5, -100) + container("d", 35, 5, -100) + container("late", 35, 1, 33));
        assertNull(web());
        String noMemory = container("e", 50, 1, -100).replace("4096", "0");
        say(container("c", 50, 5.1, -100) + noMemory);
        assertFalse(history.measured().pods().containsKey(POD));
    }

    @Test
    void nodesAreMeasuredAndForgotten() {
        for (int i = 0; i < 2; i++) {
            say("""
                    node_cpu_usage_seconds_total %f %d
                    node_memory_working_set_bytes 1048576 %2$d
                    """.formatted(100 + 30.0 * i, TEN.plusSeconds(15L * i).toEpochMilli()));
        }
        assertEquals(
                new Usage(TEN.plusSeconds(15), Duration.ofSeconds(15), 2_000_000_000, 1 << 20),
                history.measured().nodes().get("node"));
        for (int i = 0; i < 12; i++) {
            history.store(Map.of());
            assertEquals(Map.of(), history.measured().nodes());
        }
        say("node_cpu_usage_seconds_total 1e3\nnode_memory_working_set_bytes 1\n");
        assertEquals(Map.of(), history.measured().nodes(), "it was forgotten");
    }

    @Test
    void usageIsThatOfTheLastTwoPointsWhateverCameBefore() {
        Random random = new Random(5);
        Map<String, Double> used = new HashMap<>();
        Map<String, Integer> last = new HashMap<>();
        Map<String, Double> atLast = new HashMap<>();
        for (int round = 1; round < 300; round++) {
            StringBuilder text = new StringBuilder();
            Map<String, Long> expected = new HashMap<>();
            int second = round * 15 + random.nextInt(10);
            for (String name : new String[] {"a", "b"}) {
                double now = used.merge(name, HALF_SECOND + random.nextInt(20), Double::sum);
                text.append(container(name, second, now, -100));
                if (last.containsKey(name)) {
                    expected.put(
                            name,
                            Math.round((now - atLast.getOrDefault(name, 0.0))
                                    * 1e9
                                    / (second - last.getOrDefault(name, 0))));
                }
                last.put(name, second);
                atLast.put(name, now);
            }
            say(text.toString());
            SortedMap<String, Usage> found = history.measured().pods().get(POD);
            for (Map.Entry<String, Long> each : expected.entrySet()) {
                Usage usage = found == null ? null : found.get(each.getKey());
                long difference = usage == null ? Long.MAX_VALUE : usage.cpuNanocores() - each.getValue();
                assertTrue(Math.abs(difference) <= 2, "round " + round + ": " + usage + ", not " + each);
            }
        }
    }
}
