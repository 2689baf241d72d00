package io.keelson.kvstore.bolt;

import java.nio.charset.StandardCharsets;

/** The buckets that etcd 3.5 and 3.6 keep, in the order of their names. */
public enum EtcdBucket {
    /** {@code AlarmMember} in protobuf → nothing. */
    ALARM("alarm"),
    /** {@code authEnabled} → a byte, 0 or 1; {@code authRevision} → 8 bytes, big-endian. */
    AUTH("auth"),
    /** Name → {@code authpb.Role}. */
    AUTH_ROLES("authRoles"),
    /** Name → {@code authpb.User}. */
    AUTH_USERS("authUsers"),
    /** {@code clusterVersion} → text; {@code downgrade} → JSON. */
    CLUSTER("cluster"),
    /** {@link RevisionKey} → {@code mvccpb.KeyValue}. */
    KEY("key"),
    /** Lease id, 8 bytes, big-endian → {@link EtcdLease}. */
    LEASE("lease"),
    /** Member id, hexadecimal text → {@link EtcdMember}. */
    MEMBERS("members"),
    /** Member id, hexadecimal text → {@code removed}. */
    MEMBERS_REMOVED("members_removed"),
    /** Single values by name, see {@link EtcdMeta}. */
    META("meta");

    private final String text;

    EtcdBucket(String text) {
        this.text = text;
    }

    /** The bucket's name as text. */
    public String text() {
        return text;
    }

    /** The bucket's name as it stands in the file. */
    byte[] bytes() {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
