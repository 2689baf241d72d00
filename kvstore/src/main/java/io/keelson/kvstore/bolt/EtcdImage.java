package io.keelson.kvstore.bolt;

import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.Role;
import io.keelson.kvstore.api.User;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The buckets of an etcd file to be written: versions and leases from sources that stream, the rest held in memory,
 * which is a few entries per user, role and member.
 */
public final class EtcdImage {
    private static final Comparator<byte[]> UNSIGNED = Arrays::compareUnsigned;

    private final Map<EtcdBucket, NavigableMap<byte[], byte[]>> small = new EnumMap<>(EtcdBucket.class);
    private final VersionSource versions;
    private final LeaseSource leases;

    /** Gives the same versions, in the order of revisions, each time it is asked. */
    public interface VersionSource {
        /** Goes through the versions. */
        void each(EtcdBackend.Versions versions) throws IOException;

        /** Goes through the versions' lengths; worth overriding where they can be had without the values. */
        default void eachLength(VersionLengths lengths) throws IOException {
            each((revision, keyValue) -> lengths.version(revision.tombstone(), keyValue.length));
        }
    }

    /** Receives the lengths of versions in the order of revisions. */
    @FunctionalInterface
    public interface VersionLengths {
        void version(boolean tombstone, int keyValueBytes) throws IOException;
    }

    /** Gives the same leases, in the order of ids, each time it is asked. */
    @FunctionalInterface
    public interface LeaseSource {
        void each(EtcdBackend.Leases leases) throws IOException;
    }

    public EtcdImage(VersionSource versions, LeaseSource leases) {
        this.versions = versions;
        this.leases = leases;
        for (EtcdBucket bucket : EtcdBucket.values()) {
            small.put(bucket, new TreeMap<>(UNSIGNED));
        }
    }

    public void meta(EtcdMeta meta) {
        put(EtcdBucket.META, EtcdBackend.CONSISTENT_INDEX, number(meta.consistentIndex()));
        put(EtcdBucket.META, EtcdBackend.TERM, number(meta.term()));
        if (meta.confState() != null) {
            put(EtcdBucket.META, EtcdBackend.CONF_STATE, bytes(meta.confState()));
        }
        if (meta.storageVersion() != null) {
            put(EtcdBucket.META, EtcdBackend.STORAGE_VERSION, bytes(meta.storageVersion()));
        }
        if (meta.scheduledCompactRevision() != 0) {
            put(EtcdBucket.META, EtcdBackend.SCHEDULED_COMPACT, revision(meta.scheduledCompactRevision()));
        }
        if (meta.finishedCompactRevision() != 0) {
            put(EtcdBucket.META, EtcdBackend.FINISHED_COMPACT, revision(meta.finishedCompactRevision()));
        }
    }

    public void auth(EtcdAuth auth) {
        put(EtcdBucket.AUTH, EtcdBackend.AUTH_ENABLED, new byte[] {(byte) (auth.enabled() ? 1 : 0)});
        put(EtcdBucket.AUTH, EtcdBackend.AUTH_REVISION, number(auth.revision()));
    }

    public void user(User user) {
        map(EtcdBucket.AUTH_USERS).put(user.getName().toByteArray(), user.toByteArray());
    }

    public void role(Role role) {
        map(EtcdBucket.AUTH_ROLES).put(role.getName().toByteArray(), role.toByteArray());
    }

    public void alarm(AlarmMember alarm) {
        map(EtcdBucket.ALARM).put(alarm.toByteArray(), new byte[0]);
    }

    public void member(EtcdMember member) {
        map(EtcdBucket.MEMBERS).put(EtcdMember.key(member.id()), member.encode());
    }

    public void removedMember(long id) {
        map(EtcdBucket.MEMBERS_REMOVED).put(EtcdMember.key(id), bytes("removed"));
    }

    public void clusterVersion(String version) {
        put(EtcdBucket.CLUSTER, EtcdBackend.CLUSTER_VERSION, bytes(version));
    }

    /** The state of a downgrade, as JSON. */
    public void downgrade(String json) {
        put(EtcdBucket.CLUSTER, EtcdBackend.DOWNGRADE, bytes(json));
    }

    /** All buckets of etcd, empty ones too, in the order of names. */
    public List<BoltSource> sources() {
        return Arrays.stream(EtcdBucket.values()).map(this::source).toList();
    }

    private BoltSource source(EtcdBucket bucket) {
        return switch (bucket) {
            case KEY -> new VersionBucket(versions);
            case LEASE -> new LeaseBucket(leases);
            default -> BoltSource.of(bucket.bytes(), map(bucket));
        };
    }

    private NavigableMap<byte[], byte[]> map(EtcdBucket bucket) {
        return small.computeIfAbsent(bucket, absent -> new TreeMap<>(UNSIGNED));
    }

    private void put(EtcdBucket bucket, String key, byte[] value) {
        map(bucket).put(bytes(key), value);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] number(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    private static byte[] revision(long main) {
        return new RevisionKey(main, 0, false).encode();
    }

    private record VersionBucket(VersionSource versions) implements BoltSource {
        @Override
        public byte[] name() {
            return EtcdBucket.KEY.bytes();
        }

        @Override
        public void lengths(Lengths lengths) throws IOException {
            versions.eachLength((tombstone, keyValueBytes) ->
                    lengths.entry(tombstone ? RevisionKey.BYTES + 1 : RevisionKey.BYTES, keyValueBytes));
        }

        @Override
        public void entries(Entries entries) throws IOException {
            versions.each((revision, keyValue) -> entries.entry(revision.encode(), keyValue));
        }
    }

    private record LeaseBucket(LeaseSource leases) implements BoltSource {
        @Override
        public byte[] name() {
            return EtcdBucket.LEASE.bytes();
        }

        @Override
        public void lengths(Lengths lengths) throws IOException {
            leases.each(lease -> lengths.entry(Long.BYTES, lease.encodedBytes()));
        }

        @Override
        public void entries(Entries entries) throws IOException {
            leases.each(lease -> entries.entry(EtcdLease.key(lease.id()), lease.encode()));
        }
    }
}
