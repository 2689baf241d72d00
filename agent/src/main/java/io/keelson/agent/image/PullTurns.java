package io.keelson.agent.image;

import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;

/** Whose turn it is to pull. Those who wait get theirs in the order in which they came. */
final class PullTurns {
    private static final double NANOS = 1e9;

    private final Time time;
    private final PullSettings settings;
    private final Semaphore turns;

    /** How many pulls may begin at once, as of {@link #counted}. */
    private double tokens;

    private Instant counted;

    PullTurns(PullSettings settings, Time time) {
        this.time = time;
        this.settings = settings;
        int atOnce = settings.serial() ? 1 : settings.parallelMax() == 0 ? Integer.MAX_VALUE : settings.parallelMax();
        turns = new Semaphore(atOnce, true);
        tokens = settings.burst();
        counted = time.steady();
    }

    /** Waits for the caller's turn, who says when he is {@link #done}. */
    void await() throws InterruptedException {
        turns.acquire();
    }

    void done() {
        turns.release();
    }

    /** Whether another pull may begin now; if not, it fails, as with the kubelet. */
    synchronized boolean mayBegin() {
        if (settings.perSecond() == 0) {
            return true;
        }
        Instant now = time.steady();
        double passed = Duration.between(counted, now).toNanos() / NANOS;
        tokens = Math.min(settings.burst(), tokens + passed * settings.perSecond());
        counted = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
