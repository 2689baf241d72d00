package io.keelson.controllers.runtime;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What a loop has asked the API for and its cache has not seen yet. A loop that counts, say the pods of a ReplicaSet, would
 * count the ones it has just made as missing and make them again; so it waits until what it expects has been seen.
 *
 * <p>Worked through: a ReplicaSet wants three pods and sees none. The loop {@linkplain #create expects} three, and creates
 * them; one creation fails, so it {@linkplain #notCreated takes} one back. The cache tells of two new pods, and for each the
 * change takes one. Now the key is {@linkplain #met met}: the loop counts two, and makes the third.
 *
 * <p>An expectation that is not met within five minutes is given up, as an event may never come: an object that was made and
 * deleted between two looks. What is seen twice counts once, by its uid.
 *
 * <p>Safe for any thread. Holds as many entries as there are keys with something open.
 */
public final class Expectations {
    private static final Duration GIVEN_UP = Duration.ofMinutes(5);

    private final Time time;
    private final Map<Key, Open> open = new HashMap<>();

    private static final class Open {
        private int creations;
        private final Set<String> seen = new HashSet<>();
        private final Set<String> deletions = new HashSet<>();
        private long since;

        private Open(long since) {
            this.since = since;
        }
    }

    /** None. */
    public Expectations(Time time) {
        this.time = time;
    }

    /** Expects creations, before they are asked for. */
    public synchronized void create(Key key, int count) {
        if (count > 0) {
            opened(key).creations += count;
        }
    }

    /** Takes one expected creation: an object is there that was not. One that is told of twice counts once. */
    public synchronized void created(Key key, String uid) {
        Open expected = open.get(key);
        if (expected != null && expected.creations > 0 && expected.seen.add(uid)) {
            expected.creations--;
            forgetIfMet(key, expected);
        }
    }

    /** Takes one expected creation: it failed, or is not tried. */
    public synchronized void notCreated(Key key) {
        Open expected = open.get(key);
        if (expected != null && expected.creations > 0) {
            expected.creations--;
            forgetIfMet(key, expected);
        }
    }

    /** Expects deletions, before they are asked for. */
    public synchronized void delete(Key key, Collection<String> uids) {
        if (!uids.isEmpty()) {
            opened(key).deletions.addAll(uids);
        }
    }

    /** Takes one expected deletion: it was seen, as an object that is gone or is on its way, or it failed. */
    public synchronized void deleted(Key key, String uid) {
        Open expected = open.get(key);
        if (expected != null && expected.deletions.remove(uid)) {
            forgetIfMet(key, expected);
        }
    }

    /** Whether everything that was expected has been seen, or has been waited for long enough. */
    public synchronized boolean met(Key key) {
        Open expected = open.get(key);
        if (expected == null) {
            return true;
        }
        if (time.nanoTime() - expected.since > GIVEN_UP.toNanos()) {
            open.remove(key);
            return true;
        }
        return false;
    }

    /** Expects nothing of a key any more: its object is gone. */
    public synchronized void forget(Key key) {
        open.remove(key);
    }

    private Open opened(Key key) {
        long now = time.nanoTime();
        Open expected = open.computeIfAbsent(key, ignored -> new Open(now));
        expected.since = now;
        return expected;
    }

    private void forgetIfMet(Key key, Open expected) {
        if (expected.creations == 0 && expected.deletions.isEmpty()) {
            open.remove(key);
        }
    }
}
