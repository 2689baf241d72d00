package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;

/** Waits for what will come to be. */
final class Deadline {
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final long PAUSE_MS = 20;

    private Deadline() {}

    /** Whether it has come to be. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws Exception;
    }

    static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                fail("it did not come to be within " + LONGEST.toSeconds() + " s");
            }
            Thread.sleep(PAUSE_MS);
        }
    }
}
