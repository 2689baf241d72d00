package io.keelson.agent.policy;

import io.keelson.agent.netlink.Errno;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkMessage;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.agent.network.NetworkNamespace;
import java.io.IOException;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens to the kernel for changes to the table, whoever makes them, on a thread of its own. */
final class TableEvents implements AutoCloseable {
    /** Says that changes may have been missed. */
    static final int UNKNOWN = -1;

    private static final Logger LOG = LoggerFactory.getLogger(TableEvents.class);
    /** The multicast group of changes to rules. */
    private static final int GROUP = 7;

    private static final int TABLE_ATTRIBUTE = 1;
    private static final int WAIT_MILLIS = 500;

    private final NetlinkSocket socket;
    private final IntConsumer changed;
    private final Thread thread;
    private volatile boolean closing;

    /**
     * Listens from now on.
     *
     * @param changed is told the port of the socket of who changed the table, which of {@code nft} is the number of its process;
     *     or {@link #UNKNOWN}
     * @throws IOException if the kernel does not tell changes
     */
    TableEvents(NetworkNamespace namespace, IntConsumer changed) throws IOException {
        this.changed = changed;
        socket = namespace.call(() -> {
            NetlinkSocket opened = new NetlinkSocket(NetlinkSocket.NETFILTER);
            try {
                opened.join(GROUP);
                return opened;
            } catch (NetlinkException e) {
                opened.close();
                throw e;
            }
        });
        thread = Thread.ofPlatform().daemon().name("policy-table-events").start(this::run);
    }

    private void run() {
        while (!closing) {
            try {
                int last = 0;
                for (NetlinkMessage message : socket.receive(WAIT_MILLIS)) {
                    // The attribute of the table's name has the same number in messages of all kinds.
                    if (message.sender() != last
                            && message.attributes().text(TABLE_ATTRIBUTE).equals(TableText.NAME)) {
                        last = message.sender();
                        changed.accept(last);
                    }
                }
            } catch (NetlinkException e) {
                if (e.error() != Errno.ENOBUFS) {
                    LOG.warn("changes of the rules of policies by others are not seen: {}", e.getMessage());
                    return;
                }
                changed.accept(UNKNOWN);
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        boolean isInterrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        socket.close();
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
