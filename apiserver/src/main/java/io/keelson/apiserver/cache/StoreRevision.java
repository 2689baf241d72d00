package io.keelson.apiserver.cache;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.store.ObjectStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Asks the store for its revision, on behalf of all who want to know it at about the same time. Only a question that was
 * put after somebody came tells that one enough; so whoever comes while the store is being asked waits for the next
 * question, which is put for all of them once the answer is there.
 */
final class StoreRevision {
    private final ObjectStore store;
    private final Semaphore turn = new Semaphore(1);
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable CompletableFuture<Long> gathering;

    StoreRevision(ObjectStore store) {
        this.store = store;
    }

    /** The revision at some moment during this call. */
    long read() throws InterruptedException {
        while (true) {
            CompletableFuture<Long> question;
            boolean leads;
            lock.lock();
            try {
                leads = gathering == null;
                if (gathering == null) {
                    gathering = new CompletableFuture<>();
                }
                question = gathering;
            } finally {
                lock.unlock();
            }
            if (leads) {
                return lead(question);
            }
            try {
                return question.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof ApiException failure) {
                    throw failure;
                }
                // Whoever was to ask was interrupted; somebody else will.
            }
        }
    }

    private long lead(CompletableFuture<Long> question) throws InterruptedException {
        boolean acquired = false;
        try {
            turn.acquire();
            acquired = true;
            gatherAnew(question);
            long revision = store.revision();
            question.complete(revision);
            return revision;
        } catch (InterruptedException | RuntimeException | Error e) {
            gatherAnew(question);
            question.completeExceptionally(e);
            throw e;
        } finally {
            if (acquired) {
                turn.release();
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // It is about this question, and a future is equal to no other.
    private void gatherAnew(CompletableFuture<Long> question) {
        lock.lock();
        try {
            if (gathering == question) {
                gathering = null;
            }
        } finally {
            lock.unlock();
        }
    }
}
