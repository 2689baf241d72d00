package io.keelson.apiserver.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** However large events and batches are, and whichever fail: every event is stored once, or counted as lost once. */
class BatchingSinkProperties {
    @Property(tries = 60)
    void everyEventIsStoredOrCounted(
            @ForAll @Size(max = 80) List<@IntRange(min = 0, max = 5_000) Integer> sizes,
            @ForAll @IntRange(min = 1, max = 40) int bufferSize,
            @ForAll @IntRange(min = 1, max = 50) int sizeMax,
            @ForAll @IntRange(min = 1, max = 4) int atOnce,
            @ForAll @IntRange(min = 3_000, max = 100_000) int bytesMax,
            @ForAll Set<@IntRange(min = 0, max = 79) Integer> failing)
            throws Exception {
        AuditCounts counts = new AuditCounts();
        Complaints complaints = new Complaints();
        List<String> stored = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch begin = new CountDownLatch(sizes.size() % 2);
        Backend backend = new Backend() {
            @Override
            public void store(List<AuditEvent> events) throws IOException, InterruptedException {
                begin.await();
                if (failing.contains(Integer.valueOf(events.getFirst().auditId()))) {
                    throw new IOException("broken");
                }
                events.forEach(event -> stored.add(event.auditId()));
                assertTrue(events.size() <= sizeMax);
            }

            @Override
            public String name() {
                return "webhook";
            }

            @Override
            public void close() {}
        };
        BatchingSink sink = new BatchingSink(
                backend,
                new Truncation(new AuditSettings.Truncate(false, 10, 10), "webhook", counts, complaints),
                new AuditSettings.Batch(bufferSize, sizeMax, Duration.ofMillis(1), false, 0, 0),
                atOnce,
                bytesMax,
                counts,
                complaints);
        for (int i = 0; i < sizes.size(); i++) {
            assertTrue(sink.take(Events.of(Integer.toString(i), sizes.get(i))), "nobody waits, whatever becomes of it");
        }
        begin.countDown();
        sink.close();
        assertEquals(sizes.size(), stored.size() + counts.dropped() + counts.errors());
        assertEquals(stored.size(), Set.copyOf(stored).size());
    }
}
