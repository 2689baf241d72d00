package io.keelson.kvstore.lease;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class DeadlineIndexTest {
    /** One step: a lease is put, or removed if the deadline is 0. */
    record Step(long id, long deadlineMs) {}

    @Property(tries = 500)
    void agreesWithAMap(
            @ForAll long seed,
            @ForAll @Size(max = 300) List<@LongRange(min = 0, max = 40) Long> ids,
            @ForAll @IntRange(min = 1, max = 50) int deadlines) {
        DeadlineIndex index = new DeadlineIndex(seed);
        Map<Long, LeaseRecord> model = new HashMap<>();
        Random random = new Random(seed);
        for (long id : ids) {
            Step step = new Step(id, random.nextInt(deadlines + 1));
            if (step.deadlineMs == 0) {
                index.remove(step.id);
                model.remove(step.id);
            } else {
                LeaseRecord lease = new LeaseRecord(random.nextInt(9), step.deadlineMs);
                index.put(step.id, lease);
                model.put(step.id, lease);
            }
            assertEquals(model.size(), index.size());
            for (long known = 0; known <= 40; known++) {
                assertEquals(model.get(known), index.get(known));
            }
            long now = random.nextInt(deadlines + 1);
            long[] expected = model.entrySet().stream()
                    .filter(entry -> entry.getValue().expired(now))
                    .mapToLong(Map.Entry::getKey)
                    .sorted()
                    .toArray();
            long[] found = index.expired(now, Integer.MAX_VALUE);
            Arrays.sort(found);
            assertArrayEquals(expected, found);
            assertEquals(Math.min(3, expected.length), index.expired(now, 3).length);
        }
    }

    @Test
    void aHundredThousandLeasesAreRenewedAndExpiredInATrice() {
        DeadlineIndex index = new DeadlineIndex(1);
        int count = 100_000;
        long start = System.nanoTime();
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < count; i++) {
                index.put(i * 31L, new LeaseRecord(60, 1000L * round + i % 977));
            }
        }
        int expired = 0;
        while (true) {
            long[] due = index.expired(Long.MAX_VALUE, 500);
            if (due.length == 0) {
                break;
            }
            for (long id : due) {
                index.remove(id);
            }
            expired += due.length;
        }
        assertEquals(count, expired);
        assertEquals(0, index.size());
        // Takes some 100 ms; the bound only catches a slip into quadratic behaviour.
        assertTrue(System.nanoTime() - start < 10_000_000_000L);
    }
}
