package io.keelson.raft;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a member is started.
 *
 * @param clusterId id of the cluster; members of another are refused
 * @param memberId id of this member, not 0
 * @param directory where log, term, vote and snapshots are kept; made if missing
 * @param initialMembers the first configuration, used only when the directory is empty; empty when joining a cluster
 *     that exists, whose leader then sends the configuration
 * @param peerUrlsById where members can be reached ({@code http://host:port} or {@code https://host:port})
 * @param listenPeerUrls where this member listens for others
 * @param reusePeerPorts whether it lets others on this machine listen there too (SO_REUSEPORT)
 * @param tls certificates, null for plaintext
 * @param heartbeatIntervalMs how often the leader shows that it lives
 * @param electionTimeoutMs how long a follower waits for that before it stands for election
 * @param proposalTimeoutMs after this long without a result a proposal fails with {@link RaftException.OutcomeUnknown}
 * @param commandBytesMax largest command
 * @param waitingCommandsMax commands that may wait for a place in the log or for their result
 * @param waitingBytesMax the same, in bytes
 * @param snapshotEveryCommands a snapshot is taken after so many commands
 * @param snapshotKeepEntries log entries kept behind a snapshot for members that are a little behind
 * @param snapshotBytesPerSecondMax rate at which a snapshot is sent to another member
 * @param unsafeNoFsync gives up durability for speed; for tests
 * @param forceNewCluster keeps the state but makes this member the only one
 */
public record RaftConfig(
        long clusterId,
        long memberId,
        Path directory,
        List<RaftMember> initialMembers,
        Map<Long, List<String>> peerUrlsById,
        List<String> listenPeerUrls,
        boolean reusePeerPorts,
        @Nullable PeerTls tls,
        int heartbeatIntervalMs,
        int electionTimeoutMs,
        int proposalTimeoutMs,
        int commandBytesMax,
        int waitingCommandsMax,
        long waitingBytesMax,
        long snapshotEveryCommands,
        int snapshotKeepEntries,
        long snapshotBytesPerSecondMax,
        boolean unsafeNoFsync,
        boolean forceNewCluster) {}
