package io.keelson.apiserver.http;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/** The open connections: how many there may be, and how they all end. Thread-safe. */
final class Connections {
    /** One of them; every method may be called from any thread. */
    interface Connection {
        /** Takes no more requests, and closes when those under way are answered. */
        void drain();

        /** Closes now. */
        void cut();
    }

    private final int max;
    private final Set<Connection> open = new HashSet<>();
    private final LongAdder failedHandshakes = new LongAdder();
    private boolean draining;

    Connections(int max) {
        this.max = max;
    }

    /** Whether there may be one more; asked before anything is known about it. */
    synchronized boolean full() {
        return open.size() >= max;
    }

    synchronized void add(Connection connection) {
        open.add(connection);
        if (draining) {
            connection.drain();
        }
    }

    synchronized void remove(Connection connection) {
        open.remove(connection);
        if (open.isEmpty()) {
            notifyAll();
        }
    }

    /** One of them was closed before it could be used: its client and the server did not agree on TLS. */
    void handshakeFailed() {
        failedHandshakes.increment();
    }

    long failedHandshakes() {
        return failedHandshakes.sum();
    }

    synchronized int size() {
        return open.size();
    }

    synchronized boolean draining() {
        return draining;
    }

    void drain() {
        List<Connection> now;
        synchronized (this) {
            draining = true;
            now = List.copyOf(open);
        }
        now.forEach(Connection::drain);
    }

    void cut() {
        List<Connection> now;
        synchronized (this) {
            now = List.copyOf(open);
        }
        now.forEach(Connection::cut);
    }

    /** Waits until none is open; false if that takes longer. */
    synchronized boolean awaitNone(Duration longest) throws InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        while (!open.isEmpty()) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }
}
