package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectAccess;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.Quantity;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what is used into the quotas. Many writes want the same quotas at the same time, and each change of a quota is a
 * round trip to the store that only one can win; so the claims of a namespace wait in a queue, and one thread settles all
 * that wait with one change of each quota. Claims are granted in the order of the queue, each wholly or not at all.
 *
 * <p>Example: A wants 2 of {@code pods}, B 3, C 1; 4 of 8 are used. One change makes it 7: A and C have what they want, B is
 * refused (4 + 2 + 3 is more than 8).
 */
final class QuotaLedger {
    private static final Logger log = LoggerFactory.getLogger(QuotaLedger.class);

    private static final String QUOTAS = "resourcequotas";
    private static final Duration WAIT_MAX = Duration.ofSeconds(10);
    private static final int BATCH_MAX = 256;

    private final ObjectAccess objects;

    /** Claims that wait, by namespace; there is a thread for each namespace in it. Guarded by itself. */
    private final Map<String, Queue<Waiting>> queues = new HashMap<>();

    QuotaLedger(ObjectAccess objects) {
        this.objects = objects;
    }

    /** What a claim got, by the names of the quotas. */
    record Grant(String namespace, Map<String, Map<String, Quantity>> amounts) {}

    /** A claim in the queue, with the quotas that may concern it. */
    private record Waiting(Claim claim, Collection<String> quotas, CompletableFuture<Grant> outcome) {}

    /**
     * Takes what a write needs.
     *
     * @throws ApiException if it cannot have it; it has got nothing then
     */
    Grant take(String namespace, Claim claim, Collection<String> quotas) throws InterruptedException {
        Waiting waiting = new Waiting(claim, quotas, new CompletableFuture<>());
        synchronized (queues) {
            Queue<Waiting> queue = queues.get(namespace);
            if (queue == null) {
                queue = new ArrayDeque<>();
                queues.put(namespace, queue);
                var _ = Thread.ofVirtual().name("quota " + namespace).start(() -> settleAll(namespace));
            }
            queue.add(waiting);
        }
        try {
            return waiting.outcome().get(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ApiException refusal) {
                throw refusal;
            }
            throw ApiException.internal("resource quota evaluation failed", e.getCause());
        } catch (TimeoutException e) {
            abandon(waiting);
            throw ApiException.internal("resource quota evaluation timed out", e);
        } catch (InterruptedException e) {
            abandon(waiting);
            throw e;
        }
    }

    /** Nobody waits any more: what it gets from now on is given back by the one who settles; what it just got, here. */
    private void abandon(Waiting waiting) {
        if (!waiting.outcome().cancel(false)) {
            var _ = waiting.outcome().thenAccept(this::giveBack);
        }
    }

    private void settleAll(String namespace) {
        while (true) {
            List<Waiting> batch = new ArrayList<>();
            synchronized (queues) {
                Queue<Waiting> queue = queues.get(namespace);
                while (queue != null && batch.size() < BATCH_MAX && !queue.isEmpty()) {
                    batch.add(queue.remove());
                }
                if (batch.isEmpty()) {
                    queues.remove(namespace);
                    return;
                }
            }
            try {
                new Settling(namespace, batch).run();
            } catch (InterruptedException | RuntimeException | Error e) {
                // This thread goes on in any case: while it is among the queues, nobody starts another one.
                batch.forEach(waiting -> waiting.outcome().completeExceptionally(e));
            }
        }
    }

    /** Settles the claims of a batch. */
    private final class Settling {
        private final String namespace;
        private final List<Waiting> batch;
        private final Map<Waiting, ApiException> refused = new HashMap<>();
        private final Map<Waiting, Map<String, Map<String, Quantity>>> granted = new LinkedHashMap<>();

        Settling(String namespace, List<Waiting> batch) {
            this.namespace = namespace;
            this.batch = batch;
        }

        void run() throws InterruptedException {
            Set<String> names = new TreeSet<>();
            batch.forEach(waiting -> names.addAll(waiting.quotas()));
            if (names.size() > 1) {
                refuseHopeless(names);
            }
            for (String name : names) {
                take(name);
            }
            for (Waiting waiting : batch) {
                Grant grant = new Grant(namespace, granted.getOrDefault(waiting, Map.of()));
                ApiException refusal = refused.get(waiting);
                boolean delivered = refusal != null
                        ? waiting.outcome().completeExceptionally(refusal)
                        : waiting.outcome().complete(grant);
                if (refusal != null || !delivered) {
                    giveBack(grant);
                }
            }
        }

