package io.keelson.dist.up;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/**
 * A part that is one of the commands, run on a thread of this process with the flags that a user would give it. If it ends
 * without having been told to, it is begun again, as whoever runs processes would do: after a second, then after twice as long
 * each time.
 */
final class CommandPart implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CommandPart.class);
    private static final Duration PAUSE_MIN = Duration.ofSeconds(1);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);
    private static final Duration WELL = Duration.ofMinutes(5);
    private static final Duration END_MAX = Duration.ofSeconds(10);

    private final String title;
    private final Thread thread;

    /** A new command; each run has its own. */
    interface Source {
        Callable<Integer> command();
    }

    private CommandPart(String title, Thread thread) {
        this.title = title;
        this.thread = thread;
    }

    /** Begins to run a command. */
    static CommandPart start(String title, Source source, List<String> flags) {
        Thread thread = Thread.ofPlatform().name(title).start(() -> keepRunning(title, source, flags));
        return new CommandPart(title, thread);
    }

    private static void keepRunning(String title, Source source, List<String> flags) {
        Duration pause = PAUSE_MIN;
        try {
            while (true) {
                long begun = System.nanoTime();
                int code = run(source, flags);
                // Those that see for themselves that the process ends do so with 0.
                if (Thread.interrupted() || code == 0) {
                    return;
                }
                pause = System.nanoTime() - begun > WELL.toNanos() ? PAUSE_MIN : pause;
                LOG.warn("{} ended with {}; it begins again in {} s", title, code, pause.toSeconds());
                TimeUnit.MILLISECONDS.sleep(pause.toMillis());
                pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) < 0 ? pause.multipliedBy(2) : PAUSE_MAX;
            }
        } catch (InterruptedException e) {
            LOG.debug("{} ends", title);
        }
    }

    private static int run(Source source, List<String> flags) {
        return new CommandLine(source.command()).execute(flags.toArray(String[]::new));
    }

    /** Tells it to end, and returns when it has, or when this thread is told to end, too. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(END_MAX.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("{} has not ended within {} s", title, END_MAX.toSeconds());
        }
    }
}
