package io.keelson.agent.command;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.process.Parts;
import io.keelson.controllers.runtime.Caches;
import java.net.HttpURLConnection;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fills caches when the API answers, however long that takes. */
final class Following {
    private static final Logger LOG = LoggerFactory.getLogger(Following.class);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
    private static final Duration BETWEEN_REFUSALS = Duration.ofMinutes(5);

    private Following() {}

    /**
     * Begins, and returns.
     *
     * @param what is in them, for the log
     * @param filled is run when they are; must be quick
     */
    static void start(String what, Caches caches, Parts parts, Runnable filled) {
        start(what, caches, () -> {}, parts, filled);
    }

    /**
     * The same for what a node may only read in some clusters; elsewhere nothing comes of it but a line in the log.
     *
     * @param reading reads a little of it, to find out
     */
    static void start(String what, Caches caches, Runnable reading, Parts parts, Runnable filled) {
        Thread thread = Thread.ofVirtual().name("follow-" + what).start(() -> {
            try {
                while (!fill(what, caches, reading)) {
                    Thread.sleep(BETWEEN_TRIES);
                }
                filled.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        parts.opened((AutoCloseable) thread::interrupt);
    }

    private static boolean fill(String what, Caches caches, Runnable reading) throws InterruptedException {
        try {
            reading.run();
            caches.start();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                LOG.info(
                        "the {} of the cluster are not followed, as this node may not read them: {}",
                        what,
                        e.getMessage());
                Thread.sleep(BETWEEN_REFUSALS);
            } else {
                LOG.warn("the {} of the cluster cannot be read yet: {}", what, e.getMessage());
            }
            return false;
        }
    }
}
