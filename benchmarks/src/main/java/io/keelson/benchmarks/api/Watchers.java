package io.keelson.benchmarks.api;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Watches that are read as fast as they come; counts their events, which are a line each. */
final class Watchers implements AutoCloseable {
    /** So many watches, as they are by default, have a connection each, as those of many clients have. */
    private static final int OF_THEIR_OWN_MAX = 50;

    /** More share connections, each of them fewer than servers allow and than a client assumes before it is told. */
    private static final int ON_ONE_CONNECTION = 50;

    private final List<ApiConnection> shared = new ArrayList<>();
    private final List<InputStream> streams = new ArrayList<>();
    private final List<Thread> readers = new ArrayList<>();
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private volatile boolean closing;

    /** Opens so many watches of one path. */
    static Watchers open(ApiConnection api, String path, int count) throws IOException, InterruptedException {
        Watchers watchers = new Watchers();
        try {
            ApiConnection connection = api;
            for (int i = 0; i < count; i++) {
                if (count > OF_THEIR_OWN_MAX && i % ON_ONE_CONNECTION == 0) {
                    connection = api.another();
                    watchers.shared.add(connection);
                }
                InputStream stream = connection.stream(path);
                watchers.streams.add(stream);
                watchers.readers.add(Thread.startVirtualThread(() -> watchers.read(stream)));
            }
            return watchers;
        } catch (IOException | InterruptedException | RuntimeException e) {
            watchers.close();
            throw e;
        }
    }

    private void read(InputStream stream) {
        byte[] buffer = new byte[1 << 16];
        try {
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                int lines = 0;
                for (int i = 0; i < read; i++) {
                    if (buffer[i] == '\n') {
                        lines++;
                    }
                }
                events.addAndGet(lines);
            }
            ended.incrementAndGet();
        } catch (IOException e) {
            if (!closing) {
                ended.incrementAndGet();
            }
        }
    }

    /** Waits until so many events have come in all, or the time is over; returns how many have. */
    long await(long expected, long seconds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (events.get() < expected && System.nanoTime() < end) {
            Thread.sleep(10);
        }
        return events.get();
    }

    /** How many watches the server has ended. */
    long ended() {
        return ended.get();
    }

    @Override
    public void close() {
        closing = true;
        for (InputStream stream : streams) {
            try {
                stream.close();
            } catch (IOException e) {
                // It is being given up anyway.
            }
        }
        readers.forEach(Thread::interrupt);
        shared.forEach(ApiConnection::close);
    }
}
