package io.keelson.scheduler.groups;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.decision.Hinted;
import io.keelson.scheduler.decision.Permit;
import io.keelson.scheduler.decision.PreEnqueue;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Pods of a group with the policy {@code gang} are bound when as many of them have nodes as the group asks for, and none is
 * before. They are not decided on before there are so many of them. Groups of the policy {@code basic} only have to be there.
 */
public final class GangScheduling implements PreEnqueue, Permit, Hinted {
    /** Its name. */
    public static final String NAME = "GangScheduling";

    /** Why a pod waits that has a node. */
    static final String WAITS = "waiting for minCount pods from a gang to be scheduled";

    private static final Verdict ALONE = new Verdict.Go();
    private static final Duration WAITING_MAX = Duration.ofMinutes(5);

    private final PodGroups groups;

    /** @param groups of one scheduler, whatever its profiles */
    public GangScheduling(PodGroups groups) {
        this.groups = groups;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable String hold(PodInfo pod) {
        Key key = groups.of(pod);
        if (key == null) {
            return null;
        }
        PodGroup group = groups.find(key);
        if (group == null) {
            return "waiting for pods's pod group \"" + key.name() + "\" to appear in scheduling queue";
        }
        Integer least = group.minCount();
        return least != null && groups.count(key) < least
                ? "waiting for minCount pods from a gang to appear in scheduling queue"
                : null;
    }

    @Override
    public Verdict permit(PodInfo pod) {
        Key key = groups.of(pod);
        if (key == null) {
            return ALONE;
        }
        PodGroup group = groups.find(key);
        if (group == null) {
            return new Verdict.Refuse("failed to get podGroup " + key + ": podgroup \"" + key.name() + "\" not found");
        }
        Integer least = group.minCount();
        if (least == null) {
            return ALONE;
        }
        return groups.placed(key) < least ? new Verdict.Wait(WAITING_MAX, WAITS) : new Verdict.GoTogether(key);
    }

    @Override
    public Set<Kind> helpedBy() {
        return Set.of(Kind.POD_GROUP);
    }

    /** The group itself, or another pod of it. */
    @Override
    public boolean mayHelp(PodInfo waiting, ClusterEvent event) {
        Key key = groups.of(waiting);
        if (key == null || event.change() == null) {
            return false;
        }
        return switch (event.change().now()) {
            case PodGroup group -> key.equals(Key.of(group));
            case Pod pod ->
                key.name().equals(PodGroups.nameIn(pod))
                        && key.namespace().equals(pod.getMetadata().getNamespace());
            case null, default -> false;
        };
    }
}
