package io.keelson.proxy;

import io.keelson.agent.netlink.NetlinkException;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.proxy.conntrack.FlowCleaner;
import io.keelson.proxy.rules.Family;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets the kernel forget connections that became stale, at most once in a second, on a thread of its own. */
final class FlowThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlowThread.class);
    private static final long GAP_MILLIS = 1000;

    private final Map<Family, FlowCleaner> cleaners;
    private final Predicate<IpAddress> isNode;
    private final ProxyMetrics metrics;
    private final Semaphore wanted = new Semaphore(0);
    private final Thread thread;

    /** @param isNode whether node ports are served at an address; any thread */
    FlowThread(Map<Family, FlowCleaner> cleaners, Predicate<IpAddress> isNode, ProxyMetrics metrics) {
        this.cleaners = Map.copyOf(cleaners);
        this.isNode = isNode;
        this.metrics = metrics;
        thread = Thread.ofPlatform().daemon().name("proxy-flows").start(this::run);
    }

    /** There may be something. */
    void wake() {
        wanted.release();
    }

    private void run() {
        try {
            while (true) {
                wanted.acquire();
                int _ = wanted.drainPermits();
                cleaners.forEach(this::clean);
                Thread.sleep(GAP_MILLIS);
            }
        } catch (InterruptedException e) {
            // Told to end.
            Thread.currentThread().interrupt();
        }
    }

    private void clean(Family family, FlowCleaner cleaner) {
        long start = System.nanoTime();
        try {
            int count = cleaner.clean(isNode);
            metrics.flowsForgotten(family, count, System.nanoTime() - start);
        } catch (NetlinkException e) {
            LOG.warn(
                    "UDP connections to endpoints that are gone may stay until they are idle; it is tried again when"
                            + " something changes: {}",
                    e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        boolean isInterrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
