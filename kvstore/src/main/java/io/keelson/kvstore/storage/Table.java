package io.keelson.kvstore.storage;

/** The tables of the store; each is a RocksDB column family. Integers in keys are big-endian, so that bytes sort as numbers do. */
public enum Table {
    /** Applied index and term, current and compacted revision, cluster version, and other single values, by name. */
    META(0, "meta"),
    /** The newest version of each key that exists: user key → record. */
    CURRENT(1, "current"),
    /** Superseded versions and deletions that are still readable: escaped user key, revision → record or tombstone. */
    HISTORY(2, "history"),
    /** Every version and deletion that is kept, in the order of revisions: main (8 bytes), sub (4 bytes) → event entry. */
    REVISION(3, "revision"),
    /** Lease id (8 bytes) → lease. */
    LEASE(4, "lease"),
    /** Lease id (8 bytes), user key → nothing: what is attached to a lease. */
    LEASE_KEY(5, "leasekey"),
    /** Users, roles and the state of authentication. */
    AUTH(6, "auth"),
    /** Members, removed members, alarms. */
    MEMBER(7, "member");

    /** How many tables there are. */
    static final int COUNT = values().length;

    private final int slot;
    private final String columnFamily;

    Table(int slot, String columnFamily) {
        this.slot = slot;
        this.columnFamily = columnFamily;
    }

    /** A number from 0 to {@link #COUNT} - 1, for arrays with a place per table. */
    int slot() {
        return slot;
    }

    /** The name of the column family. */
    public String columnFamily() {
        return columnFamily;
    }
}
