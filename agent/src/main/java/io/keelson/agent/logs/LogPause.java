package io.keelson.agent.logs;

import java.time.Duration;

/**
 * How soon logs are looked at again. A log that had grown to many times its limit since the last look is looked at so much
 * sooner the next time that it will have about its limit then; when it grows no more, the pause becomes twice as long with
 * each look, up to the usual one. So what is written as fast as can be takes the disk once for as long as a look is away, and
 * a few times the limit from then on.
 */
final class LogPause {
    private static final Duration LEAST = Duration.ofMillis(100);
    private static final int CALMER_MAX = 2;

    private final LogRotation rotation;
    private Duration pause;

    LogPause(LogRotation rotation) {
        this.rotation = rotation;
        pause = rotation.every();
    }

    /**
     * The next one.
     *
     * @param largest how many bytes the largest of the logs had that are written to
     */
    Duration next(long largest) {
        double times = Math.min(CALMER_MAX, (double) rotation.bytesMax() / Math.max(1, largest));
        long nanos = (long) (pause.toNanos() * times);
        nanos = Math.max(LEAST.toNanos(), Math.min(rotation.every().toNanos(), nanos));
        pause = Duration.ofNanos(nanos);
        return pause;
    }
}
