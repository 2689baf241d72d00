package io.keelson.controllers.kinds;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@link MetadataWatch} on a thread of its own. */
public final class RunningWatch {
    private static final Logger LOG = LoggerFactory.getLogger(RunningWatch.class);

    private final Kind kind;
    private final Thread thread;
    private volatile boolean broken;

    /** Starts to follow a kind. */
    public RunningWatch(Kind kind, MetadataWatch watch) {
        this.kind = kind;
        thread = Thread.ofVirtual().name("watch " + kind.groupResource()).start(() -> run(watch));
    }

    private void run(MetadataWatch watch) {
        try {
            watch.run();
        } catch (InterruptedException e) {
            // It is not wanted any more.
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.error("{} is not followed any more until somebody begins anew", kind.groupResource(), e);
            broken = true;
        }
    }

    /** What it follows. */
    public Kind kind() {
        return kind;
    }

    /** Whether it ended though nobody told it to. */
    public boolean isBroken() {
        return broken;
    }

    /** Tells it to end; it may still tell what it has just read. */
    public void interrupt() {
        thread.interrupt();
    }

    /** Ends it: when this returns it tells nothing any more. */
    public void stop() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
