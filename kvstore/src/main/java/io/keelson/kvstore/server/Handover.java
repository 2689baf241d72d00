package io.keelson.kvstore.server;

import io.keelson.kvstore.membership.ClusterIds;
import io.keelson.kvstore.membership.Membership;
import io.keelson.raft.RaftNode;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the leadership to another member before this one stops, so that the others need no election. */
final class Handover {
    private static final Logger log = LoggerFactory.getLogger(Handover.class);
    private static final int TRANSFER_TIMEOUT_MS = 3_000;
    private static final int ANSWER_TIMEOUT_MS = 500;

    private Handover() {}

    /** Does nothing unless this member leads and another one that votes answers. */
    static void run(RaftNode raft, PeerService peers, Membership members, long selfId) {
        if (!raft.status().leading()) {
            return;
        }
        List<Long> byProgress = raft.replicatedIndexes().entrySet().stream()
                .filter(entry -> entry.getKey() != selfId
                        && members.member(entry.getKey()) != null
                        && !members.isLearner(entry.getKey()))
                .sorted(Map.Entry.<Long, Long>comparingByValue(Comparator.reverseOrder()))
                .map(Map.Entry::getKey)
                .toList();
        try {
            for (long target : byProgress) {
                if (answers(peers, target)) {
                    raft.transferLeadership(target).get(TRANSFER_TIMEOUT_MS, TimeUnit.MILLISECONDS);
                    log.info("leadership handed over to {}", ClusterIds.text(target));
                    return;
                }
            }
        } catch (ExecutionException | TimeoutException e) {
            log.warn("leadership was not handed over: {}", Failures.cause(e).toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean answers(PeerService peers, long member) throws InterruptedException, ExecutionException {
        try {
            return peers.reachable(member).get(ANSWER_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return false;
        }
    }
}
