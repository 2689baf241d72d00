package io.keelson.raft;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A configuration with one thing changed. */
record Changed(RaftConfig config) {
    Changed waitingCommandsMax(int max) {
        return with(
                config.proposalTimeoutMs(),
                max,
                config.waitingBytesMax(),
                config.snapshotEveryCommands(),
                config.snapshotKeepEntries());
    }

    Changed waitingBytesMax(long max) {
        return with(
                config.proposalTimeoutMs(),
                config.waitingCommandsMax(),
                max,
                config.snapshotEveryCommands(),
                config.snapshotKeepEntries());
    }

    Changed proposalTimeoutMs(int timeoutMs) {
        return with(
                timeoutMs,
                config.waitingCommandsMax(),
                config.waitingBytesMax(),
                config.snapshotEveryCommands(),
                config.snapshotKeepEntries());
    }

    Changed snapshots(long everyCommands, int keepEntries) {
        return with(
                config.proposalTimeoutMs(),
                config.waitingCommandsMax(),
                config.waitingBytesMax(),
                everyCommands,
                keepEntries);
    }

    Changed tls(@Nullable PeerTls tls, List<String> listenUrls) {
        return new Changed(new RaftConfig(
                config.clusterId(),
                config.memberId(),
                config.directory(),
                config.initialMembers(),
                config.peerUrlsById(),
                listenUrls,
                config.reusePeerPorts(),
                tls,
                config.heartbeatIntervalMs(),
                config.electionTimeoutMs(),
                config.proposalTimeoutMs(),
                config.commandBytesMax(),
                config.waitingCommandsMax(),
                config.waitingBytesMax(),
                config.snapshotEveryCommands(),
                config.snapshotKeepEntries(),
                config.snapshotBytesPerSecondMax(),
                config.unsafeNoFsync(),
                config.forceNewCluster()));
    }

    Changed clusterId(long clusterId) {
        return new Changed(new RaftConfig(
                clusterId,
                config.memberId(),
                config.directory(),
                config.initialMembers(),
                config.peerUrlsById(),
                config.listenPeerUrls(),
                config.reusePeerPorts(),
                config.tls(),
                config.heartbeatIntervalMs(),
                config.electionTimeoutMs(),
                config.proposalTimeoutMs(),
                config.commandBytesMax(),
                config.waitingCommandsMax(),
                config.waitingBytesMax(),
                config.snapshotEveryCommands(),
                config.snapshotKeepEntries(),
                config.snapshotBytesPerSecondMax(),
                config.unsafeNoFsync(),
                config.forceNewCluster()));
    }

    Changed heartbeat(int intervalMs, int electionTimeoutMs) {
        return new Changed(new RaftConfig(
                config.clusterId(),
                config.memberId(),
                config.directory(),
                config.initialMembers(),
                config.peerUrlsById(),
                config.listenPeerUrls(),
                config.reusePeerPorts(),
                config.tls(),
                intervalMs,
                electionTimeoutMs,
                config.proposalTimeoutMs(),
                config.commandBytesMax(),
                config.waitingCommandsMax(),
                config.waitingBytesMax(),
                config.snapshotEveryCommands(),
                config.snapshotKeepEntries(),
                config.snapshotBytesPerSecondMax(),
                config.unsafeNoFsync(),
                config.forceNewCluster()));
    }

    Changed forceNewCluster() {
        return new Changed(new RaftConfig(
                config.clusterId(),
                config.memberId(),
                config.directory(),
                config.initialMembers(),
                config.peerUrlsById(),
                config.listenPeerUrls(),
                config.reusePeerPorts(),
                config.tls(),
                config.heartbeatIntervalMs(),
                config.electionTimeoutMs(),
                config.proposalTimeoutMs(),
                config.commandBytesMax(),
                config.waitingCommandsMax(),
                config.waitingBytesMax(),
                config.snapshotEveryCommands(),
                config.snapshotKeepEntries(),
                config.snapshotBytesPerSecondMax(),
                config.unsafeNoFsync(),
                true));
    }

    private Changed with(
            int proposalTimeoutMs,
            int waitingCommandsMax,
            long waitingBytesMax,
            long snapshotEveryCommands,
            int snapshotKeepEntries) {
        return new Changed(new RaftConfig(
                config.clusterId(),
                config.memberId(),
                config.directory(),
                config.initialMembers(),
                config.peerUrlsById(),
                config.listenPeerUrls(),
                config.reusePeerPorts(),
                config.tls(),
                config.heartbeatIntervalMs(),
                config.electionTimeoutMs(),
                proposalTimeoutMs,
                config.commandBytesMax(),
                waitingCommandsMax,
                waitingBytesMax,
                snapshotEveryCommands,
                snapshotKeepEntries,
                config.snapshotBytesPerSecondMax(),
                config.unsafeNoFsync(),
                config.forceNewCluster()));
    }
}