        private List<Waiting> open() {
            return batch.stream()
                    .filter(waiting -> !refused.containsKey(waiting))
                    .toList();
        }

        /** So that a claim which one quota refuses does not take from another what the next one could have had. */
        private void refuseHopeless(Set<String> names) throws InterruptedException {
            Map<ObjectNode, Map<String, Quantity>> used = new LinkedHashMap<>();
            for (String name : names) {
                try {
                    ObjectNode quota = objects.now("", QUOTAS, namespace, name);
                    if (quota != null) {
                        used.put(quota, Claim.used(quota));
                    }
                } catch (ApiException e) {
                    refuseThoseOf(name, e);
                }
            }
            for (Waiting waiting : open()) {
                try {
                    Map<ObjectNode, Map<String, Quantity>> after = new LinkedHashMap<>(used);
                    after.replaceAll((quota, amounts) -> waiting.claim()
                            .granted(quota, amounts, waiting.claim().needs(quota)));
                    used.putAll(after);
                } catch (ApiException e) {
                    refused.put(waiting, e);
                }
            }
        }

        private void take(String name) throws InterruptedException {
            List<Waiting> open = open();
            Change change = new Change(open);
            try {
                if (objects.adjust("", QUOTAS, namespace, name, change::apply) != null) {
                    refused.putAll(change.refused);
                    change.granted.forEach(
                            (waiting, amounts) -> granted.computeIfAbsent(waiting, _ -> new LinkedHashMap<>())
                                    .put(name, amounts));
                }
            } catch (ApiException e) {
                // Should it have been written all the same, too much is counted as used until it is counted anew.
                refuseThoseOf(name, e);
            }
        }

        /** Those that this quota has nothing to do with go on. */
        private void refuseThoseOf(String name, ApiException failure) {
            for (Waiting waiting : open()) {
                if (waiting.quotas().contains(name)) {
                    refused.put(waiting, failure);
                }
            }
        }
    }

    /** A change of one quota, which may have to be tried several times. */
    private static final class Change {
        private final List<Waiting> open;
        private final Map<Waiting, Map<String, Quantity>> granted = new LinkedHashMap<>();
        private final Map<Waiting, ApiException> refused = new HashMap<>();

        Change(List<Waiting> open) {
            this.open = open;
        }

        ObjectNode apply(ObjectNode quota) {
            granted.clear();
            refused.clear();
            Map<String, Quantity> used = Claim.used(quota);
            Set<String> changed = new TreeSet<>();
            for (Waiting waiting : open) {
                try {
                    Map<String, Quantity> needed = waiting.claim().needs(quota);
                    if (!needed.isEmpty()) {
                        used = waiting.claim().granted(quota, used, needed);
                        granted.put(waiting, needed);
                        changed.addAll(needed.keySet());
                    }
                } catch (ApiException e) {
                    refused.put(waiting, e);
                }
            }
            write(quota, used, changed);
            return quota;
        }
    }

    private static void write(ObjectNode quota, Map<String, Quantity> used, Set<String> changed) {
        used.forEach((name, amount) -> {
            if (changed.contains(name)) {
                Fill.object(Fill.object(quota, "status"), "used").put(name, amount.toString());
            }
        });
    }

    /**
     * Takes away from what is used what somebody got and did not need. On a thread of its own, since whoever does not need it
     * any more may have been told to stop; returns when it is done, or when told to.
     */
    void giveBack(Grant grant) {
        if (grant.amounts().isEmpty()) {
            return;
        }
        Thread thread = Thread.ofVirtual().name("quota " + grant.namespace()).start(() -> takeAway(grant));
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void takeAway(Grant grant) {
        grant.amounts().forEach((name, amounts) -> {
            try {
                var _ = objects.adjust("", QUOTAS, grant.namespace(), name, quota -> less(quota, amounts));
            } catch (ApiException e) {
                log.info(
                        "what was not needed of quota {}/{} stays used until it is counted anew: {}",
                        grant.namespace(),
                        name,
                        e.message());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static ObjectNode less(ObjectNode quota, Map<String, Quantity> amounts) {
        Map<String, Quantity> used = Claim.used(quota);
        Map<String, Quantity> left = new HashMap<>();
        amounts.forEach((name, amount) -> {
            Quantity present = used.get(name);
            if (present != null) {
                // It may have been counted anew meanwhile.
                left.put(name, present.compareTo(amount) > 0 ? present.subtract(amount) : Amounts.count(0));
            }
        });
        write(quota, left, left.keySet());
        return quota;
    }
}
