package io.keelson.proxy.nft;

import io.keelson.agent.netlink.Errno;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkMessage;
import io.keelson.agent.netlink.NetlinkSocket;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens to the kernel for changes to a table that others make, on a thread of its own. */
public final class TableWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TableWatch.class);
    private static final int WAIT_MILLIS = 500;

    private final NetlinkSocket socket;
    private final Set<Integer> own;
    private final String table;
    private final Runnable changed;
    private final Thread thread;
    private volatile boolean closing;

    /**
     * Listens from now on.
     *
     * @param socket is closed with this
     * @param own the ports of sockets whose changes are ours
     * @param changed is told when somebody else may have changed the table; also of one of that name in another family
     */
    public TableWatch(NetlinkSocket socket, Set<Integer> own, String table, Runnable changed) throws NetlinkException {
        this.socket = socket;
        this.own = Set.copyOf(own);
        this.table = table;
        this.changed = changed;
        socket.join(Nft.GROUP);
        thread = Thread.ofPlatform().daemon().name("proxy-table-watch").start(this::run);
    }

    private void run() {
        while (!closing) {
            try {
                for (NetlinkMessage message : socket.receive(WAIT_MILLIS)) {
                    // The attribute of the table's name has the same number in all of them.
                    if (!own.contains(message.sender())
                            && message.attributes().text(Nft.TABLE).equals(table)) {
                        changed.run();
                    }
                }
            } catch (NetlinkException e) {
                if (e.error() != Errno.ENOBUFS) {
                    LOG.warn("changes of rules by others are found by looking only: {}", e.getMessage());
                    return;
                }
                // Some were lost, which may have been of others.
                changed.run();
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        socket.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
