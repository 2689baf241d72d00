package io.keelson.controllers.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Crashes between any two writes, writes that fail, and caches that lag: each pod counts once. */
class JobLedgerProperties {
    private static final int PODS = 12;

    /** An API with one Job, and a controller that sees it through caches. */
    private static final class World {
        private final Random random;
        private final boolean indexed;
        private final Map<String, Pod> pods = new LinkedHashMap<>();
        private Job job;
        private int version;
        private int made;
        private int succeeded;
        private int failed;
        private final Set<String> succeededIndexes = new HashSet<>();

        private Job seenJob;
        private int seenVersion;
        private Map<String, Pod> seenPods = Map.of();
        private final Set<String> awaited = new HashSet<>();

        private World(long seed) {
            random = new Random(seed);
            indexed = random.nextBoolean();
            Job plain = TestPods.job(PODS, 100);
            job = indexed ? TestPods.indexed(plain) : plain;
            seenJob = job;
        }

        private void makePod() {
            if (made < PODS) {
                String name = "pod-" + made;
                Pod pod = TestPods.pod(name, "Running");
                // Some indexes have two pods.
                pods.put(name, indexed ? TestPods.pod(name, "Running", made / 2) : pod);
                made++;
            }
        }

        private void endPod() {
            List<Pod> running = pods.values().stream().filter(Pods::isActive).toList();
            if (running.isEmpty()) {
                return;
            }
            Pod pod = running.get(random.nextInt(running.size()));
            boolean well = random.nextBoolean();
            if (well) {
                succeeded++;
                succeededIndexes.add(Integer.toString(JobPod.index(pod)));
            } else {
                failed++;
            }
            pods.put(
                    JobPod.uid(pod),
                    new PodBuilder(pod)
                            .editStatus()
                            .withPhase(well ? "Succeeded" : "Failed")
                            .endStatus()
                            .build());
        }

        /** Pods without finalizer go, as somebody deletes them. */
        private void collectGarbage() {
            pods.values().removeIf(pod -> !JobPod.isTracked(pod) && random.nextBoolean());
        }

        private void seeJob() {
            seenJob = job;
            seenVersion = version;
        }

        private void seePods() {
            seenPods = new LinkedHashMap<>(pods);
            awaited.removeIf(uid -> !pods.containsKey(uid) || !JobPod.isTracked(pods.get(uid)));
        }

        private void crash() {
            awaited.clear();
            seeJob();
            seePods();
        }

        private boolean crashes() {
            if (random.nextInt(6) == 0) {
                crash();
                return true;
            }
            return false;
        }

        private boolean write(JobStatus status, int at) {
            if (at != version || random.nextInt(10) == 0) {
                return false;
            }
            job = new JobBuilder(job).withStatus(status).build();
            version++;
            return true;
        }

        private void reconcile(boolean calm) {
            JobPicture picture = new JobPicture(seenJob, List.copyOf(seenPods.values()), awaited);
            JobLedger ledger = new JobLedger(picture, null);
            JobLedger.Present present = new JobLedger.Present(picture.active().size(), 0, 0);
            JobStatus opened = ledger.opened(present, null, TestPods.NOW);
            int at = seenVersion;
            if (!opened.equals(seenJob.getStatus())) {
                if (!write(opened, at)) {
                    return;
                }
                at++;
            }
            if (!calm && crashes()) {
                return;
            }
            Set<String> tracked = new HashSet<>(picture.tracked());
            for (Pod pod : ledger.released()) {
                String uid = JobPod.uid(pod);
                if (!calm && random.nextInt(8) == 0) {
                    continue;
                }
                awaited.add(uid);
                tracked.remove(uid);
                pods.computeIfPresent(
                        uid,
                        (ignored, live) -> new PodBuilder(live)
                                .editMetadata()
                                .withFinalizers(List.of())
                                .endMetadata()
                                .build());
                if (!calm && crashes()) {
                    return;
                }
            }
            JobStatus counted = ledger.settled(opened, tracked);
            if (!counted.equals(opened)) {
                write(counted, at);
            }
        }
    }

    @Property(tries = 400, seed = "7")
    void eachPodCountsExactlyOnce(@ForAll long seed) {
        World world = new World(seed);
        List<Runnable> steps = new ArrayList<>(List.of(
                world::makePod,
                world::endPod,
                world::collectGarbage,
                world::seeJob,
                world::seePods,
                () -> world.reconcile(false),
                () -> world.reconcile(false)));
        for (int i = 0; i < 150; i++) {
            steps.get(world.random.nextInt(steps.size())).run();
        }
        for (int i = 0; i < 60; i++) {
            world.seeJob();
            world.seePods();
            world.reconcile(true);
        }
        JobStatus status = world.job.getStatus();
        assertEquals(world.failed, OrEmpty.of(status.getFailed()));
        assertEquals(
                world.indexed ? world.succeededIndexes.size() : world.succeeded, OrEmpty.of(status.getSucceeded()));
        assertTrue(
                OrEmpty.of(status.getUncountedTerminatedPods().getSucceeded()).isEmpty());
        assertTrue(OrEmpty.of(status.getUncountedTerminatedPods().getFailed()).isEmpty());
        assertTrue(world.pods.values().stream().allMatch(pod -> Pods.isActive(pod) == JobPod.isTracked(pod)));
    }
}
