package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentSpec;
import io.fabric8.kubernetes.api.model.apps.DeploymentStrategy;
import io.fabric8.kubernetes.api.model.apps.RollingUpdateDeployment;
import io.keelson.controllers.objects.NumberOrPercent;
import io.keelson.controllers.objects.OrEmpty;

/**
 * Between which numbers of pods a Deployment moves.
 *
 * <p>Worked through: of 10 pods, a surge of 25% rounds up to 3 and an unavailability of 25% rounds down to 2; so there are at
 * most 13, and at least 8 of them available. If both come to 0 nothing could move, and one may be unavailable.
 *
 * @param replicas how many pods it is to have
 * @param surge how many more there may be; 0 if the strategy is not RollingUpdate
 * @param unavailable how many of them need not be available; 0 if the strategy is not RollingUpdate
 */
record Fenceposts(int replicas, int surge, int unavailable) {
    private static final IntOrString QUARTER = new IntOrString("25%");

    static Fenceposts of(Deployment deployment) {
        DeploymentSpec spec = deployment.getSpec();
        int replicas = spec.getReplicas() == null ? 1 : Math.max(0, spec.getReplicas());
        if (!isRollingUpdate(deployment)) {
            return new Fenceposts(replicas, 0, 0);
        }
        RollingUpdateDeployment rolling = spec.getStrategy().getRollingUpdate();
        IntOrString surge = rolling == null || rolling.getMaxSurge() == null ? QUARTER : rolling.getMaxSurge();
        IntOrString unavailable =
                rolling == null || rolling.getMaxUnavailable() == null ? QUARTER : rolling.getMaxUnavailable();
        return of(replicas, surge, unavailable);
    }

    static Fenceposts of(int replicas, IntOrString maxSurge, IntOrString maxUnavailable) {
        int surge = NumberOrPercent.roundedUp(maxSurge, replicas);
        int unavailable = NumberOrPercent.roundedDown(maxUnavailable, replicas);
        if (surge == 0 && unavailable == 0) {
            unavailable = 1;
        }
        return new Fenceposts(replicas, surge, Math.min(unavailable, replicas));
    }

    static boolean isRollingUpdate(Deployment deployment) {
        DeploymentStrategy strategy = deployment.getSpec().getStrategy();
        return strategy != null && OrEmpty.of(strategy.getType()).equals("RollingUpdate");
    }

    /** How many pods there may be at most. */
    int maxTotal() {
        return Math.clamp((long) replicas + surge, 0, Integer.MAX_VALUE);
    }

    /** How many pods must be available at least. */
    int minAvailable() {
        return replicas - unavailable;
    }
}
