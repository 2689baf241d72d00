package io.keelson.scheduler.groups;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.decision.Watches;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.state.PodInfo;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The groups of pods that there are, and which pods belong to each: those that have not ended, on nodes or not. A group has
 * pods before it is there itself, and keeps them when it is gone.
 *
 * <p>A pod is placed if the API says that it is on a node, or if it was decided that it is to be on one; a pod whose binding
 * failed is so no more.
 */
public final class PodGroups {
    private final boolean enabled;
    private final Map<Key, Group> groups = new HashMap<>();
    private final Map<String, Key> groupOf = new HashMap<>();
    private @Nullable Watches watches;

    /** @param enabled whether pods may belong to groups; otherwise none does */
    public PodGroups(boolean enabled) {
        this.enabled = enabled;
    }

    private static final class Group {
        private final Map<String, Member> members = new LinkedHashMap<>();
        private @Nullable PodGroup told;
        private int placed;

        private boolean isEmpty() {
            return told == null && members.isEmpty();
        }
    }

    private static final class Member {
        private boolean assigned;
        private boolean assumed;

        private boolean placed() {
            return assigned || assumed;
        }
    }

    /** Looks at groups, where pods may belong to some. */
    public void watch(Watches from) {
        watches = from;
        if (enabled) {
            from.listen(PodGroup.class, this::told);
        }
    }

    private void told(Change<PodGroup> change) {
        Key key = Key.of(change.object());
        Group group = groups.computeIfAbsent(key, ignored -> new Group());
        PodGroup before = group.told;
        group.told = change.now();
        if (group.isEmpty()) {
            groups.remove(key);
        }
        // Only its status changes: what it asks of its pods is there for good.
        if (before == null || change.now() == null || isAnother(before, change.now())) {
            happened(ClusterEvent.of(ClusterEvent.Kind.POD_GROUP, change));
        }
    }

    private static boolean isAnother(PodGroup before, PodGroup now) {
        return !before.getMetadata().getUid().equals(now.getMetadata().getUid());
    }

    /** The API tells of a pod. */
    public void pod(Change<Pod> change) {
        if (!enabled) {
            return;
        }
        Pod before = change.before();
        Pod now = change.now();
        if (before != null && (now == null || !uid(before).equals(uid(now)) || Pods.isTerminal(now))) {
            remove(uid(before));
        }
        Key key = now == null || Pods.isTerminal(now) ? null : keyOf(now);
        if (now == null || key == null) {
            return;
        }
        Group group = groups.computeIfAbsent(key, ignored -> new Group());
        boolean added = !group.members.containsKey(uid(now));
        Member member = group.members.computeIfAbsent(uid(now), ignored -> new Member());
        groupOf.put(uid(now), key);
        boolean placed = member.placed();
        member.assigned |= !Pods.node(now).isEmpty();
        count(group, placed, member);
        if (added && mayGo(key)) {
            happened(ClusterEvent.of(ClusterEvent.Kind.POD_GROUP, change));
        }
    }

    private static String uid(Pod pod) {
        return pod.getMetadata().getUid();
    }

    private void remove(String uid) {
        Key key = groupOf.remove(uid);
        Group group = key == null ? null : groups.get(key);
        Member gone = group == null ? null : group.members.remove(uid);
        if (group != null && gone != null && gone.placed()) {
            group.placed--;
        }
        if (group != null && group.isEmpty()) {
            groups.remove(key);
        }
    }

    private static void count(Group group, boolean before, Member now) {
        if (before != now.placed()) {
            group.placed += before ? -1 : 1;
        }
    }

    private void happened(ClusterEvent event) {
        if (watches != null) {
            watches.happened(event);
        }
    }

    /** It was decided that a pod is to be on a node. */
    public void assume(String uid) {
        setAssumed(uid, true);
    }

    /** A pod is not bound to the node for which it was assumed. */
    public void forget(String uid) {
        setAssumed(uid, false);
    }

    private void setAssumed(String uid, boolean assumed) {
        Key key = groupOf.get(uid);
        Group group = key == null ? null : groups.get(key);
        Member member = group == null ? null : group.members.get(uid);
        if (group != null && member != null) {
            boolean before = member.placed();
            member.assumed = assumed;
            count(group, before, member);
        }
    }

    /** The group of a pod; null if it belongs to none. */
    public @Nullable Key of(PodInfo pod) {
        return of(pod.pod());
    }

    /** The group of a pod; null if it belongs to none. */
    public @Nullable Key of(Pod pod) {
        return enabled ? keyOf(pod) : null;
    }

    private static @Nullable Key keyOf(Pod pod) {
        String name = nameIn(pod);
        return name == null ? null : Key.of(pod.getMetadata().getNamespace(), name);
    }

    /** How a pod names its group, which is in its own namespace; null if it does not. */
    static @Nullable String nameIn(Pod pod) {
        Object field = pod.getSpec().getAdditionalProperties().get("schedulingGroup");
        return field instanceof Map<?, ?> reference && reference.get("podGroupName") instanceof String name
                ? name
                : null;
    }

    /** A group; null if there is none. */
    public @Nullable PodGroup find(Key key) {
        Group group = groups.get(key);
        return group == null ? null : group.told;
    }

    /** How many pods a group has. */
    public int count(Key key) {
        Group group = groups.get(key);
        return group == null ? 0 : group.members.size();
    }

    /** How many of them are placed. */
    public int placed(Key key) {
        Group group = groups.get(key);
        return group == null ? 0 : group.placed;
    }

    /** The uids of those that are not placed, in the order in which the API told of them. */
    public List<String> pending(Key key) {
        Group group = groups.get(key);
        return group == null
                ? List.of()
                : group.members.entrySet().stream()
                        .filter(member -> !member.getValue().placed())
                        .map(Map.Entry::getKey)
                        .toList();
    }

    /** Whether a group is there, and has as many pods as have to have nodes together. */
    private boolean mayGo(Key key) {
        PodGroup group = find(key);
        Integer least = group == null ? null : group.minCount();
        return group != null && (least == null || count(key) >= least);
    }
}
