package io.keelson.agent.policy;

import io.keelson.agent.network.NetworkNamespace;
import io.keelson.agent.network.NftProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the table into the kernel, and knows whether it is still what was written. One thread at a time but for {@link #seen}. */
final class TableWriter {
    private static final Logger LOG = LoggerFactory.getLogger(TableWriter.class);
    private static final int OWN_MAX = 64;
    private static final int SEEN_MAX = 1024;
    /** Whether the kernel shows rules what goes from port to port of a bridge. */
    private static final List<String> BRIDGE_FILTERS =
            List.of("/proc/sys/net/bridge/bridge-nf-call-iptables", "/proc/sys/net/bridge/bridge-nf-call-ip6tables");

    /** What is known to be in the kernel. */
    enum State {
        /** Something else than what was written, or not known. */
        UNKNOWN,
        /** No table. */
        ABSENT,
        /** The table. */
        PRESENT
    }

    private final NetworkNamespace namespace;
    private final NftProgram nft;
    private final Deque<Integer> own = new ArrayDeque<>();
    private final Set<Integer> seen = new HashSet<>();
    private State state = State.UNKNOWN;

    TableWriter(NetworkNamespace namespace) {
        this.namespace = namespace;
        nft = new NftProgram(namespace.file());
    }

    /** What is in the kernel, as far as it is known. */
    State state() {
        return state;
    }

    /** Somebody has changed the table. Any thread. */
    void seen(int sender) {
        synchronized (seen) {
            if (seen.size() < SEEN_MAX) {
                seen.add(sender);
            }
        }
    }

    /** Whether somebody else has changed the table since this was last asked. */
    boolean isChangedByOthers() {
        synchronized (seen) {
            own.forEach(seen::remove);
            boolean isChanged = !seen.isEmpty();
            seen.clear();
            if (isChanged) {
                state = State.UNKNOWN;
            }
            return isChanged;
        }
    }

    /**
     * Writes a text, all of it or nothing.
     *
     * @param then what is in the kernel when it is written
     * @throws IOException if it is not written, or that is not known
     */
    void write(String text, State then) throws IOException, InterruptedException {
        state = State.UNKNOWN;
        long process = nft.run(text);
        synchronized (seen) {
            own.addLast((int) process);
            if (own.size() > OWN_MAX) {
                own.removeFirst();
            }
        }
        state = then;
    }

    /** Lets rules see what goes from port to port of a bridge, as pods of plugins' networks may be at one. */
    void showBridgedTraffic() throws IOException {
        namespace.call(() -> {
            for (String filter : BRIDGE_FILTERS) {
                Path file = Path.of(filter);
                if (!Files.exists(file)) {
                    LOG.warn(
                            "policies do not hold between pods at one bridge, if there are any: {} is not there (modprobe"
                                    + " br_netfilter)",
                            file);
                } else if (!Files.readString(file, StandardCharsets.UTF_8)
                        .strip()
                        .equals("1")) {
                    Files.writeString(file, "1", StandardCharsets.UTF_8);
                }
            }
            return true;
        });
    }
}
