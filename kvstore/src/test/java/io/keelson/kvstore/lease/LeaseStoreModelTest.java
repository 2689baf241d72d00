package io.keelson.kvstore.lease;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The store against a plain model, over random histories on simulated cluster time. */
final class LeaseStoreModelTest {
    private static final int IDS = 8;
    private static final int KEYS = 12;

    private static final class ModelLease {
        final long ttlMs;
        long deadlineMs;

        ModelLease(long ttlMs, long deadlineMs) {
            this.ttlMs = ttlMs;
            this.deadlineMs = deadlineMs;
        }
    }

    private final Map<Long, ModelLease> leases = new HashMap<>();
    private final Map<String, Long> keys = new HashMap<>();
    private List<List<String>> deletions = new ArrayList<>();

    @Property(tries = 400)
    void agreesWithTheModelThroughRestartsAndChangesOfLeader(@ForAll long seed) {
        leases.clear();
        keys.clear();
        deletions = new ArrayList<>();
        Random random = new Random(seed);
        AppliedLog log = new AppliedLog();
        // Two members lead in turn; the other one's idea of the time may be behind, which must not matter.
        long[] ledUntilMs = {0, 0};
        int leader = 0;
        for (int step = 0; step < 150; step++) {
            long now = log.clusterTimeMs.get();
            long id = 1L + random.nextInt(IDS);
            switch (random.nextInt(12)) {
                case 0, 1 -> grant(log, id, 1L + random.nextInt(5), now);
                case 2 -> {
                    log.apply(LeaseCommands.revoke(id));
                    revoke(id);
                }
                case 3, 4 -> renew(log, now, id, 1L + random.nextInt(IDS), 99);
                case 5, 6 -> put(log, "key" + random.nextInt(KEYS), random.nextInt(4) == 0 ? 0 : id);
                case 7, 8 -> log.clusterTimeMs.addAndGet(random.nextInt(1500));
                case 9 -> log.restart();
                case 10 -> {
                    ledUntilMs[leader] = now;
                    leader = 1 - leader;
                }
                default -> {
                    // A leader that has just lost office may still look, at the time it knew last.
                    expire(log, log.store.expired(ledUntilMs[1 - leader], 3), now);
                    expire(log, log.store.expired(now, 3), now);
                }
            }
            compare(log);
        }
    }

    private void grant(AppliedLog log, long id, long ttlSeconds, long now) {
        log.apply(LeaseCommands.grant(id, ttlSeconds));
        leases.putIfAbsent(id, new ModelLease(ttlSeconds * 1000, now + ttlSeconds * 1000));
    }

    private void renew(AppliedLog log, long now, long... ids) {
        long[] answers = LeaseCommands.ttls(log.apply(LeaseCommands.renew(ids)));
        for (int i = 0; i < ids.length; i++) {
            ModelLease lease = leases.get(ids[i]);
            if (lease != null && lease.deadlineMs <= now) {
                revoke(ids[i]);
                lease = null;
            }
            if (lease != null) {
                lease.deadlineMs = now + lease.ttlMs;
            }
            assertEquals(lease == null ? 0 : lease.ttlMs / 1000, answers[i]);
        }
    }

    private void put(AppliedLog log, String key, long id) {
        long lease = leases.containsKey(id) ? id : 0;
        log.put(key, lease);
        keys.put(key, lease);
    }

    private void expire(AppliedLog log, long[] ids, long now) {
        log.apply(LeaseCommands.expire(ids));
        for (long id : ids) {
            ModelLease lease = leases.get(id);
            if (lease != null && lease.deadlineMs <= now) {
                revoke(id);
            }
        }
    }

    private void revoke(long id) {
        if (leases.remove(id) == null) {
            return;
        }
        TreeSet<String> gone = new TreeSet<>();
        keys.forEach((key, lease) -> {
            if (lease == id) {
                gone.add(key);
            }
        });
        keys.keySet().removeAll(gone);
        if (!gone.isEmpty()) {
            deletions.add(List.copyOf(gone));
        }
    }

    private void compare(AppliedLog log) {
        assertArrayEquals(
                leases.entrySet().stream()
                        .sorted(Comparator.<Map.Entry<Long, ModelLease>>comparingLong(
                                        entry -> entry.getValue().deadlineMs)
                                .thenComparingLong(Map.Entry::getKey))
                        .mapToLong(Map.Entry::getKey)
                        .toArray(),
                log.store.ids());
        leases.forEach((id, lease) ->
                assertEquals(new LeaseRecord(lease.ttlMs / 1000, lease.deadlineMs), log.store.lease(id)));
        assertEquals(keys, log.keys);
        assertEquals(deletions, log.deletions);
        for (long id = 1; id <= IDS; id++) {
            long lease = id;
            assertEquals(
                    keys.entrySet().stream()
                            .filter(entry -> entry.getValue() == lease)
                            .count(),
                    LeaseStore.attachedKeys(log.session, lease).size());
        }
    }
}
