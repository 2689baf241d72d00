package io.keelson.agent.shutdown;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/** A machine that is shut down when a test says so, if it is one that can be asked to wait. */
final class FakeMachine implements LoginManager {
    /** What was asked of it. */
    final List<String> calls = new CopyOnWriteArrayList<>();

    volatile boolean isThere = true;

    /** For how long it may be held up, whatever is asked for. */
    volatile Duration most = Duration.ofDays(1);

    private volatile Duration delayMax = Duration.ofSeconds(5);
    private final BlockingQueue<Boolean> events = new LinkedBlockingQueue<>();

    void comes(boolean isComing) {
        events.add(isComing);
    }

    @Override
    public Duration delayMax() throws IOException {
        if (!isThere) {
            calls.add("asked");
            throw new IOException("nobody answers");
        }
        return delayMax;
    }

    @Override
    public void allowDelay(Duration time) {
        calls.add("allow " + time);
        delayMax = time.compareTo(most) < 0 ? time : most;
    }

    @Override
    public Delay delay() {
        calls.add("hold");
        return () -> calls.add("release");
    }

    @Override
    public void follow(Told told) throws InterruptedException {
        while (true) {
            told.comes(events.take());
        }
    }

    @Override
    public void close() {
        calls.add("close");
    }
}
