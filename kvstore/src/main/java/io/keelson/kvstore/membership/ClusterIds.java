package io.keelson.kvstore.membership;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Ids of members and clusters, computed as etcd does it, so that members started apart with the same flags agree.
 *
 * <p>A member's id is the first 8 bytes of SHA-1 over its peer URLs in order, the cluster's token, and, for a member
 * added later, the time of that in seconds. A cluster's id is the same over its members' ids in ascending order. With
 * etcd's default flags: member {@code 8e9e05c52164694d}, cluster {@code cdf818194e3a8c32}.
 */
public final class ClusterIds {
    private ClusterIds() {}

    /** The id of a member that the cluster starts with. */
    public static long memberId(Collection<String> peerUrls, String token) {
        return first8(String.join("", peerUrls.stream().sorted().toList()) + token);
    }

    /** The id of a member added at a time, in seconds since 1970. */
    public static long memberId(Collection<String> peerUrls, String token, long epochSeconds) {
        return first8(String.join("", peerUrls.stream().sorted().toList()) + token + epochSeconds);
    }

    /** The id of the cluster that starts with these members. */
    public static long clusterId(Collection<Long> memberIds) {
        List<Long> sorted = memberIds.stream().sorted(Long::compareUnsigned).toList();
        ByteBuffer bytes = ByteBuffer.allocate(8 * sorted.size());
        sorted.forEach(bytes::putLong);
        return first8(bytes.array());
    }

    /** An id as etcd writes it: hexadecimal, without leading zeros. */
    public static String text(long id) {
        return Long.toHexString(id);
    }

    private static long first8(String text) {
        return first8(text.getBytes(StandardCharsets.UTF_8));
    }

    private static long first8(byte[] bytes) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest(bytes);
            return ByteBuffer.wrap(Arrays.copyOf(hash, 8)).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
