package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.ArrayList;
import java.util.List;

/**
 * How pods move from old ReplicaSets to the newest: it grows as far as the surge allows, the others shrink as far as enough
 * pods stay available, and each step makes room for the next.
 */
final class RollingUpdate {
    private RollingUpdate() {}

    /**
     * How many pods the newest ReplicaSet is to want now.
     *
     * @param wanted how many it wants; 0 if it does not exist
     * @param others how many all others want
     */
    static int newest(Fenceposts posts, int wanted, int others) {
        if (wanted >= posts.replicas()) {
            return posts.replicas();
        }
        long room = (long) posts.maxTotal() - wanted - others;
        return room <= 0 ? wanted : (int) Math.min(posts.replicas(), wanted + room);
    }

    /**
     * Which old ReplicaSets are to want fewer pods now. First go pods that are not available anyway, as they may be what
     * holds up the rollout; then as many as are available beyond the least. What of the newest is not available counts as
     * if it never will be.
     */
    static List<Resize> old(Fenceposts posts, Family family) {
        List<ReplicaSet> old = family.activeOld();
        ReplicaSet newest = family.newest();
        if (old.isEmpty() || newest == null) {
            return List.of();
        }
        long newestUnavailable = (long) Family.replicas(newest) - Family.available(newest);
        long spare = (long) Family.replicas(family.all()) - posts.minAvailable() - newestUnavailable;
        if (spare <= 0) {
            return List.of();
        }
        long surplus = (long) Family.sum(family.all(), Family::available) - posts.minAvailable();
        int[] sizes = new int[old.size()];
        for (int i = 0; i < sizes.length; i++) {
            int replicas = Family.replicas(old.get(i));
            int cut = (int) Math.min(replicas - Family.available(old.get(i)), spare);
            spare -= cut;
            sizes[i] = replicas - cut;
        }
        List<Resize> resized = new ArrayList<>();
        for (int i = 0; i < sizes.length; i++) {
            int cut = Math.clamp(surplus, 0, sizes[i]);
            surplus -= cut;
            if (sizes[i] - cut != Family.replicas(old.get(i))) {
                resized.add(new Resize(old.get(i), sizes[i] - cut));
            }
        }
        return resized;
    }
}
