package io.keelson.apiserver.store;

/**
 * Is told of every request to the store, for the metrics {@code etcd_request_duration_seconds}, {@code
 * etcd_requests_total} and {@code etcd_request_errors_total}. Called by many threads; must be quick.
 */
@FunctionalInterface
public interface StoreRequests {
    /** Takes no notice. */
    StoreRequests UNOBSERVED = (operation, key, nanos, failed) -> {};

    /** What is asked of the store. */
    enum Operation {
        GET("get"),
        LIST("list"),
        COUNT("count"),
        CREATE("create"),
        UPDATE("update"),
        DELETE("delete"),
        REVISION("revision"),
        LEASE("grantLease"),
        COMPACT("compact");

        private final String label;

        Operation(String label) {
            this.label = label;
        }

        /** The label {@code operation}. */
        public String label() {
            return label;
        }
    }

    /**
     * A request was answered, or has failed for good.
     *
     * @param key of the object, or the prefix of the keys, that it was about
     * @param nanos how long it took, with all its attempts
     */
    void completed(Operation operation, String key, long nanos, boolean failed);
}
