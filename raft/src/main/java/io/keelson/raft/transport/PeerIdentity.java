package io.keelson.raft.transport;

/**
 * Who a member says it is when a stream opens.
 *
 * @param clusterId the cluster it belongs to
 * @param memberId its own id, never 0
 */
public record PeerIdentity(long clusterId, long memberId) {
    /** The id as people write it: 16 hexadecimal digits without leading zeros, as in etcd's output. */
    public static String text(long id) {
        return Long.toHexString(id);
    }
}
