package io.keelson.kvstore.storage;

/** The tables of the store; each is a RocksDB column family. Integers in keys are big-endian, so that bytes sort as numbers do. */
public enum Table {
    /** Applied index and term, current and compacted revision, cluster version, and other single values, by name. */
    META("meta"),
    /** The newest version of each key that exists: user key → record. */
    CURRENT("current"),
    /** Superseded versions and deletions that are still readable: escaped user key, revision → record or tombstone. */
    HISTORY("history"),
    /** Every version and deletion that is kept, in the order of revisions: main (8 bytes), sub (4 bytes) → event entry. */
    REVISION("revision"),
    /** Lease id (8 bytes) → lease. */
    LEASE("lease"),
    /** Lease id (8 bytes), user key → nothing: what is attached to a lease. */
    LEASE_KEY("leasekey"),
    /** Users, roles and the state of authentication. */
    AUTH("auth"),
    /** Members, removed members, alarms. */
    MEMBER("member");

    private final String columnFamily;

    Table(String columnFamily) {
        this.columnFamily = columnFamily;
    }

    /** The name of the column family. */
    public String columnFamily() {
        return columnFamily;
    }
}
