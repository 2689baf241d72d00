package io.keelson.controllers.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class RolloutProperties {
    private static IntOrString amount(Random random) {
        return random.nextBoolean() ? new IntOrString(random.nextInt(5)) : new IntOrString(random.nextInt(101) + "%");
    }

    /** A Deployment in the middle of anything. */
    private static ModelCluster cluster(Random random, String strategy) {
        ModelCluster cluster = new ModelCluster(random.nextInt(15), strategy, amount(random), amount(random));
        int sets = random.nextInt(5);
        for (int i = 0; i < sets; i++) {
            cluster.existing("image-" + i, random.nextInt(8), random.nextInt(6), random.nextInt(6));
        }
        cluster.wantImage("image-" + random.nextInt(6));
        return cluster;
    }

    /** One of those who work on a cluster does one thing. */
    private static void anybody(ModelCluster cluster, Random random) {
        List<ReplicaSet> sets = cluster.sets();
        int who = random.nextInt(3);
        if (who == 0 || sets.isEmpty()) {
            cluster.step();
        } else if (who == 1) {
            cluster.replicate(sets.get(random.nextInt(sets.size())));
        } else {
            cluster.makeReady(sets.get(random.nextInt(sets.size())));
        }
    }

    /**
     * How many pods are known to be available and are wanted further on. A pod that becomes ready while it is already one
     * too many goes again, and nobody can have known of it.
     */
    private static int kept(ModelCluster cluster) {
        return Family.sum(cluster.sets(), Family::available);
    }

    private static void assertEnded(ModelCluster cluster) {
        int wanted = cluster.deployment.getSpec().getReplicas();
        assertEquals(wanted, Family.replicas(cluster.newest()));
        assertEquals(wanted, cluster.ready());
        assertEquals(0, Family.replicas(cluster.family().old()));
        assertTrue(cluster.family().old().size() <= 2, "history is kept to its limit");
        assertEquals("NewReplicaSetAvailable", cluster.reason(Conditions.PROGRESSING));
        assertEquals("MinimumReplicasAvailable", cluster.reason(Conditions.AVAILABLE));
        assertTrue(Progress.isComplete(
                cluster.deployment, Fenceposts.of(cluster.deployment), cluster.deployment.getStatus()));
        assertEquals(
                cluster.newest().getMetadata().getAnnotations().get(Annotations.REVISION),
                cluster.deployment.getMetadata().getAnnotations().get(Annotations.REVISION));
        assertEquals(
                Annotations.latestRevision(cluster.sets()),
                Annotations.revision(cluster.newest()).getAsLong());
        int writes = cluster.writes;
        cluster.step();
        assertEquals(writes, cluster.writes, "nothing is written when nothing changed");
    }

    @Property(tries = 150)
    void aRollingUpdateEndsAndStaysBetweenItsFenceposts(@ForAll int seed) {
        Random random = new Random(seed);
        ModelCluster cluster = cluster(random, "RollingUpdate");
        for (ReplicaSet set : cluster.sets()) {
            // The ReplicaSet controller has been here.
            cluster.replicate(set);
        }
        Fenceposts posts = Fenceposts.of(cluster.deployment);
        for (ReplicaSet set : cluster.sets()) {
            set.getMetadata().getAnnotations().put(Annotations.DESIRED_REPLICAS, "" + posts.replicas());
        }
        for (int i = 0; i < 120; i++) {
            int total = Family.replicas(cluster.sets());
            int kept = kept(cluster);
            anybody(cluster, random);
            assertTrue(
                    Family.replicas(cluster.sets()) <= Math.max(total, posts.maxTotal()),
                    () -> "too many after " + total + ": " + cluster.sets() + posts);
            assertTrue(
                    kept(cluster) >= Math.min(kept, posts.minAvailable()),
                    () -> "too few after " + kept + ": " + cluster.sets() + posts);
            assertTrue(cluster.ready() >= kept(cluster), "what is told of is there");
        }
        cluster.settle();
        assertEnded(cluster);
    }

    @Property(tries = 60)
    void aRecreatedDeploymentEndsAndNeverStartsNewPodsBesideOldOnes(@ForAll int seed) {
        Random random = new Random(seed);
        ModelCluster cluster = cluster(random, "Recreate");
        for (int i = 0; i < 60; i++) {
            ReplicaSet newest = cluster.family().newest();
            int before = newest == null ? 0 : Family.replicas(newest);
            boolean oldPods = cluster.family().old().stream().anyMatch(cluster::hasRunningPods);
            // A change of size while there are two is spread as ever; a rollout waits.
            boolean scaling = Scaling.isDue(Fenceposts.of(cluster.deployment), cluster.family());
            anybody(cluster, random);
            ReplicaSet now = cluster.family().newest();
            int after = now == null ? 0 : Family.replicas(now);
            assertTrue(!oldPods || scaling || after <= before, "new pods beside old ones");
        }
        cluster.settle();
        assertEnded(cluster);
    }

    @Property(tries = 150)
    void whateverIsWantedOnTheWayTheLastWishComesTrue(@ForAll int seed) {
        Random random = new Random(seed);
        ModelCluster cluster = cluster(random, random.nextInt(4) == 0 ? "Recreate" : "RollingUpdate");
        for (int i = 0; i < 150; i++) {
            switch (random.nextInt(25)) {
                case 0 -> cluster.wantImage("image-" + random.nextInt(6));
                case 1 -> {
                    int replicas = random.nextInt(12);
                    cluster.want(
                            built -> built.editSpec().withReplicas(replicas).endSpec());
                }
                case 2 -> {
                    boolean paused = random.nextBoolean();
                    cluster.want(built -> built.editSpec().withPaused(paused).endSpec());
                }
                case 3 -> {
                    int revision = random.nextInt(4);
                    cluster.want(built -> built.editMetadata()
                            .addToAnnotations(Annotations.ROLLBACK_TO, "" + revision)
                            .endMetadata());
                }
                default -> anybody(cluster, random);
            }
        }
        cluster.want(built -> built.editSpec().withPaused(false).endSpec());
        cluster.settle();
        assertEnded(cluster);
    }
}
