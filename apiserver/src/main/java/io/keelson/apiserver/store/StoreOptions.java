package io.keelson.apiserver.store;

import java.time.Duration;

/**
 * How a store is talked to.
 *
 * @param requestTimeout for which a request waits for its answer
 * @param retryPatience for which a request that certainly changed nothing is tried again while the store cannot be
 *     reached or has no leader; at most {@code requestTimeout} counts
 * @param leaseReuse for how long at most a lease is shared: the lifetime of a key is longer by up to this
 * @param leaseKeysMax how many keys share a lease at most
 * @param watchBufferBytes how much of a watch may wait for its consumer before the store is asked to pause
 */
public record StoreOptions(
        Duration requestTimeout,
        Duration retryPatience,
        Duration leaseReuse,
        int leaseKeysMax,
        long watchBufferBytes,
        Transformer transformer,
        StoreRequests requests) {
    /** Those of a kube-apiserver. */
    public static final StoreOptions DEFAULT = new StoreOptions(
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            1000,
            16L << 20,
            Transformer.IDENTITY,
            StoreRequests.UNOBSERVED);

    public StoreOptions withTransformer(Transformer other) {
        return new StoreOptions(
                requestTimeout, retryPatience, leaseReuse, leaseKeysMax, watchBufferBytes, other, requests);
    }

    public StoreOptions withRequests(StoreRequests other) {
        return new StoreOptions(
                requestTimeout, retryPatience, leaseReuse, leaseKeysMax, watchBufferBytes, transformer, other);
    }

    public StoreOptions withTimeouts(Duration request, Duration patience) {
        return new StoreOptions(request, patience, leaseReuse, leaseKeysMax, watchBufferBytes, transformer, requests);
    }

    public StoreOptions withLeaseReuse(Duration longest) {
        return new StoreOptions(
                requestTimeout, retryPatience, longest, leaseKeysMax, watchBufferBytes, transformer, requests);
    }

    public StoreOptions withWatchBufferBytes(long bytes) {
        return new StoreOptions(requestTimeout, retryPatience, leaseReuse, leaseKeysMax, bytes, transformer, requests);
    }
}
