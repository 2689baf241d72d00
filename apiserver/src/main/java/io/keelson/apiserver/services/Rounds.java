package io.keelson.apiserver.services;

import io.keelson.apiserver.errors.ApiException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is looked after again and again, each on a virtual thread of its own. A round that fails is left to the next one. */
public final class Rounds implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Rounds.class);

    private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());

    /** One round. */
    @FunctionalInterface
    public interface Round {
        void run() throws InterruptedException;
    }

    /** Makes the first round soon, and others with a pause between them. */
    public void start(String name, Duration pause, Round round) {
        start(name, Duration.ZERO, pause, round);
    }

    /** As {@link #start}, but somebody has made the first round already. */
    public void goOn(String name, Duration pause, Round round) {
        start(name, pause, pause, round);
    }

    private void start(String name, Duration before, Duration pause, Round round) {
        threads.add(Thread.ofVirtual().name(name).start(() -> repeat(name, before, pause, round)));
    }

    private static void repeat(String name, Duration before, Duration pause, Round round) {
        try {
            Thread.sleep(before);
            while (true) {
                try {
                    round.run();
                } catch (ApiException e) {
                    log.info("{}: {}; again in {} s", name, e.message(), pause.toSeconds());
                } catch (RuntimeException | Error e) {
                    log.warn("{} failed; again in {} s", name, pause.toSeconds(), e);
                }
                Thread.sleep(pause);
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        List.copyOf(threads).forEach(Thread::interrupt);
    }
}
