package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.RollingUpdateStatefulSetStrategy;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetUpdateStrategy;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Scaled;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Computes what is to be written for a set.
 *
 * <p>{@code OrderedReady}: one pod at a time. Pods are made in ascending order, each when all before it are available; when
 * all are, those that are too many go in descending order; when these are gone, outdated ones are replaced in descending
 * order. {@code Parallel}: all at once, only updates keep to {@code maxUnavailable}.
 */
final class Planner {
    /** More than so many creations wait for the next round, so that a set of a billion pods needs no memory for them. */
    static final int CREATIONS_MAX = 1000;

    private final StatefulSet set;
    private final Ordinals ordinals;
    private final Revision current;
    private final Revision update;
    private final Function<String, @Nullable PersistentVolumeClaim> claims;
    private final Readiness readiness;
    private final boolean ordered;

    private final NavigableMap<Integer, Pod> living = new TreeMap<>();
    private final NavigableMap<Integer, Pod> condemned = new TreeMap<>();

    private final List<Upkeep> upkeep = new ArrayList<>();
    private final List<Pod> creations = new ArrayList<>();
    private final List<Upkeep> condemnedUpkeep = new ArrayList<>();
    private final List<Pod> deletions = new ArrayList<>();
    private final List<Pod> outdated = new ArrayList<>();

    private Planner(
            StatefulSet set,
            Collection<Pod> pods,
            Revision current,
            Revision update,
            Function<String, @Nullable PersistentVolumeClaim> claims,
            Instant now) {
        this.set = set;
        this.ordinals = Ordinals.of(set);
        this.current = current;
        this.update = update;
        this.claims = claims;
        this.readiness = Readiness.of(set, now);
        this.ordered = !"Parallel".equals(set.getSpec().getPodManagementPolicy());
        for (Pod pod : pods) {
            int ordinal = Identity.ordinalOf(set, pod);
            if (ordinal >= 0) {
                (ordinals.contains(ordinal) ? living : condemned).put(ordinal, pod);
            }
        }
    }

    /**
     * The plan for a set.
     *
     * @param pods those it owns; one that has no name of the set is left alone
     * @param claims the claims of its namespace by name
     */
    static Plan plan(
            StatefulSet set,
            Collection<Pod> pods,
            Revision current,
            Revision update,
            Function<String, @Nullable PersistentVolumeClaim> claims,
            Instant now) {
        Planner planner = new Planner(set, pods, current, update, claims, now);
        if (planner.keepLiving() && planner.removeCondemned()) {
            planner.replaceOutdated();
        }
        return new Plan(
                planner.upkeep, planner.creations, planner.condemnedUpkeep, planner.deletions, planner.outdated);
    }

    /** Goes through the pods that are to be; whether the round goes on after them. */
    private boolean keepLiving() {
        for (int i = 0; i < ordinals.count(); i++) {
            if ((long) ordinals.start() + i > Integer.MAX_VALUE) {
                // There are no such names.
                return false;
            }
            int ordinal = ordinals.start() + i;
            Pod pod = living.get(ordinal);
            boolean goesOn = pod == null ? create(ordinal) : keep(pod, ordinal);
            if (!goesOn && (ordered || creations.size() >= CREATIONS_MAX)) {
                return false;
            }
        }
        return true;
    }

    private boolean create(int ordinal) {
        Revision revision = isToBeCurrent(ordinal) ? current : update;
        Pod pod = Identity.newPod(set, ordinal, revision.template(), revision.name());
        if (!ClaimNeeds.of(set, pod, claims).stale()) {
            creations.add(pod);
        }
        return false;
    }

    /** Whether a pod that is made now is made as it was, because the update has not come to it, or is not to. */
    private boolean isToBeCurrent(int ordinal) {
        RollingUpdateStatefulSetStrategy rolling = rolling();
        int count = 0;
        if (rolling != null) {
            count = OrEmpty.of(rolling.getPartition());
        } else if (isRolling() && set.getStatus() != null) {
            count = OrEmpty.of(set.getStatus().getCurrentReplicas());
        }
        return (long) ordinal - ordinals.start() < count;
    }

