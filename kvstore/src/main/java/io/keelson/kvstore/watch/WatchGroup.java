package io.keelson.kvstore.watch;

import java.util.ArrayList;
import java.util.List;

/**
 * The watches of one interest: found by one look-up, served from one batch. Only those that are up to date are kept in
 * {@code live}; those that lag, or whose stream is stuck, cost nothing here. Owned by the dispatcher.
 */
final class WatchGroup {
    private final Interest interest;
    private final List<Watch> live = new ArrayList<>(1);
    private final EventBatch.Collector collector;
    private int members;

    WatchGroup(Interest interest) {
        this.interest = interest;
        this.collector = new EventBatch.Collector(interest.previous());
    }

    Interest interest() {
        return interest;
    }

    /** Counts a watch in. */
    void join() {
        members++;
    }

    /** Counts a watch out; returns whether none is left. */
    boolean leave() {
        members--;
        return members == 0;
    }

    int liveCount() {
        return live.size();
    }

    Watch live(int i) {
        return live.get(i);
    }

    void addLive(Watch watch) {
        watch.slot = live.size();
        live.add(watch);
    }

    /** Takes a watch out by moving the last one into its place, so a loop that counts down may call it for its own. */
    void removeLive(Watch watch) {
        Watch moved = live.removeLast();
        if (moved != watch) {
            live.set(watch.slot, moved);
            moved.slot = watch.slot;
        }
        watch.slot = -1;
    }

    EventBatch.Collector collector() {
        return collector;
    }
}
