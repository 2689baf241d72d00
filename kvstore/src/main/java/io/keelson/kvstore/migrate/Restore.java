package io.keelson.kvstore.migrate;

import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.Role;
import io.keelson.kvstore.api.User;
import io.keelson.kvstore.auth.AuthTable;
import io.keelson.kvstore.bolt.EtcdAuth;
import io.keelson.kvstore.bolt.EtcdBackend;
import io.keelson.kvstore.bolt.EtcdLease;
import io.keelson.kvstore.bolt.EtcdMeta;
import io.keelson.kvstore.lease.LeaseRecord;
import io.keelson.kvstore.lease.LeaseStore;
import io.keelson.kvstore.membership.ClusterIds;
import io.keelson.kvstore.membership.Identity;
import io.keelson.kvstore.membership.MembershipStore;
import io.keelson.kvstore.mvcc.VersionImport;
import io.keelson.kvstore.storage.AppliedState;
import io.keelson.kvstore.storage.BatchSession;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.StorageConfig;
import io.keelson.kvstore.storage.StorageException;
import io.keelson.kvstore.storage.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Makes a data folder of ours out of an etcd file: every version and deletion under its own revision, leases with the time
 * they had left, users and roles, alarms. Members, log and ids are new, those of the cluster that begins with the folder.
 * What comes out is a function of the file and the configuration, so members that restore the same file agree.
 *
 * <p>The file is checked as a whole before anything is written. The folder appears at once, when it is complete and on
 * disk; whatever stops the work before leaves nothing that a server would start on.
 */
public final class Restore {
    /** The folder of the database inside a data folder. */
    public static final String DATABASE_FOLDER = "db";

    private static final String SCRATCH_FOLDER = "sort";
    private static final long SORT_BYTES_MIN = 32L << 20;
    private static final long SORT_BYTES_MAX = 512L << 20;
    private static final long BATCH_BYTES_MAX = 8L << 20;
    private static final int PROGRESS_EVERY = 1024;
    private static final long MIB = 1L << 20;
    // Nobody is served meanwhile, so the disk is not shared with requests.
    private static final long UNLIMITED = 0;
    private static final long MILLIS_PER_SECOND = 1000;

    private final RestoreConfig config;
    private final Progress progress;
    private final List<String> notices = new ArrayList<>();
    private long leases;
    private long alarms;
    private long lastRevision;
    private long entries;

    private Restore(RestoreConfig config, Progress progress) {
        this.config = config;
        this.progress = progress;
    }

    /**
     * Restores.
     *
     * @throws IOException if the file is damaged or cannot be read, or the folder cannot be written; the message says
     *     which
     */
    public static RestoreReport run(RestoreConfig config, Progress progress) throws IOException {
        return new Restore(config, progress).run();
    }

    private RestoreReport run() throws IOException {
        try (PendingFolder folder = PendingFolder.begin(config.dataDir());
                CheckedFile file = CheckedFile.open(config.source(), config.skipHashCheck(), progress)) {
            entries = file.entries();
            String metaProblem = file.backend().file().metaProblem();
            if (metaProblem != null) {
                notices.add(metaProblem + "; used the other meta page");
            }
            RestoreReport report;
            try (Database database = Database.open(folder.path().resolve(DATABASE_FOLDER), bulkLoad())) {
                report = fill(database, file.backend(), folder.path().resolve(SCRATCH_FOLDER));
                progress.begin("writing to disk");
                database.flush();
            } catch (StorageException e) {
                throw new IOException("the data folder cannot be written: " + e.getMessage(), e);
            }
            identity(report).write(folder.path());
            folder.complete();
            return report;
        }
    }

    private static StorageConfig bulkLoad() {
        int backgroundJobs = Math.max(2, Runtime.getRuntime().availableProcessors());
        return new StorageConfig(
                256 * MIB,
                256 * MIB,
                UNLIMITED,
                backgroundJobs,
                32 * MIB,
                BATCH_BYTES_MAX,
                StorageConfig.SLOW_READ_NANOS);
    }

    private RestoreReport fill(Database database, EtcdBackend backend, Path scratch) throws IOException {
        EtcdMeta meta = backend.meta();
        long compactRevision = meta.compactRevision() == 0 ? -1 : meta.compactRevision();
        BatchSession session = database.session();
        EtcdAuth auth = backend.auth();
        List<User> users = backend.users();
        List<Role> roles = backend.roles();
        writeAuth(session, auth, users, roles);
        writeAlarms(session, backend);
        writeLeases(session, backend);
        long memoryBytes = Math.clamp(Runtime.getRuntime().maxMemory() / 4, SORT_BYTES_MIN, SORT_BYTES_MAX);
        try (VersionImport versions =
                new VersionImport(database, new LeaseStore(() -> session), compactRevision, scratch, memoryBytes)) {
            readVersions(versions, backend);
            return finish(versions, compactRevision, users.size(), roles.size(), auth.enabled());
        }
    }

