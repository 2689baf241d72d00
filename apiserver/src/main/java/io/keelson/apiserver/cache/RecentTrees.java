package io.keelson.apiserver.cache;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds how many entries hold their object as a tree beside its bytes. A tree takes about ten times the memory; so only
 * those that were made last are kept, for whoever changes or converts the same object soon, and an entry whose tree went
 * makes another one when it is asked. Any thread.
 */
final class RecentTrees {
    private final long bytesMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<CacheEntry> holders = new ArrayDeque<>();
    private long bytes;

    /** @param bytesMax how many bytes of encoded objects may be held as trees, too */
    RecentTrees(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** An entry has begun to hold its tree. */
    void made(CacheEntry entry) {
        lock.lock();
        try {
            holders.add(entry);
            bytes += entry.sizeBytes();
            while (bytes > bytesMax && !holders.isEmpty()) {
                CacheEntry oldest = holders.remove();
                bytes -= oldest.sizeBytes();
                oldest.forgetTree();
            }
        } finally {
            lock.unlock();
        }
    }
}
