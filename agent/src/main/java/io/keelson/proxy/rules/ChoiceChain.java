package io.keelson.proxy.rules;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chain on the way to an endpoint. Where it leads is all in its name: it never becomes another one. Those of the same
 * name are shared by all that need one.
 *
 * <p>Only the first one is found by a map: the kernel follows all elements of a map of chains whenever one is added, to
 * see that no chain leads back to itself, and for two such maps one behind the other some kernels do it for each pair.
 */
public sealed interface ChoiceChain {
    /** Its name in the kernel. */
    String label();

    /** The chains that its rules lead to. */
    List<ChoiceChain> next();

    /** One that leads to endpoints, and to no other chain but another of these. */
    sealed interface Choice extends ChoiceChain {
        /** What it chooses among, as a part of names. */
        String which();
    }

    /**
     * One that treats the packets of frontends.
     *
     * @param cluster leads to endpoints of the whole cluster; null if there are none, or nobody is to come there
     * @param local leads to endpoints of this node; null if there are none, or nobody is to come there
     */
    record Entry(
            Treatment treatment,
            @Nullable Choice cluster,
            @Nullable Choice local) implements ChoiceChain {
        @Override
        public String label() {
            return treatment.label()
                    + (treatment.leadsTo(false) ? "-" + which(cluster) : "")
                    + (treatment.leadsTo(true) ? "-" + which(local) : "");
        }

        private static String which(@Nullable Choice choice) {
            return choice == null ? "0" : choice.which();
        }

        @Override
        public List<ChoiceChain> next() {
            List<ChoiceChain> next = new ArrayList<>();
            if (cluster != null) {
                next.add(cluster);
            }
            if (local != null) {
                next.add(local);
            }
            return List.copyOf(next);
        }
    }

    /**
     * One that takes any endpoint, of those at indexes below a power of two: it draws an index until there is an
     * endpoint at it, of which more than half are. All frontends that have about as many endpoints share it, and what
     * one leads to need not change with each endpoint that comes or goes: to add an element to a map of chains takes
     * the kernel the longer the more there are.
     *
     * @param below a power of two; at least one
     * @param isLocal whether they are those of this node
     */
    record Any(int below, boolean isLocal) implements Choice {
        /** @param count how many endpoints; at least one */
        static Any of(int count, boolean isLocal) {
            return new Any(count == 1 ? 1 : Integer.highestOneBit(count - 1) * 2, isLocal);
        }

        @Override
        public String label() {
            return (isLocal ? "local-" : "cluster-") + which();
        }

        @Override
        public String which() {
            return Integer.toString(below);
        }

        @Override
        public List<ChoiceChain> next() {
            return List.of();
        }
    }

    /**
     * One that takes the endpoint that the client had, if it has one. There is one for each port of a Service whose
     * clients keep their endpoints.
     *
     * @param ids the numbers of the endpoints in {@link TableSet#KEPT_ENDPOINTS}, none twice; at least one
     * @param isLocal whether they are those of this node
     * @param seconds how long clients keep what was chosen; at least one
     */
    record Kept(List<Integer> ids, boolean isLocal, int seconds) implements Choice {
        private static final int HASH_BYTES = 10;

        public Kept {
            ids = List.copyOf(ids);
        }

        @Override
        public String label() {
            return (isLocal ? "local-" : "cluster-") + which();
        }

        @Override
        public String which() {
            ByteBuffer all = ByteBuffer.allocate(4 + 4 * ids.size()).putInt(seconds);
            ids.forEach(all::putInt);
            try {
                byte[] sum = MessageDigest.getInstance("SHA-256").digest(all.array());
                return ids.size() + "-kept-" + HexFormat.of().formatHex(sum, 0, HASH_BYTES);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        /** Where it leads when no more clients can be remembered. */
        public Any otherwise() {
            return Any.of(ids.size(), isLocal);
        }

        @Override
        public List<ChoiceChain> next() {
            return List.of(otherwise());
        }
    }
}
