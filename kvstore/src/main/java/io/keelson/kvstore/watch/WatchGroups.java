package io.keelson.kvstore.watch;

import java.util.function.Consumer;

/** All watches by interest, and the index that finds the interests an event touches. Owned by the dispatcher. */
final class WatchGroups {
    private final RangeIndex<WatchGroup> index = new RangeIndex<>();

    /** The group of an interest, made if it is the first of its kind; counts one watch in. */
    WatchGroup join(Interest interest) {
        for (WatchGroup group : index.at(interest.range())) {
            if (group.interest().equals(interest)) {
                group.join();
                return group;
            }
        }
        WatchGroup group = new WatchGroup(interest);
        group.join();
        index.add(interest.range(), group);
        return group;
    }

    /** Counts one watch out, and forgets the group with its last one. */
    void leave(WatchGroup group) {
        if (group.leave()) {
            index.remove(group.interest().range(), group);
        }
    }

    void find(byte[] key, Consumer<? super WatchGroup> found) {
        index.find(key, found);
    }
}
