package io.keelson.kvstore.bolt;

import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.Role;
import io.keelson.kvstore.api.User;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What etcd keeps in a file: a snapshot, or {@code member/snap/db} of a member that is not running. Buckets that are
 * missing are read as empty. Versions and leases are streamed; the rest is small and comes as a whole.
 *
 * <p>Every method throws {@link BoltFormatException} if the file is damaged, or holds what etcd does not write.
 */
public final class EtcdBackend implements AutoCloseable {
    static final String CONSISTENT_INDEX = "consistent_index";
    static final String TERM = "term";
    static final String CONF_STATE = "confState";
    static final String STORAGE_VERSION = "storageVersion";
    static final String SCHEDULED_COMPACT = "scheduledCompactRev";
    static final String FINISHED_COMPACT = "finishedCompactRev";
    static final String AUTH_ENABLED = "authEnabled";
    static final String AUTH_REVISION = "authRevision";
    static final String CLUSTER_VERSION = "clusterVersion";
    static final String DOWNGRADE = "downgrade";

    private final BoltReader reader;

    private EtcdBackend(BoltReader reader) {
        this.reader = reader;
    }

    /**
     * Opens a file without looking at its digest, for which there is {@link SnapshotDigest}.
     *
     * @throws BoltFormatException if it is not a bbolt file, or has not got the buckets that every etcd's has
     */
    public static EtcdBackend open(Path file) throws IOException {
        BoltReader reader = BoltReader.open(file);
        try {
            for (EtcdBucket bucket : List.of(EtcdBucket.KEY, EtcdBucket.META)) {
                if (reader.root().bucket(bucket.bytes()) == null) {
                    throw new BoltFormatException("not a file of etcd: it has no bucket " + bucket.text());
                }
            }
            return new EtcdBackend(reader);
        } catch (IOException | RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    /** The file below. */
    public BoltReader file() {
        return reader;
    }

    /** Receives versions in the order of revisions. */
    @FunctionalInterface
    public interface Versions {
        /**
         * @param keyValue a {@code mvccpb.KeyValue} in protobuf; of a deletion it holds the key only. May be empty: etcdutl
         *     writes such a version to raise the revision of a restored file
         */
        void version(RevisionKey revision, byte[] keyValue) throws IOException;
    }

    /** Receives leases in the order of ids. */
    @FunctionalInterface
    public interface Leases {
        void lease(EtcdLease lease) throws IOException;
    }

    /**
     * Goes through all versions and deletions that the file keeps. An {@link IllegalArgumentException} or {@link
     * InvalidProtocolBufferException} from the visitor means that it cannot accept a version, and becomes an error that
     * names the page.
     */
    public void versions(Versions versions) throws IOException {
        each(EtcdBucket.KEY, cursor -> {
            RevisionKey revision;
            try {
                revision = RevisionKey.decode(cursor.key());
            } catch (IllegalArgumentException e) {
                throw wrong(cursor, EtcdBucket.KEY, e);
            }
            try {
                versions.version(revision, cursor.value());
            } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
                BoltFormatException damage = cursor.damage("bucket key: the version of revision " + revision.main()
                        + "." + revision.sub() + ": " + e.getMessage());
                damage.initCause(e);
                throw damage;
            }
        });
    }

    /** Goes through all leases. */
    public void leases(Leases leases) throws IOException {
        each(EtcdBucket.LEASE, cursor -> {
            EtcdLease lease;
            try {
                lease = EtcdLease.decode(cursor.value());
            } catch (InvalidProtocolBufferException e) {
                throw wrong(cursor, EtcdBucket.LEASE, e);
            }
            if (cursor.key().length != Long.BYTES
                    || ByteBuffer.wrap(cursor.key()).getLong() != lease.id()) {
                throw cursor.damage("the lease of id " + lease.id() + " stands under " + BoltPage.show(cursor.key()));
            }
            leases.lease(lease);
        });
    }

    public EtcdMeta meta() throws IOException {
        return new EtcdMeta(
                number(EtcdBucket.META, CONSISTENT_INDEX),
                number(EtcdBucket.META, TERM),
                text(EtcdBucket.META, CONF_STATE),
                text(EtcdBucket.META, STORAGE_VERSION),
                revision(SCHEDULED_COMPACT),
                revision(FINISHED_COMPACT));
    }

    public EtcdAuth auth() throws IOException {
        byte[] enabled = get(EtcdBucket.AUTH, AUTH_ENABLED);
        if (enabled != null && (enabled.length != 1 || enabled[0] < 0 || enabled[0] > 1)) {
            throw new BoltFormatException("bucket auth: authEnabled is " + BoltPage.show(enabled));
        }
        return new EtcdAuth(enabled != null && enabled[0] == 1, number(EtcdBucket.AUTH, AUTH_REVISION));
    }

    public List<User> users() throws IOException {
        List<User> users = new ArrayList<>();
        each(EtcdBucket.AUTH_USERS, cursor -> {
            try {
                users.add(User.parseFrom(cursor.value()));
            } catch (InvalidProtocolBufferException e) {
                throw wrong(cursor, EtcdBucket.AUTH_USERS, e);
            }
        });
        return users;
    }

    public List<Role> roles() throws IOException {
        List<Role> roles = new ArrayList<>();
        each(EtcdBucket.AUTH_ROLES, cursor -> {
            try {
                roles.add(Role.parseFrom(cursor.value()));
            } catch (InvalidProtocolBufferException e) {
                throw wrong(cursor, EtcdBucket.AUTH_ROLES, e);
            }
        });
        return roles;
    }

    public List<AlarmMember> alarms() throws IOException {
        List<AlarmMember> alarms = new ArrayList<>();
        each(EtcdBucket.ALARM, cursor -> {
            try {
                alarms.add(AlarmMember.parseFrom(cursor.key()));
            } catch (InvalidProtocolBufferException e) {
                throw wrong(cursor, EtcdBucket.ALARM, e);
            }
        });
        return alarms;
    }

    public List<EtcdMember> members() throws IOException {
        List<EtcdMember> members = new ArrayList<>();
        each(EtcdBucket.MEMBERS, cursor -> {
            try {
                members.add(EtcdMember.decode(cursor.value()));
            } catch (BoltFormatException e) {
                throw e;
            } catch (IOException e) {
                throw wrong(cursor, EtcdBucket.MEMBERS, e);
            }
        });
        return members;
    }

    /** The ids of members that were removed, which may not come back. */
    public List<Long> removedMembers() throws IOException {
        List<Long> ids = new ArrayList<>();
        each(EtcdBucket.MEMBERS_REMOVED, cursor -> {
            try {
                ids.add(Long.parseUnsignedLong(new String(cursor.key(), StandardCharsets.US_ASCII), 16));
            } catch (NumberFormatException e) {
                throw wrong(cursor, EtcdBucket.MEMBERS_REMOVED, e);
            }
        });
        return ids;
    }

    /** Such as {@code 3.5.0}; none before the cluster agreed on one. */
    public @Nullable String clusterVersion() throws IOException {
        return text(EtcdBucket.CLUSTER, CLUSTER_VERSION);
    }

    /** The state of a downgrade, as JSON. */
    public @Nullable String downgrade() throws IOException {
        return text(EtcdBucket.CLUSTER, DOWNGRADE);
    }

    /**
     * Goes through the whole file, first to verify it, then to sum it up.
     *
     * @param pagesSeen told of progress, see {@link BoltReader#verify}
     */
    public EtcdStatus status(LongConsumer pagesSeen) throws IOException {
        reader.verify(pagesSeen);
        var crc = new CRC32C();
        long entries = 0;
        long revision = 0;
        BoltCursor buckets = reader.root().cursor();
        while (buckets.next()) {
            byte[] name = buckets.key();
            if (!buckets.holdsBucket()) {
                throw buckets.damage("cannot get hash of bucket " + new String(name, StandardCharsets.UTF_8));
            }
            crc.update(name);
            boolean versions = new String(name, StandardCharsets.UTF_8).equals(EtcdBucket.KEY.text());
            BoltCursor cursor = buckets.bucket().cursor();
            while (cursor.next()) {
                byte[] key = cursor.key();
                crc.update(key);
                if (!cursor.holdsBucket()) {
                    crc.update(cursor.value());
                }
                if (versions) {
                    try {
                        revision = RevisionKey.decode(key).main();
                    } catch (IllegalArgumentException e) {
                        throw wrong(cursor, EtcdBucket.KEY, e);
                    }
                }
                entries++;
            }
        }
        return new EtcdStatus(
                (int) crc.getValue(), revision, entries, reader.sizeBytes(), text(EtcdBucket.META, STORAGE_VERSION));
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    @FunctionalInterface
    private interface EntryVisitor {
        void entry(BoltCursor cursor) throws IOException;
    }

    private void each(EtcdBucket name, EntryVisitor visitor) throws IOException {
        BoltBucket bucket = reader.root().bucket(name.bytes());
        if (bucket == null) {
            return;
        }
        BoltCursor cursor = bucket.cursor();
        while (cursor.next()) {
            if (cursor.holdsBucket()) {
                throw cursor.damage("bucket " + name.text() + " holds another bucket, " + BoltPage.show(cursor.key()));
            }
            visitor.entry(cursor);
        }
    }

    private static BoltFormatException wrong(BoltCursor cursor, EtcdBucket bucket, Exception cause) {
        BoltFormatException e = cursor.damage("bucket " + bucket.text() + ": " + cause.getMessage());
        e.initCause(cause);
        return e;
    }

    private byte @Nullable [] get(EtcdBucket name, String key) throws IOException {
        BoltBucket bucket = reader.root().bucket(name.bytes());
        return bucket == null ? null : bucket.get(key.getBytes(StandardCharsets.US_ASCII));
    }

    private @Nullable String text(EtcdBucket bucket, String key) throws IOException {
        byte[] value = get(bucket, key);
        return value == null ? null : new String(value, StandardCharsets.UTF_8);
    }

    private long number(EtcdBucket bucket, String key) throws IOException {
        byte[] value = get(bucket, key);
        if (value == null) {
            return 0;
        }
        if (value.length != Long.BYTES) {
            throw new BoltFormatException("bucket " + bucket.text() + ": " + key + " is " + BoltPage.show(value)
                    + ", expected a number of 8 bytes");
        }
        return ByteBuffer.wrap(value).getLong();
    }

    private long revision(String key) throws IOException {
        byte[] value = get(EtcdBucket.META, key);
        if (value == null) {
            return 0;
        }
        try {
            return RevisionKey.decode(value).main();
        } catch (IllegalArgumentException e) {
            throw new BoltFormatException("bucket meta: " + key + ": " + e.getMessage());
        }
    }
}
