package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What becomes of ReplicaSets when the size of their Deployment changes, or while it is paused. */
final class Scaling {
    private Scaling() {}

    /** Whether the size of a Deployment is another one than when its ReplicaSets were last sized. */
    static boolean isDue(Fenceposts posts, Family family) {
        for (ReplicaSet set : family.all()) {
            OptionalLong desired = Annotations.replicas(set, Annotations.DESIRED_REPLICAS);
            if (Family.replicas(set) > 0 && desired.isPresent() && desired.getAsLong() != posts.replicas()) {
                return true;
            }
        }
        return false;
    }

    /**
     * The sizes that ReplicaSets get. If only one wants pods, or none, it or the newest has them all. If the newest has what
     * it should, the others have none. In the middle of a rolling update, what is added or taken is spread in proportion to
     * what each has, so that the risk that the rollout is stays the same.
     */
    static List<Resize> of(Deployment deployment, Fenceposts posts, Family family) {
        ReplicaSet only = onlyActiveOrLatest(family);
        if (only != null) {
            return List.of(new Resize(only, posts.replicas()));
        }
        ReplicaSet newest = family.newest();
        if (newest != null && isSaturated(posts, newest)) {
            return family.activeOld().stream().map(set -> new Resize(set, 0)).toList();
        }
        return Fenceposts.isRollingUpdate(deployment) ? proportional(deployment, posts, family) : List.of();
    }

    private static @Nullable ReplicaSet onlyActiveOrLatest(Family family) {
        List<ReplicaSet> active =
                family.all().stream().filter(set -> Family.replicas(set) > 0).toList();
        if (active.size() > 1) {
            return null;
        }
        if (active.size() == 1) {
            return active.getFirst();
        }
        if (family.newest() != null) {
            return family.newest();
        }
        return family.old().isEmpty() ? null : family.old().getLast();
    }

    private static boolean isSaturated(Fenceposts posts, ReplicaSet newest) {
        OptionalLong desired = Annotations.replicas(newest, Annotations.DESIRED_REPLICAS);
        return Family.replicas(newest) == posts.replicas()
                && desired.isPresent()
                && desired.getAsLong() == posts.replicas()
                && Family.counted(newest, ReplicaSetStatus::getAvailableReplicas) == posts.replicas();
    }

    private static List<Resize> proportional(Deployment deployment, Fenceposts posts, Family family) {
        int allowed = posts.replicas() > 0 ? posts.maxTotal() : 0;
        List<ReplicaSet> active = new ArrayList<>(
                family.all().stream().filter(set -> Family.replicas(set) > 0).toList());
        if (active.isEmpty()) {
            return List.of();
        }
        long change = (long) allowed - Family.replicas(active);
        // The greatest is asked first; of two alike, the newer grows first and the older shrinks first.
        active.sort(Comparator.comparingInt((ReplicaSet set) -> Family.replicas(set))
                .reversed()
                .thenComparing(change > 0 ? Family.OLDEST_FIRST.reversed() : Family.OLDEST_FIRST));
        List<Resize> resized = new ArrayList<>();
        long done = 0;
        for (ReplicaSet set : active) {
            long share = change == 0 || change == done ? 0 : share(deployment, posts, set, change - done);
            done += share;
            resized.add(new Resize(set, (int) (Family.replicas(set) + share)));
        }
        Resize greatest = resized.getFirst();
        // What rounding leaves over goes to the greatest.
        resized.set(0, new Resize(greatest.set(), (int) Math.max(0, greatest.replicas() + change - done)));
        return resized;
    }

    private static long share(Deployment deployment, Fenceposts posts, ReplicaSet set, long left) {
        int replicas = Family.replicas(set);
        if (posts.replicas() == 0) {
            return Math.max(-replicas, left);
        }
        long before = Annotations.replicas(set, Annotations.MAX_REPLICAS).orElse(0);
        if (before <= 0) {
            before = deployment.getStatus() == null
                    ? 0
                    : OrEmpty.of(deployment.getStatus().getReplicas());
        }
        if (before <= 0) {
            // Nothing says what it is a share of: it keeps what it has, and the greatest gets the difference.
            return 0;
        }
        long share = roundedHalfUp((double) replicas * posts.maxTotal() / before) - replicas;
        return left > 0 ? Math.clamp(share, 0, left) : Math.clamp(share, Math.max(left, -(long) replicas), 0);
    }

    private static long roundedHalfUp(double positive) {
        return (long) (positive + 0.5);
    }
}
