package io.keelson.agent.command;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Caches;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fills caches when the API answers, however long that takes. */
final class Following {
    private static final Logger LOG = LoggerFactory.getLogger(Following.class);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

    private Following() {}

    /**
     * Begins, and returns.
     *
     * @param what is in them, for the log
     * @param filled is run when they are; must be quick
     */
    static void start(String what, Caches caches, Parts parts, Runnable filled) {
        Thread thread = Thread.ofVirtual().name("follow-" + what).start(() -> {
            try {
                while (!fill(what, caches)) {
                    Thread.sleep(BETWEEN_TRIES);
                }
                filled.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        parts.opened((AutoCloseable) thread::interrupt);
    }

    private static boolean fill(String what, Caches caches) throws InterruptedException {
        try {
            caches.start();
            return true;
        } catch (KubernetesClientException e) {
            LOG.warn("the {} of the cluster cannot be read yet: {}", what, e.getMessage());
            return false;
        }
    }
}
