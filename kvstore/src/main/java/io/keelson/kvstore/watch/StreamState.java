package io.keelson.kvstore.watch;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.SequencedSet;

/** What the dispatcher knows of a stream. Owned by the dispatcher. */
final class StreamState {
    /** Ids of compacted watches that are remembered, so that a client's cancel of them is answered as etcd does. */
    private static final int RETIRED_MAX = 1024;

    /** Word of a watch's end, to be sent once the stream has room. */
    record Notice(long watchId, String reason) {}

    final WatchReceiver receiver;
    final WatchAuthorizer authorizer;
    final boolean requireLeader;
    final Map<Long, Watch> watches = new HashMap<>();
    /** Watches in state BEHIND, the one that waits longest first. */
    final SequencedSet<Watch> behind = new LinkedHashSet<>();
    /** At most one for each watch that existed since the stream last had room. */
    final Queue<Notice> notices = new ArrayDeque<>();

    /** Watches that are owed a periodic report. */
    final Queue<Watch> reports = new ArrayDeque<>();

    private final SequencedSet<Long> retired = new LinkedHashSet<>();
    private long nextAutomaticId;

    /** Watches in state READING. */
    int reading;
    /** The receiver was not ready when last asked, and has not said otherwise since. */
    boolean blocked;
    /** The receiver threw; it is called no more, except to be told that the stream is over. */
    boolean broken;

    boolean closed;
    boolean turnQueued;
    boolean historyQueued;
    /** A request was carried out while there was no room for the answer to the next one. */
    boolean owesNext;
    /** A progress request waits for all watches to be up to date. */
    boolean owesProgress;
    /** The revision that the answer to a progress request must not be below. */
    long progressRevision;
    /** When the next periodic report is due, if any watch wants one. */
    long nextTickNs;

    final long tickIntervalNs;
    boolean ticking;

    StreamState(
            WatchReceiver receiver,
            WatchAuthorizer authorizer,
            boolean requireLeader,
            long openedNs,
            long tickIntervalNs) {
        this.receiver = receiver;
        this.authorizer = authorizer;
        this.requireLeader = requireLeader;
        this.nextTickNs = openedNs + tickIntervalNs;
        this.tickIntervalNs = tickIntervalNs;
    }

    /** Whether an id is taken, by a watch or by one that compaction ended and the client has not canceled since. */
    boolean taken(long id) {
        return watches.containsKey(id) || retired.contains(id);
    }

    /** The smallest id not yet given out nor taken by the client. */
    long automaticId() {
        while (taken(nextAutomaticId)) {
            nextAutomaticId++;
        }
        return nextAutomaticId++;
    }

    void retire(long id) {
        if (retired.size() >= RETIRED_MAX) {
            retired.removeFirst();
        }
        retired.add(id);
    }

    boolean forget(long id) {
        return retired.remove(id);
    }

    /** Whether every watch has been sent everything up to the dispatcher's revision. */
    boolean upToDate() {
        return behind.isEmpty() && reading == 0;
    }
}
