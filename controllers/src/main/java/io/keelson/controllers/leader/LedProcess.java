package io.keelson.controllers.leader;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Time;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that does its work while it leads, and follows the API before that, so that it acts as soon as it is elected. One
 * thread calls {@link #run}, and that is the whole of it.
 */
public final class LedProcess {
    private static final Logger LOG = LoggerFactory.getLogger(LedProcess.class);

    private final Config config;
    private final @Nullable ElectionTerms terms;
    private final String identity;
    private final List<Interceptor> interceptors;
    private volatile @Nullable LeaseElection election;

    /** What is done while the process leads. */
    @FunctionalInterface
    public interface Work {
        /**
         * Makes it ready to be started; speaks to nobody yet.
         *
         * @param interceptors which all its calls to the API have to pass; they let no write pass while another process leads
         */
        Prepared prepare(List<Interceptor> interceptors);
    }

    /** Work that can be started. */
    public interface Prepared extends AutoCloseable {
        /**
         * Reads what it will need and follows it from then on; returns when it has. Called while another process may lead,
         * and again if it fails.
         */
        void fill() throws InterruptedException;

        /** Starts to act, on what it has read by then; reads what it has not. */
        void start() throws InterruptedException;

        /** Ends it, wherever it is; nothing is written once this has returned. */
        @Override
        void close();
    }

    /**
     * A process.
     *
     * @param terms of the election; null to lead without one
     * @param identity what no other process calls itself
     * @param interceptors see each call to the API that the work makes
     */
    public LedProcess(
            Config config, @Nullable ElectionTerms terms, String identity, List<? extends Interceptor> interceptors) {
        this.config = config;
        this.terms = terms;
        this.identity = identity;
        this.interceptors = List.copyOf(interceptors);
    }

    /** Whether this process leads; one that runs without an election does not say so. Any thread. */
    public boolean leads() {
        LeaseElection part = election;
        return part != null && part.leads();
    }

    /** Whether its part in the election goes as it should. Any thread. */
    public boolean well() {
        LeaseElection part = election;
        return part == null || part.well();
    }

    /**
     * Waits to be elected, works, and returns when this process does not lead any more.
     *
     * @param started is told when the work has started
     * @throws InterruptedException if it is to end; the lease is released then
     */
    public void run(Work work, Runnable started) throws InterruptedException {
        if (terms == null) {
            try (Prepared prepared = work.prepare(interceptors)) {
                prepared.start();
                started.run();
                Thread.sleep(Long.MAX_VALUE);
            }
        } else {
            campaign(terms, work, started);
        }
    }

    private void campaign(ElectionTerms agreed, Work work, Runnable started) throws InterruptedException {
        try (KubernetesClient own = ApiClient.of(config, agreed.renewDeadline().dividedBy(2), List.of())) {
            LeaseElection part = new LeaseElection(own, agreed, identity);
            election = part;
            List<Interceptor> fenced = new ArrayList<>(interceptors);
            fenced.add(new Fence(part::leads));
            // Its thread ends before the client that it writes by.
            try (Time time = Time.system();
                    EventRecorder events = new EventRecorder(own, time)) {
                try (Standby standby = new Standby(work.prepare(fenced), agreed.retryPeriod())) {
                    part.acquire();
                    tell(events, part, agreed);
                    hold(part, standby, started);
                } finally {
                    // All work has ended by now: others need not wait.
                    part.release();
                }
            }
        }
    }

    /** Tells users who leads, by an event of the Lease. */
    private void tell(EventRecorder events, LeaseElection part, ElectionTerms agreed) {
        Lease lease = part.lease();
        if (lease != null) {
            events.from(agreed.name()).normal(lease, "LeaderElection", identity + " became leader");
        }
    }

    /** The lease is renewed from the first moment on, the work may take longer to start than it lasts. */
    private static void hold(LeaseElection election, Standby standby, Runnable started) throws InterruptedException {
        Thread leading = Thread.currentThread();
        Thread renewing = Thread.ofVirtual().name("lease").start(() -> {
            try {
                election.holdUntilLost();
                leading.interrupt();
            } catch (InterruptedException e) {
                // The process ends.
                Thread.currentThread().interrupt();
            }
        });
        // It is ended while the lease is still renewed: what is under way may be written.
        try (standby) {
            standby.start();
            started.run();
            renewing.join();
        } catch (InterruptedException e) {
            if (election.leads()) {
                throw e;
            }
        } finally {
            renewing.interrupt();
        }
        LOG.error("leaderelection lost");
    }
}
