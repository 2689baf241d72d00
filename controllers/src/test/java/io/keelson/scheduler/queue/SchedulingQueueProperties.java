package io.keelson.scheduler.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import io.keelson.scheduler.queue.SchedulingQueue.Counts;
import io.keelson.scheduler.queue.SchedulingQueue.Rejecting;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** Whatever happens to it, the queue does as a plain list would that is searched anew each time. */
class SchedulingQueueProperties {
    private static final Kind[] KINDS = {Kind.NODE_ADDED, Kind.POD_LEFT, Kind.NODE_LABELS};
    private static final String[] FILTERS = {"Room", "Labels", "Both"};

    private final ResourceTable table = new ResourceTable();

    private static boolean helps(String filter, Kind kind) {
        return switch (filter) {
            case "Room" -> kind == Kind.POD_LEFT || kind == Kind.NODE_ADDED;
            case "Labels" -> kind == Kind.NODE_LABELS || kind == Kind.NODE_ADDED;
            default -> true;
        };
    }

    /** A pod as the plain list has it. */
    private static final class Entry {
        private final String uid;
        private int priority;
        private boolean gated;
        private boolean inFlight;
        private boolean waits;
        private boolean failed;
        private boolean backsOff;
        private Set<String> rejectedBy = Set.of();
        private int rejections;
        private int failures;
        private Instant since;
        private Instant until;
        private final int number;
        private @Nullable QueuedPod taken;

        private Entry(String uid, int number, Instant now) {
            this.uid = uid;
            this.number = number;
            since = now;
            until = now;
        }

        private boolean is(boolean active, Instant now) {
            boolean queued = !gated && !inFlight && !waits;
            return queued && active == (!(failed || backsOff) || !until.isAfter(now));
        }
    }

    private static final class PlainList {
        private final List<Entry> entries = new ArrayList<>();

        private @Nullable Entry take(Instant now) {
            for (Entry each : entries) {
                boolean tooLong = each.waits && !each.since.plusSeconds(300).isAfter(now);
                boolean backoffEnded = (each.failed || each.backsOff) && !each.until.isAfter(now);
                if (tooLong || backoffEnded) {
                    each.waits = false;
                    each.failed = false;
                    each.backsOff = false;
                }
            }
            Comparator<Entry> order = Comparator.comparingInt((Entry each) -> -each.priority)
                    .thenComparing(each -> each.since)
                    .thenComparingInt(each -> each.number);
            Entry next = first(order, each -> each.is(true, now));
            if (next == null) {
                Comparator<Entry> byBackoff = Comparator.comparing(each -> each.until);
                next = first(byBackoff.thenComparing(order), each -> each.backsOff && each.is(false, now));
            }
            if (next != null) {
                next.inFlight = true;
                next.rejectedBy = Set.of();
                next.backsOff = false;
            }
            return next;
        }

        private @Nullable Entry first(Comparator<Entry> order, Predicate<Entry> which) {
            return entries.stream().filter(which).min(order).orElse(null);
        }

        private Map<Rejecting, Integer> rejected() {
            Map<Rejecting, Integer> rejected = new HashMap<>();
            entries.stream()
                    .filter(each -> !each.inFlight)
                    .forEach(each -> each.rejectedBy.forEach(
                            filter -> rejected.merge(new Rejecting(filter, ""), 1, Integer::sum)));
            return rejected;
        }

        private Counts counts() {
            int active = 0;
            int backoff = 0;
            int waiting = 0;
            int gated = 0;
            for (Entry each : entries) {
                if (each.inFlight) {
                    continue;
                }
                gated += each.gated ? 1 : 0;
                waiting += !each.gated && each.waits ? 1 : 0;
                boolean late = each.failed || each.backsOff;
                backoff += !each.gated && !each.waits && late ? 1 : 0;
                active += !each.gated && !each.waits && !late ? 1 : 0;
            }
            return new Counts(active, backoff, waiting, gated);
        }
    }

    private PodInfo pod(String uid, int priority, boolean gated) {
        return PodInfo.of(
                new PodBuilder()
                        .withNewMetadata()
                        .withName(uid)
                        .withNamespace("default")
                        .withUid(uid)
                        .endMetadata()
                        .withNewSpec()
                        .withPriority(priority)
                        .withSchedulingGates(gated ? List.of(new PodSchedulingGate("gate")) : List.of())
                        .endSpec()
                        .build(),
                table);
    }

