package io.keelson.apiserver.cache;

import java.util.concurrent.atomic.LongAdder;

/** How many lists came out of a cache, and what they took. Any thread. */
final class ListCounts {
    private final LongAdder lists = new LongAdder();
    private final LongAdder fetched = new LongAdder();
    private final LongAdder returned = new LongAdder();

    /**
     * A list was made.
     *
     * @param looked how many objects were looked at
     * @param found how many of them are in it
     */
    void listed(int looked, int found) {
        lists.increment();
        fetched.add(looked);
        returned.add(found);
    }

    long lists() {
        return lists.sum();
    }

    long fetched() {
        return fetched.sum();
    }

    long returned() {
        return returned.sum();
    }
}
