package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.Member;
import io.keelson.kvstore.api.MemberListResponse;
import io.keelson.kvstore.api.StatusResponse;
import io.keelson.kvstore.bolt.EtcdStatus;
import java.util.ArrayList;
import java.util.List;

/** What the simple and the table format show in columns. */
final class Rows {
    static final List<String> MEMBER_HEADER =
            List.of("ID", "Status", "Name", "Peer Addrs", "Client Addrs", "Is Learner");
    static final List<String> HEALTH_HEADER = List.of("endpoint", "health", "took", "error");
    static final List<String> HASH_HEADER = List.of("endpoint", "hash", "hash_revision");
    static final List<String> STATUS_HEADER = List.of(
            "endpoint",
            "ID",
            "version",
            "storage version",
            "db size",
            "in use",
            "percentage not in use",
            "quota",
            "is leader",
            "is learner",
            "raft term",
            "raft index",
            "raft applied index",
            "errors",
            "downgrade target version",
            "downgrade enabled");

    static final List<String> DATABASE_HEADER =
            List.of("hash", "revision", "total keys", "total size", "storage version");

    private static final long PERCENT = 100;

    private Rows() {}

    static List<List<String>> members(MemberListResponse response) {
        List<List<String>> rows = new ArrayList<>();
        for (Member member : response.getMembersList()) {
            rows.add(List.of(
                    GoNumbers.hex(member.getID()),
                    member.getName().isEmpty() ? "unstarted" : "started",
                    ByteText.ofText(member.getName()),
                    ByteText.ofText(String.join(",", member.getPeerURLsList())),
                    ByteText.ofText(String.join(",", member.getClientURLsList())),
                    String.valueOf(member.getIsLearner())));
        }
        return rows;
    }

    static List<List<String>> health(List<EndpointReply.Health> replies) {
        return replies.stream()
                .map(reply -> List.of(reply.endpoint(), String.valueOf(reply.healthy()), reply.took(), reply.error()))
                .toList();
    }

    static List<List<String>> status(List<EndpointReply.Status> replies) {
        List<List<String>> rows = new ArrayList<>();
        for (EndpointReply.Status reply : replies) {
            StatusResponse status = reply.response();
            long member = status.getHeader().getMemberId();
            rows.add(List.of(
                    reply.endpoint(),
                    GoNumbers.hex(member),
                    ByteText.ofText(status.getVersion()),
                    ByteText.ofText(status.getStorageVersion()),
                    ByteSize.format(status.getDbSize()),
                    ByteSize.format(status.getDbSizeInUse()),
                    percentNotInUse(status) + "%",
                    ByteSize.format(status.getDbSizeQuota()),
                    String.valueOf(status.getLeader() == member),
                    String.valueOf(status.getIsLearner()),
                    Long.toUnsignedString(status.getRaftTerm()),
                    Long.toUnsignedString(status.getRaftIndex()),
                    Long.toUnsignedString(status.getRaftAppliedIndex()),
                    ByteText.ofText(String.join(", ", status.getErrorsList())),
                    ByteText.ofText(status.getDowngradeInfo().getTargetVersion()),
                    String.valueOf(status.getDowngradeInfo().getEnabled())));
        }
        return rows;
    }

    private static long percentNotInUse(StatusResponse status) {
        return status.getDbSize() == 0 ? 0 : PERCENT - status.getDbSizeInUse() * PERCENT / status.getDbSize();
    }

    static List<List<String>> hashes(List<EndpointReply.HashKv> replies) {
        return replies.stream()
                .map(reply -> List.of(
                        reply.endpoint(),
                        Integer.toUnsignedString(reply.response().getHash()),
                        String.valueOf(reply.response().getHashRevision())))
                .toList();
    }

    static List<List<String>> database(EtcdStatus status) {
        return List.of(List.of(
                Integer.toHexString(status.hash()),
                String.valueOf(status.revision()),
                String.valueOf(status.totalKeys()),
                ByteSize.format(status.totalSizeBytes()),
                version(status)));
    }

    /** Empty for a file from before etcd 3.6. */
    static String version(EtcdStatus status) {
        String version = status.version();
        return version == null ? "" : ByteText.ofText(version);
    }
}