    @Property(tries = 300)
    void itDoesAsAPlainListDoes(@ForAll long seed) {
        Random random = new Random(seed);
        SchedulingQueue queue = new SchedulingQueue(new Hints() {
            @Override
            public boolean concerns(String filter, Kind kind) {
                return helps(filter, kind);
            }

            @Override
            public boolean mayHelp(String filter, PodInfo waiting, ClusterEvent event) {
                return waiting.priority() != 2;
            }
        });
        PlainList plain = new PlainList();
        Map<String, Entry> byUid = new HashMap<>();
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        int number = 0;
        for (int step = 0; step < 200; step++) {
            now = now.plusMillis(random.nextInt(20) == 0 ? random.nextInt(200_000) : random.nextInt(700));
            String uid = "pod-" + random.nextInt(8);
            Entry known = byUid.get(uid);
            switch (random.nextInt(7)) {
                case 0, 1 -> {
                    int priority = random.nextInt(3);
                    boolean gated = random.nextInt(4) == 0;
                    queue.put(pod(uid, priority, gated), now);
                    if (known == null) {
                        known = new Entry(uid, number++, now);
                        byUid.put(uid, known);
                        plain.entries.add(known);
                        known.priority = priority;
                        known.gated = gated;
                    } else {
                        put(known, priority, gated, now);
                    }
                }
                case 2 -> {
                    queue.remove(uid);
                    if (known != null) {
                        byUid.remove(uid);
                        plain.entries.remove(known);
                    }
                }
                case 3, 4 -> {
                    QueuedPod taken = queue.take(now);
                    Entry expected = plain.take(now);
                    if (expected == null) {
                        assertNull(taken);
                    } else {
                        assertNotNull(taken);
                        assertEquals(expected.uid, taken.pod().uid());
                        expected.taken = taken;
                        if (random.nextBoolean()) {
                            Set<String> filters = random.nextInt(4) == 0
                                    ? Set.of("Room", "Labels")
                                    : random.nextInt(4) == 0 ? Set.of() : Set.of(FILTERS[random.nextInt(3)]);
                            queue.reject(taken, filters, now);
                            expected.inFlight = false;
                            expected.waits = true;
                            expected.rejectedBy = filters;
                            expected.rejections++;
                            expected.failures = 0;
                            expected.since = now;
                            expected.until = now.plusSeconds(Math.min(10, 1L << Math.min(4, expected.rejections - 1)));
                        }
                    }
                }
                case 5 -> {
                    if (known != null && known.inFlight && known.taken != null) {
                        queue.fail(known.taken, now);
                        known.inFlight = false;
                        known.failed = !known.gated;
                        known.failures++;
                        known.since = now;
                        known.until = now.plusSeconds(Math.min(10, 1L << Math.min(4, known.failures - 1)));
                    }
                }
                default -> {
                    Kind kind = KINDS[random.nextInt(KINDS.length)];
                    queue.happened(new ClusterEvent(kind, null, null, null), now);
                    for (Entry each : plain.entries) {
                        boolean helped = each.rejectedBy.isEmpty()
                                ? kind == Kind.NODE_ADDED
                                : each.priority != 2 && each.rejectedBy.stream().anyMatch(f -> helps(f, kind));
                        if (each.waits && !each.inFlight && !each.gated && helped) {
                            each.waits = false;
                            each.backsOff = each.until.isAfter(now);
                        }
                    }
                }
            }
            assertEquals(plain.counts(), queue.counts(), "after step " + step);
            assertEquals(plain.rejected(), queue.rejected(), "after step " + step);
        }
    }

    private static void put(Entry known, int priority, boolean gated, Instant now) {
        boolean changed = known.priority != priority || known.gated != gated;
        if (known.inFlight) {
            known.priority = priority;
            known.gated = gated;
            return;
        }
        if (gated || known.gated) {
            known.waits = false;
            known.failed = false;
            known.backsOff = false;
        } else if (known.waits && changed) {
            known.waits = false;
            known.backsOff = known.until.isAfter(now);
        }
        known.priority = priority;
        known.gated = gated;
    }
}
