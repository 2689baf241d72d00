package io.keelson.proxy.nft;

import io.keelson.agent.netlink.Errno;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkMessage;
import io.keelson.agent.netlink.NetlinkRequests;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.proxy.rules.Family;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to the kernel for changes to a table that others make, on a thread of its own. Who knows what was changed need not read all
 * again when only other tables were, or only little.
 */
public final class TableWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TableWatch.class);
    private static final int WAIT_MILLIS = 500;
    private static final long CATCH_UP_NANOS = 2_000_000_000L;
    private static final int FAMILY_IPV4 = 2;
    private static final int FAMILY_IPV6 = 10;

    private final NetlinkSocket socket;
    private final Set<Integer> own;
    private final String table;
    private final Runnable changed;
    private final Map<Family, Touched> touched = new EnumMap<>(Family.class);
    private final Thread thread;
    private int seen;
    private boolean isDeaf;
    private volatile boolean closing;

    /**
     * Listens from now on.
     *
     * @param socket is closed with this
     * @param own the ports of sockets whose changes are ours
     * @param changed is told when somebody else may have changed the table
     */
    public TableWatch(NetlinkSocket socket, Set<Integer> own, String table, Runnable changed) throws NetlinkException {
        this.socket = socket;
        this.own = Set.copyOf(own);
        this.table = table;
        this.changed = changed;
        socket.join(Nft.GROUP);
        seen = new KernelTable(new NetlinkRequests(socket), Family.IPV4, table).generation();
        // What happened before is not known.
        forgetAll();
        thread = Thread.ofPlatform().daemon().name("proxy-table-watch").start(this::run);
    }

    private synchronized void forgetAll() {
        for (Family family : Family.values()) {
            touched.put(family, Touched.ALL);
        }
    }

    private void run() {
        while (!closing) {
            try {
                boolean isChanged = false;
                for (NetlinkMessage message : socket.receive(WAIT_MILLIS)) {
                    isChanged |= note(message);
                }
                if (isChanged) {
                    changed.run();
                }
            } catch (NetlinkException e) {
                forgetAll();
                if (e.error() != Errno.ENOBUFS) {
                    LOG.warn("changes of rules by others are found by looking only: {}", e.getMessage());
                    synchronized (this) {
                        isDeaf = true;
                        notifyAll();
                    }
                    return;
                }
                // Some were lost, which may have been of others.
                changed.run();
            }
        }
    }

    /** Returns whether it tells of a change by somebody else. */
    private synchronized boolean note(NetlinkMessage message) {
        int kind = message.type() ^ Nft.SUBSYSTEM << 8;
        if (kind == Nft.NEW_GENERATION) {
            seen = (int) message.attributes().number(Nft.GENERATION_ID, seen);
            notifyAll();
            return false;
        }
        // The attribute of the table's name has the same number in all of them.
        if (own.contains(message.sender())
                || !message.attributes().text(Nft.TABLE).equals(table)) {
            return false;
        }
        Touched one = switch (kind) {
            case Nft.NEW_CHAIN, Nft.DELETE_CHAIN, Nft.NEW_RULE, Nft.DELETE_RULE -> new Touched(false, true, Set.of());
            case Nft.NEW_SET, Nft.DELETE_SET, Nft.NEW_ELEMENT, Nft.DELETE_ELEMENT ->
                new Touched(false, true, Set.of(message.attributes().text(Nft.SET_NAME)));
            default -> Touched.ALL;
        };
        int family = message.body().limit() > 0 ? message.body().get(0) : 0;
        switch (family) {
            case FAMILY_IPV4 -> add(Family.IPV4, one);
            case FAMILY_IPV6 -> add(Family.IPV6, one);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void add(Family family, Touched one) {
        touched.merge(family, one, Touched::and);
    }

    /**
     * What others have touched of a family's table since this was asked for last, up to a generation of the kernel's rules or a later
     * one.
     *
     * @return {@link Touched#ALL} where that is not known
     */
    synchronized Touched take(Family family, int generation) {
        boolean isKnown = !touched.getOrDefault(family, Touched.ALL).isAll() && hasHeard(generation);
        Touched since = touched.getOrDefault(family, Touched.ALL);
        touched.put(family, isDeaf ? Touched.ALL : Touched.NOTHING);
        return isKnown ? since : Touched.ALL;
    }

    /** Whether all is known up to a generation, for which it waits a little. */
    synchronized boolean hasHeard(int generation) {
        long start = System.nanoTime();
        try {
            while (!isDeaf && seen - generation < 0) {
                long left = CATCH_UP_NANOS - (System.nanoTime() - start);
                if (left <= 0) {
                    return false;
                }
                wait(Math.max(1, left / 1_000_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return !isDeaf;
    }

    /** Does not listen for a while, in which the kernel need not keep what it would have told. */
    void pause() throws NetlinkException {
        socket.leave(Nft.GROUP);
    }

    /** Listens again. What was done meanwhile is not known until {@link #knows} says so. */
    void resume() throws NetlinkException {
        socket.join(Nft.GROUP);
    }

    /**
     * Tells what was done during a pause.
     *
     * @param isOwn whether all of it was ours
     */
    synchronized void knows(int generation, boolean isOwn) {
        if (generation - seen > 0) {
            seen = generation;
        }
        if (!isOwn) {
            forgetAll();
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
