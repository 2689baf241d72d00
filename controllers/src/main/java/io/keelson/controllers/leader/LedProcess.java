package io.keelson.controllers.leader;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.runtime.ApiClient;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process that does its work while it leads. One thread calls {@link #run}, and that is the whole of it. */
public final class LedProcess {
    private static final Logger LOG = LoggerFactory.getLogger(LedProcess.class);

    private final Config config;
    private final @Nullable ElectionTerms terms;
    private final String identity;
    private final List<Interceptor> interceptors;

    /** What is done while the process leads. */
    @FunctionalInterface
    public interface Work {
        /**
         * Starts it.
         *
         * @param interceptors which all its calls to the API have to pass
         * @return ends it; nothing is written once that has returned
         */
        Started start(List<Interceptor> interceptors) throws InterruptedException;
    }

    /** Work that is being done. */
    public interface Started extends AutoCloseable {
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

    /**
     * Waits to be elected, works, and returns when this process does not lead any more.
     *
     * @param started is told when the work has started
     * @throws InterruptedException if it is to end; the lease is released then
     */
    public void run(Work work, Runnable started) throws InterruptedException {
        if (terms == null) {
            try (Started _ = work.start(interceptors)) {
                started.run();
                Thread.sleep(Long.MAX_VALUE);
            }
        } else {
            campaign(terms, work, started);
        }
    }

    private void campaign(ElectionTerms agreed, Work work, Runnable started) throws InterruptedException {
        try (KubernetesClient own = ApiClient.of(config, agreed.renewDeadline().dividedBy(2), List.of())) {
            LeaseElection election = new LeaseElection(own, agreed, identity);
            election.acquire();
            List<Interceptor> fenced = new ArrayList<>(interceptors);
            fenced.add(new Fence(election::leads));
            try {
                hold(election, fenced, work, started);
            } finally {
                // All work has ended by now: others need not wait.
                election.release();
            }
        }
    }

    /** The lease is renewed from the first moment on, the work may take longer to start than it lasts. */
    private static void hold(LeaseElection election, List<Interceptor> fenced, Work work, Runnable started)
            throws InterruptedException {
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
        try (Started _ = work.start(fenced)) {
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
