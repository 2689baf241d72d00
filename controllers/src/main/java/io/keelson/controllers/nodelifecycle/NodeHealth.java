package io.keelson.controllers.nodelifecycle;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;

/**
 * When a node was heard of last, by a clock that nobody sets: no node is lost because this machine's clock is corrected. The
 * times that a node writes are only compared with what it wrote before, never with a clock: nodes whose clocks are wrong are
 * as well as others.
 *
 * @param uid which node: another one of the same name starts afresh
 * @param heartbeat the heartbeat of its Ready condition; null if it has not told of itself
 * @param renewed when it says it renewed its Lease; null if it has none
 * @param heard when one of both was seen to have changed
 */
record NodeHealth(
        String uid, @Nullable String heartbeat, @Nullable ZonedDateTime renewed, Instant heard) {
    /**
     * What is known of a node after a look at it.
     *
     * @param before what was known; null before the first look
     * @param now by the clock that nobody sets
     * @param clock the time at which objects of this moment are created
     */
    static NodeHealth observe(
            @Nullable NodeHealth before, Node node, @Nullable Lease lease, Instant now, Instant clock) {
        String uid = node.getMetadata().getUid();
        String heartbeat = heartbeat(node);
        ZonedDateTime renewed = lease == null || lease.getSpec() == null
                ? null
                : lease.getSpec().getRenewTime();
        if (before == null || !before.uid.equals(uid)) {
            boolean told = renewed != null || NodeConditions.of(node, NodeConditions.READY) != null;
            return new NodeHealth(uid, heartbeat, renewed, told ? now : now.minus(age(node, clock)));
        }
        boolean beats = heartbeat == null ? before.heartbeat != null : !heartbeat.equals(before.heartbeat);
        boolean renews = renewed != null && (before.renewed == null || before.renewed.isBefore(renewed));
        return new NodeHealth(uid, heartbeat, renews ? renewed : before.renewed, beats || renews ? now : before.heard);
    }

    private static Duration age(Node node, Instant clock) {
        Instant created = Pods.time(node.getMetadata().getCreationTimestamp());
        return created == null || created.isAfter(clock) ? Duration.ZERO : Duration.between(created, clock);
    }

    /** The heartbeat that a node wrote; a condition that was written in its place is none. */
    private static @Nullable String heartbeat(Node node) {
        NodeCondition ready = NodeConditions.of(node, NodeConditions.READY);
        return ready == null || LostContact.NEVER_UPDATED.equals(ready.getReason())
                ? null
                : OrEmpty.of(ready.getLastHeartbeatTime());
    }

    /** The same node, heard of just now. */
    NodeHealth heardAt(Instant now) {
        return new NodeHealth(uid, heartbeat, renewed, now);
    }

    /** Whether nothing was heard for longer than a grace period. */
    boolean isLost(Duration grace, Instant now) {
        return now.isAfter(heard.plus(grace));
    }
}