    private RestoreReport finish(
            VersionImport versions, long compactedBefore, int users, int roles, boolean authEnabled)
            throws IOException {
        long compactRevision = compactedBefore;
        // As etcd does it: what a compaction emptied leaves the revision where the compaction was.
        long revision = Math.max(1, Math.max(lastRevision, compactRevision));
        if (config.markCompacted()) {
            revision = Math.addExact(revision, config.bumpRevision());
            compactRevision = revision;
        }
        progress.begin("building tables");
        versions.finish(revision, compactRevision, done -> progress.at(done, versions.steps()));
        long memberId = ClusterIds.memberId(peerUrls(config.name()), config.token());
        return new RestoreReport(
                versions.keys(),
                versions.versions(),
                versions.deletions(),
                leases,
                users,
                roles,
                authEnabled,
                alarms,
                revision,
                compactRevision,
                ClusterIds.clusterId(members().stream().map(Member::getID).toList()),
                memberId,
                notices);
    }

    private static void writeAuth(BatchSession session, EtcdAuth auth, List<User> users, List<Role> roles) {
        session.put(
                Table.AUTH, AuthTable.stateKey(), AuthTable.encodeState(auth.enabled(), Math.max(1, auth.revision())));
        for (User user : users) {
            session.put(Table.AUTH, AuthTable.userKey(user.getName().toStringUtf8()), user.toByteArray());
        }
        for (Role role : roles) {
            session.put(Table.AUTH, AuthTable.roleKey(role.getName().toStringUtf8()), role.toByteArray());
        }
    }

    private void writeAlarms(BatchSession session, EtcdBackend backend) throws IOException {
        for (AlarmMember alarm : backend.alarms()) {
            session.put(Table.MEMBER, MembershipStore.alarmKey(alarm), new byte[0]);
            alarms++;
            notices.add("alarm " + alarm.getAlarm() + " of member " + ClusterIds.text(alarm.getMemberID())
                    + " is still raised; disarm it with alarm disarm");
        }
    }

    private void writeLeases(BatchSession session, EtcdBackend backend) throws IOException {
        progress.begin("restoring leases");
        backend.leases(lease -> {
            session.put(Table.LEASE, LeaseRecord.key(lease.id()), record(lease).encode());
            leases++;
            if (session.sizeBytes() >= BATCH_BYTES_MAX) {
                session.commit(AppliedState.INITIAL);
            }
            if (leases % PROGRESS_EVERY == 0) {
                progress.at(leases, entries);
            }
        });
    }

    /** Cluster time begins at 0 with the new cluster, so what is left of a lease is its deadline. */
    private LeaseRecord record(EtcdLease lease) {
        long ttlSeconds = Math.clamp(lease.ttlSeconds(), 1, LeaseStore.TTL_SECONDS_MAX);
        long leftSeconds =
                lease.remainingTtlSeconds() > 0 ? Math.min(lease.remainingTtlSeconds(), ttlSeconds) : ttlSeconds;
        return new LeaseRecord(ttlSeconds, leftSeconds * MILLIS_PER_SECOND);
    }

    private void readVersions(VersionImport versions, EtcdBackend backend) throws IOException {
        progress.begin("reading versions");
        long[] seen = {0};
        backend.versions((revision, keyValue) -> {
            // Only a raised revision: etcdutl leaves an entry without a key at the revision it raised the store to.
            boolean revisionOnly = keyValue.length == 0;
            if (!revisionOnly) {
                KeyValue parsed = KeyValue.parseFrom(keyValue);
                if (revision.tombstone()) {
                    versions.delete(revision.main(), revision.sub(), parsed);
                } else {
                    versions.put(revision.main(), revision.sub(), parsed);
                }
            }
            lastRevision = revision.main();
            if (++seen[0] % PROGRESS_EVERY == 0) {
                progress.at(seen[0], entries);
            }
        });
    }

    private Identity identity(RestoreReport report) {
        return new Identity(report.clusterId(), report.memberId(), config.token(), members(), true);
    }

    /** The members the new cluster begins with, by their ids. */
    private List<Member> members() {
        return config.peerUrlsByName().entrySet().stream()
                .map(entry -> Member.newBuilder()
                        .setID(ClusterIds.memberId(entry.getValue(), config.token()))
                        .setName(entry.getKey())
                        .addAllPeerURLs(entry.getValue())
                        .build())
                .sorted(Comparator.comparing(Member::getID, Long::compareUnsigned))
                .toList();
    }

    private List<String> peerUrls(String name) {
        return config.peerUrlsByName().getOrDefault(name, List.of());
    }
}
