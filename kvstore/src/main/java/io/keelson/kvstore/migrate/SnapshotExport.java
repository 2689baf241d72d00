package io.keelson.kvstore.migrate;

import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.Role;
import io.keelson.kvstore.api.User;
import io.keelson.kvstore.auth.AuthTable;
import io.keelson.kvstore.bolt.BoltLayout;
import io.keelson.kvstore.bolt.BoltSource;
import io.keelson.kvstore.bolt.BoltWriter;
import io.keelson.kvstore.bolt.EtcdAuth;
import io.keelson.kvstore.bolt.EtcdBackend;
import io.keelson.kvstore.bolt.EtcdImage;
import io.keelson.kvstore.bolt.EtcdLease;
import io.keelson.kvstore.bolt.EtcdMember;
import io.keelson.kvstore.bolt.EtcdMeta;
import io.keelson.kvstore.bolt.RevisionKey;
import io.keelson.kvstore.lease.LeaseRecord;
import io.keelson.kvstore.membership.MembershipStore;
import io.keelson.kvstore.mvcc.HistoryExport;
import io.keelson.kvstore.mvcc.VersionExport;
import io.keelson.kvstore.storage.AppliedState;
import io.keelson.kvstore.storage.Cursor;
import io.keelson.kvstore.storage.Table;
import io.keelson.kvstore.storage.Tables;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * The state of the store as an etcd file, made while it is sent: nothing of it lies on disk or in memory first.
 *
 * <p>It sees the state of one moment, that of the {@link HistoryExport} it is given, and goes through it twice: once for
 * the lengths of all entries, from which the whole layout follows, and once for the bytes. The first pass reads no values.
 * Neither holds up a write. One thread.
 *
 * <p>The file has no storage version and no cluster version, so that etcd 3.5 takes it as well as 3.6; the members in it
 * are for information only, since a restore replaces them.
 */
public final class SnapshotExport {
    private static final byte[] START = {};
    private static final long MILLIS_PER_SECOND = 1000;

    private final List<BoltSource> sources;
    private final BoltLayout layout;

    private SnapshotExport(List<BoltSource> sources, BoltLayout layout) {
        this.sources = sources;
        this.layout = layout;
    }

    /**
     * Goes through the lengths of everything.
     *
     * @param history open until the last byte is written
     * @param clusterTimeMs what leases' deadlines are measured against
     * @throws IOException if what is stored cannot be read
     */
    public static SnapshotExport prepare(HistoryExport history, long clusterTimeMs) throws IOException {
        Tables tables = history.tables();
        AppliedState state = history.state();
        var image = new EtcdImage(
                new Versions(new VersionExport(history)), leases -> leases(tables, clusterTimeMs, leases));
        long compactRevision = Math.max(0, state.compactRevision());
        image.meta(new EtcdMeta(state.index(), state.term(), null, null, compactRevision, compactRevision));
        auth(tables, image);
        members(tables, image);
        List<BoltSource> sources = image.sources();
        return new SnapshotExport(sources, BoltLayout.of(sources));
    }

    /** The exact size of the file in bytes, without a digest. */
    public long sizeBytes() {
        return layout.sizeBytes();
    }

    /** Writes the file; the caller may let its SHA-256 follow. Does not close the stream. */
    public void writeTo(OutputStream out) throws IOException {
        BoltWriter.write(layout, sources, out);
    }

    private record Versions(VersionExport export) implements EtcdImage.VersionSource {
        @Override
        public void each(EtcdBackend.Versions versions) throws IOException {
            export.each(
                    (main, sub, delete, keyValue) -> versions.version(new RevisionKey(main, sub, delete), keyValue));
        }

        @Override
        public void eachLength(EtcdImage.VersionLengths lengths) throws IOException {
            export.eachLength(lengths::version);
        }
    }

    private static void leases(Tables tables, long clusterTimeMs, EtcdBackend.Leases leases) throws IOException {
        try (Cursor cursor = tables.cursor(Table.LEASE, START, null, true)) {
            for (; cursor.valid(); cursor.next()) {
                LeaseRecord lease = LeaseRecord.decode(cursor.value());
                long leftMs = Math.max(0, lease.deadlineMs() - clusterTimeMs);
                long leftSeconds = Math.max(1, Math.ceilDiv(leftMs, MILLIS_PER_SECOND));
                leases.lease(new EtcdLease(
                        LeaseRecord.id(cursor.key()),
                        lease.ttlSeconds(),
                        leftSeconds < lease.ttlSeconds() ? leftSeconds : 0));
            }
        }
    }

    private static void auth(Tables tables, EtcdImage image) throws IOException {
        byte[] state = tables.get(Table.AUTH, AuthTable.stateKey());
        image.auth(
                state == null
                        ? new EtcdAuth(false, 1)
                        : new EtcdAuth(AuthTable.enabled(state), AuthTable.revision(state)));
        try (Cursor users = tables.cursor(Table.AUTH, AuthTable.usersFrom(), AuthTable.usersTo(), true)) {
            for (; users.valid(); users.next()) {
                image.user(User.parseFrom(users.value()));
            }
        }
        try (Cursor roles = tables.cursor(Table.AUTH, AuthTable.rolesFrom(), AuthTable.rolesTo(), true)) {
            for (; roles.valid(); roles.next()) {
                image.role(Role.parseFrom(roles.value()));
            }
        }
    }

    private static void members(Tables tables, EtcdImage image) throws InvalidProtocolBufferException {
        var members = MembershipStore.read(tables);
        for (Member member : members.members().values()) {
            image.member(new EtcdMember(
                    member.getID(),
                    member.getName(),
                    member.getPeerURLsList(),
                    member.getClientURLsList(),
                    member.getIsLearner()));
        }
        members.removed().forEach(image::removedMember);
        for (AlarmMember alarm : members.alarms()) {
            image.alarm(alarm);
        }
    }
}
