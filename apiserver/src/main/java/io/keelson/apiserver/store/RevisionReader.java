package io.keelson.apiserver.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the revisions of single keys, many at once: while a request is under way, those who come wait, and one of them
 * asks for all of them next. Whoever waits is answered by a request that was sent after it came, so that every answer is as
 * fresh as one of its own would be. Any thread.
 */
final class RevisionReader {
    /** Fewer than the operations that a store allows in a transaction by default, which are 128. */
    static final int KEYS_MAX = 64;
    /** How many requests are under way at most: one that is slow does not hold up everybody. */
    private static final int REQUESTS_MAX = 2;

    private final Request request;
    private final ReentrantLock lock = new ReentrantLock();
    /** Who waits to be asked for. Guarded by the lock; as many as there are threads that call. */
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /** Requests under way. Guarded by the lock. */
    private int underWay;

    /** Asks the store, linearizably. */
    @FunctionalInterface
    interface Request {
        /** @return for each key the revision of its newest value, or 0 */
        List<Long> revisions(List<String> keys) throws InterruptedException;
    }

    /** One that waits: it is told what it wanted to know, or, by null, that it is its turn to ask. */
    private record Waiting(String key, CompletableFuture<@Nullable Long> told) {}

    RevisionReader(Request request) {
        this.request = request;
    }

    /** The revision of a key's newest value; 0 if there is none. */
    long revision(String key) throws InterruptedException {
        Waiting self = new Waiting(key, new CompletableFuture<>());
        lock.lock();
        try {
            if (underWay == REQUESTS_MAX) {
                waiting.add(self);
            } else {
                underWay++;
                self.told().complete(null);
            }
        } finally {
            lock.unlock();
        }
        try {
            Long told = self.told().get();
            return told != null ? told : ask(self);
        } catch (InterruptedException e) {
            leave(self);
            throw e;
        } catch (ExecutionException e) {
            // It was for all that were asked for together. Alone it fails with what is its own, or it does not.
            return request.revisions(List.of(key)).getFirst();
        }
    }

    private long ask(Waiting self) throws InterruptedException {
        List<Waiting> asked = new ArrayList<>(List.of(self));
        lock.lock();
        try {
            while (!waiting.isEmpty() && asked.size() < KEYS_MAX) {
                asked.add(waiting.remove());
            }
        } finally {
            lock.unlock();
        }
        List<Waiting> others = asked.subList(1, asked.size());
        List<Long> revisions;
        try {
            revisions = request.revisions(asked.stream().map(Waiting::key).toList());
        } catch (InterruptedException | RuntimeException | Error e) {
            others.forEach(other -> other.told().completeExceptionally(e));
            if (others.isEmpty() || !(e instanceof RuntimeException)) {
                throw e;
            }
            revisions = request.revisions(List.of(self.key()));
        } finally {
            passOn();
        }
        for (int i = 1; i < revisions.size(); i++) {
            others.get(i - 1).told().complete(revisions.get(i));
        }
        return revisions.getFirst();
    }

    /** Lets another one ask in the place of one that has asked. */
    private void passOn() {
        Waiting next;
        do {
            lock.lock();
            try {
                next = waiting.poll();
                if (next == null) {
                    underWay--;
                }
            } finally {
                lock.unlock();
            }
            // One that has just been interrupted does not take its turn.
        } while (next != null && !next.told().complete(null));
    }

    /** One that waited was interrupted; if it was its turn, another one takes it. */
    private void leave(Waiting self) {
        boolean waited;
        lock.lock();
        try {
            waited = waiting.remove(self);
        } finally {
            lock.unlock();
        }
        if (!waited && !self.told().completeExceptionally(new InterruptedException("gave up")) && isTurn(self)) {
            passOn();
        }
    }

    private static boolean isTurn(Waiting self) {
        return self.told().state() == CompletableFuture.State.SUCCESS
                && self.told().resultNow() == null;
    }
}