    private boolean keep(Pod pod, int ordinal) {
        boolean leaves = Pods.isTerminating(pod);
        if (Pods.isTerminal(pod)) {
            if (!leaves) {
                deletions.add(pod);
            }
            return false;
        }
        ClaimNeeds needs = ClaimNeeds.of(set, pod, claims);
        boolean pending = Pods.phase(pod).equals("Pending");
        if (pending && !leaves && !needs.none()) {
            upkeep.add(new Upkeep(pod, null, needs, false));
        }
        if (leaves || (ordered && !readiness.isAvailable(pod))) {
            return !ordered;
        }
        boolean attached = Storage.isAttached(set, pod, ordinal);
        // What a pod lacks that waits is provided already; a claim that went while its pod runs comes again with the
        // pod.
        ClaimNeeds open = pending ? ClaimNeeds.nothing() : needs;
        ClaimNeeds lacking = attached ? open.ofOwners() : open;
        Pod mended = attached && Identity.isComplete(pod) ? null : mended(pod, ordinal, attached);
        if (mended != null || !lacking.none()) {
            upkeep.add(new Upkeep(pod, mended, lacking, true));
        }
        return true;
    }

    private Pod mended(Pod pod, int ordinal, boolean attached) {
        Pod complete = Identity.isComplete(pod) ? pod : Identity.completed(pod, ordinal);
        return attached ? complete : Storage.attached(set, complete, ordinal);
    }

    /** Goes through the pods that are too many, the last first; whether the round goes on after them. */
    private boolean removeCondemned() {
        int firstUnsteady = -1;
        for (Map.Entry<Integer, Pod> entry : condemned.entrySet()) {
            Pod pod = entry.getValue();
            ClaimNeeds needs = ClaimNeeds.of(set, pod, claims).ofOwners();
            if (!needs.none()) {
                condemnedUpkeep.add(new Upkeep(pod, null, needs, false));
            }
            if (firstUnsteady < 0 && !readiness.isSteady(pod)) {
                firstUnsteady = entry.getKey();
            }
        }
        for (Map.Entry<Integer, Pod> entry : condemned.descendingMap().entrySet()) {
            Pod pod = entry.getValue();
            boolean leaves = Pods.isTerminating(pod);
            // Of several that do not work only the first may go, as the others may be on their way to work; one that
            // has
            // ended is not.
            boolean mayGo =
                    !ordered || readiness.isAvailable(pod) || Pods.isTerminal(pod) || entry.getKey() == firstUnsteady;
            if (!leaves && mayGo) {
                deletions.add(pod);
            }
            if (ordered) {
                return false;
            }
        }
        return true;
    }

    private void replaceOutdated() {
        if (!isRolling()) {
            return;
        }
        long steady = living.values().stream().filter(readiness::isSteady).count();
        long budget = maxUnavailable() - (ordinals.count() - steady);
        RollingUpdateStatefulSetStrategy rolling = rolling();
        long first = (long) ordinals.start() + (rolling == null ? 0 : OrEmpty.of(rolling.getPartition()));
        if (first > Integer.MAX_VALUE) {
            return;
        }
        List<Pod> candidates = living.tailMap((int) Math.max(0, first), true).descendingMap().values().stream()
                .filter(pod -> !Identity.revisionOf(pod).equals(update.name()))
                .filter(Pods::isActive)
                .toList();
        if (!ordered) {
            // Those that do not work anyway cost nothing.
            candidates.stream().filter(pod -> !readiness.isAvailable(pod)).forEach(outdated::add);
            candidates = candidates.stream().filter(readiness::isAvailable).toList();
        }
        candidates.stream().limit(Math.max(0, budget)).forEach(outdated::add);
    }

    private boolean isRolling() {
        StatefulSetUpdateStrategy strategy = set.getSpec().getUpdateStrategy();
        return strategy == null || !"OnDelete".equals(strategy.getType());
    }

    private @Nullable RollingUpdateStatefulSetStrategy rolling() {
        StatefulSetUpdateStrategy strategy = set.getSpec().getUpdateStrategy();
        return strategy == null ? null : strategy.getRollingUpdate();
    }

    private int maxUnavailable() {
        RollingUpdateStatefulSetStrategy rolling = rolling();
        if (rolling == null) {
            return 1;
        }
        try {
            return Math.max(1, Scaled.of(rolling.getMaxUnavailable(), ordinals.count(), false));
        } catch (IllegalArgumentException e) {
            // No server takes such a value; the default is what it would have been without.
            return 1;
        }
    }
}
