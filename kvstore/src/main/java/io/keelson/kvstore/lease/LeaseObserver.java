package io.keelson.kvstore.lease;

/** Hears of leases that come and expire. Called by the apply thread of every member: adds up and returns. */
public interface LeaseObserver {
    /** Nobody listens. */
    LeaseObserver NONE = new LeaseObserver() {
        @Override
        public void granted(long ttlSeconds) {}

        @Override
        public void expired() {}
    };

    void granted(long ttlSeconds);

    /** A lease was found expired, and revoked. */
    void expired();
}
