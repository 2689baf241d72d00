package io.keelson.proxy.rules;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** A chain that chooses an endpoint. What it does is all in its name: it never becomes another one. */
public sealed interface ChoiceChain {
    /** Its name in the kernel. */
    String label();

    /** Whether it chooses among those that packets from outside stay on the node with. */
    boolean isLocal();

    /**
     * One that takes any of so many. All frontends that have as many endpoints share it, so that there are no more of them than
     * there are different numbers.
     *
     * @param count how many endpoints; at least one
     */
    record Any(int count, boolean isLocal) implements ChoiceChain {
        @Override
        public String label() {
            return (isLocal ? "local-" : "cluster-") + count;
        }
    }

    /**
     * One that takes the endpoint that the client had, if it has one. There is one for each port of a Service whose clients keep
     * their endpoints.
     *
     * @param ids the numbers of the endpoints in {@link TableSet#KEPT_ENDPOINTS}, none twice; at least one
     * @param seconds how long clients keep what was chosen; at least one
     */
    record Kept(List<Integer> ids, boolean isLocal, int seconds) implements ChoiceChain {
        private static final int HASH_BYTES = 10;

        public Kept {
            ids = List.copyOf(ids);
        }

        @Override
        public String label() {
            ByteBuffer all = ByteBuffer.allocate(4 + 4 * ids.size()).putInt(seconds);
            ids.forEach(all::putInt);
            try {
                byte[] sum = MessageDigest.getInstance("SHA-256").digest(all.array());
                String hash = HexFormat.of().formatHex(sum, 0, HASH_BYTES);
                return (isLocal ? "local-" : "cluster-") + ids.size() + "-kept-" + hash;
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        /** Where it leads when no more clients can be remembered. */
        public Any otherwise() {
            return new Any(ids.size(), isLocal);
        }
    }
}
