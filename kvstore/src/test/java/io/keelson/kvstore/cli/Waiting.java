package io.keelson.kvstore.cli;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for a condition, with a deadline. */
final class Waiting {
    private static final long DEADLINE_S = 20;
    private static final long LOOK_MS = 10;

    private Waiting() {}

    static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - endNs > 0) {
                throw new AssertionError("waited in vain for " + what);
            }
            Thread.sleep(LOOK_MS);
        }
    }
}
