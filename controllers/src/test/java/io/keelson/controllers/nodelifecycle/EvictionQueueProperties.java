package io.keelson.controllers.nodelifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class EvictionQueueProperties {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Property(tries = 300)
    void nodesComeOutAtTheRateAndOnceEach(
            @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 39) Integer> steps,
            @ForAll @IntRange(min = 1, max = 40) int tenthsPerSecond) {
        EvictionQueue queue = new EvictionQueue(tenthsPerSecond / 10.0);
        Set<String> given = new HashSet<>();
        Instant now = START;
        int out = 0;
        for (int step : steps) {
            String node = "n" + step % 10;
            if (step < 20) {
                queue.add(node, false);
            } else if (step < 25) {
                queue.remove(node);
                given.remove(node);
            } else {
                now = now.plusMillis(step * 10L);
                for (String next = queue.poll(now); next != null; next = queue.poll(now)) {
                    assertTrue(given.add(next), "given out twice");
                    out++;
                }
            }
            double seconds = (now.toEpochMilli() - START.toEpochMilli()) / 1000.0;
            assertTrue(out <= 1 + seconds * tenthsPerSecond / 10 + 1e-6, "too many");
        }
    }

    @Example
    void firstComeFirstOut() {
        EvictionQueue queue = new EvictionQueue(0.1);
        queue.add("a", false);
        queue.add("b", false);
        queue.add("a", true);
        assertEquals("a", queue.poll(START));
        assertNull(queue.poll(START.plusSeconds(9)));
        queue.giveBack("a");
        assertEquals("b", queue.poll(START.plusSeconds(10)));
        assertEquals("a", queue.poll(START.plusSeconds(20)));
        queue.add("a", false);
        assertNull(queue.poll(START.plusSeconds(100)));
        queue.add("a", true);
        assertEquals("a", queue.poll(START.plusSeconds(100)));
    }

    @Example
    void aRateOfZeroStopsAndANewRateCountsFromTheChange() {
        EvictionQueue queue = new EvictionQueue(0.1);
        queue.add("a", false);
        queue.add("b", false);
        assertEquals("a", queue.poll(START));
        queue.rate(0, START);
        assertNull(queue.poll(START.plusSeconds(1000)));
        queue.rate(0.01, START.plusSeconds(5));
        assertNull(queue.poll(START.plusSeconds(104)));
        assertEquals("b", queue.poll(START.plusSeconds(105)));
    }
}
