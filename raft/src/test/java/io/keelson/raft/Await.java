package io.keelson.raft;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits for a condition, with a deadline. */
public final class Await {
    private static final int DEADLINE_MS = 15_000;

    private Await() {}

    public static void until(String what, BooleanSupplier condition) {
        until(what, DEADLINE_MS, condition);
    }

    public static void until(String what, int deadlineMs, BooleanSupplier condition) {
        Boolean _ = value(what, deadlineMs, () -> condition.getAsBoolean() ? Boolean.TRUE : null);
    }

    /** Waits until there is a value. */
    public static <T> T value(String what, int deadlineMs, Supplier<@Nullable T> source) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(deadlineMs);
        while (true) {
            T value = source.get();
            if (value != null) {
                return value;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("did not come about within " + deadlineMs + " ms: " + what);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(2);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting: " + what, e);
            }
        }
    }
}
