package io.keelson.apiserver.server;

import io.keelson.apiserver.request.MediaType;
import java.time.Duration;
import java.util.List;

/**
 * How objects are put into the store.
 *
 * @param storedAs the form in which they are written: JSON, or protobuf for kinds that have such a form
 * @param leaseReuse for how long at most a lease of the store is given to more objects that are to go by themselves, which
 *     live longer by up to this
 * @param overrides which resources are in other stores
 * @param deletionWorkers how many objects of a collection are deleted at a time; less than 1 counts as 1
 * @param compactionInterval how often history is dropped that is older than this; zero for never
 * @param looks how the store itself is looked at
 */
public record StorageSettings(
        MediaType storedAs,
        Duration leaseReuse,
        List<StoreOverride> overrides,
        int deletionWorkers,
        Duration compactionInterval,
        Looks looks) {
    public static final StorageSettings DEFAULT = new StorageSettings(
            MediaType.JSON, Duration.ofMinutes(1), List.of(), 1, Duration.ofMinutes(5), Looks.DEFAULT);

    /**
     * How the store is looked at by who asks for the server's health and its metrics.
     *
     * @param health for how long at most its answer is waited for when somebody asks whether the server is well
     * @param readiness the same when somebody asks whether it is ready
     * @param objects whether it is told how many objects of which kind there are
     * @param size how old what is told of the store's size may be; zero for not telling it
     */
    public record Looks(Duration health, Duration readiness, boolean objects, Duration size) {
        public static final Looks DEFAULT =
                new Looks(Duration.ofSeconds(2), Duration.ofSeconds(2), true, Duration.ofSeconds(30));

        /** @throws IllegalArgumentException naming the flag that cannot be used */
        public Looks {
            requirePositive("--etcd-healthcheck-timeout", health);
            requirePositive("--etcd-readycheck-timeout", readiness);
            if (size.isNegative()) {
                throw new IllegalArgumentException("--etcd-db-metric-poll-interval can not be negative value");
            }
        }

        private static void requirePositive(String flag, Duration limit) {
            if (!limit.isPositive()) {
                throw new IllegalArgumentException(flag + " must be greater than zero: nothing answers in no time");
            }
        }
    }

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    public StorageSettings {
        overrides = List.copyOf(overrides);
        if (leaseReuse.isNegative()) {
            throw new IllegalArgumentException("--lease-reuse-duration-seconds can not be negative value");
        }
        if (compactionInterval.isNegative()) {
            throw new IllegalArgumentException("--etcd-compaction-interval can not be negative value");
        }
    }

    StorageSettings compactedEvery(Duration interval) {
        return new StorageSettings(storedAs, leaseReuse, overrides, deletionWorkers, interval, looks);
    }
}
