package io.keelson.kvstore.server;

import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.membership.Identity;
import io.keelson.kvstore.membership.Membership;
import io.keelson.kvstore.server.config.ListenUrl;
import io.keelson.kvstore.server.config.ServerConfig;
import io.keelson.kvstore.server.net.SelfSigned;
import io.keelson.raft.PeerTls;
import io.keelson.raft.RaftConfig;
import io.keelson.raft.RaftMember;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the log is configured by a server's flags. */
final class RaftSettings {
    /** What a request's way through log and state machine may take, besides two elections; etcd's figure. */
    private static final int REQUEST_TIMEOUT_MS = 5_000;

    private static final int COMMAND_OVERHEAD_BYTES = 64 * 1024;
    private static final int WAITING_COMMANDS_MAX = 50_000;
    private static final long SNAPSHOT_BYTES_PER_SECOND_MAX = 100L << 20;

    private RaftSettings() {}

    static int requestTimeoutMs(ServerConfig config) {
        return REQUEST_TIMEOUT_MS + 2 * config.timing().electionTimeoutMs();
    }

    /** @param known the table of members as this member has it, perhaps empty */
    static RaftConfig of(ServerConfig config, Identity identity, Membership known, @Nullable PeerTls tls) {
        Map<Long, List<String>> urls = new HashMap<>();
        for (Member member : identity.initialMembers().isEmpty() ? identity.metMembers() : identity.initialMembers()) {
            urls.put(member.getID(), List.copyOf(member.getPeerURLsList()));
        }
        urls.putAll(known.peerUrlsById());
        List<RaftMember> initial = identity.initialMembers().stream()
                .map(member -> new RaftMember(member.getID(), member.getIsLearner()))
                .toList();
        Path logDir = config.logDir();
        return new RaftConfig(
                identity.clusterId(),
                identity.memberId(),
                logDir == null ? config.dataDir().resolve("raft") : logDir,
                initial,
                urls,
                config.listeners().peer().stream().map(ListenUrl::toString).toList(),
                config.connections().reusePort(),
                tls,
                config.timing().heartbeatIntervalMs(),
                config.timing().electionTimeoutMs(),
                requestTimeoutMs(config),
                config.limits().requestBytesMax() + COMMAND_OVERHEAD_BYTES,
                WAITING_COMMANDS_MAX,
                Math.max(64L << 20, Runtime.getRuntime().maxMemory() / 8),
                config.timing().snapshotEveryCommands(),
                // What a restored cluster began with is not in its log, so its log must not reach back to the
                // beginning.
                identity.seeded() ? 0 : config.timing().snapshotKeepEntries(),
                SNAPSHOT_BYTES_PER_SECOND_MAX,
                config.timing().unsafeNoFsync(),
                config.cluster().forceNewCluster());
    }

    /**
     * The certificates between members; null for plaintext.
     *
     * @throws IOException if one was to be made and could not be
     */
    static @Nullable PeerTls peerTls(ServerConfig config) throws IOException {
        ServerConfig.PeerTlsFiles files = config.peerTls();
        if (files == null) {
            return null;
        }
        Path cert = files.certFile();
        Path key = files.keyFile();
        boolean generated = cert == null || key == null;
        if (cert == null || key == null) {
            SelfSigned own = SelfSigned.in(
                    config.dataDir().resolve("fixtures").resolve("peer"),
                    config.listeners().peer().stream().map(ListenUrl::host).toList(),
                    files.selfSignedYears());
            cert = own.certFile();
            key = own.keyFile();
        }
        return new PeerTls(
                cert,
                key,
                files.clientCertFile(),
                files.clientKeyFile(),
                files.trustedCaFile(),
                files.crlFile(),
                files.clientCertAuth(),
                files.allowedCommonNames(),
                files.allowedHostnames(),
                files.skipClientSanVerification(),
                null,
                files.cipherSuites(),
                files.protocols(),
                generated);
    }
}
