package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.runtime.Expectations;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.SlowStart;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Makes, deletes and releases the pods of a Job, many at once, and expects to see it. */
final class PodWork {
    private final JobPods jobPods;
    private final PodCreation creation;
    private final Expectations expectations;
    private final FinalizerRemovals removals;
    private final JobMetrics metrics;

    /**
     * How far it went.
     *
     * @param uids of the pods that it was done to; empty for those that were made
     * @param created how many were made
     * @param failure why not all; null if all
     */
    record Done(Set<String> uids, int created, @Nullable RuntimeException failure) {
        static final Done NOTHING = new Done(Set.of(), 0, null);
    }

    PodWork(
            JobPods jobPods,
            PodCreation creation,
            Expectations expectations,
            FinalizerRemovals removals,
            JobMetrics metrics) {
        this.metrics = metrics;
        this.jobPods = jobPods;
        this.creation = creation;
        this.expectations = expectations;
        this.removals = removals;
    }

    /** Makes the pods that a Job lacks, or deletes those that are too many. */
    Done carryOut(PodDemand demand, JobPicture picture) throws InterruptedException {
        if (!demand.delete().isEmpty()) {
            return deleteUncounted(picture.job(), demand.delete());
        }
        return demand.create().isEmpty() ? Done.NOTHING : create(picture, demand.create());
    }

    private Done create(JobPicture picture, List<Integer> indexes) throws InterruptedException {
        Job job = picture.job();
        Key key = Key.of(job);
        expectations.create(key, indexes.size());
        AtomicInteger asked = new AtomicInteger();
        SlowStart.Result result = SlowStart.run(indexes.size(), number -> {
            asked.incrementAndGet();
            int index = indexes.get(number);
            Pod pod = index == JobPod.NO_INDEX
                    ? JobPodTemplate.pod(job)
                    : JobPodTemplate.pod(
                            job,
                            index,
                            picture.terms().backoffLimitPerIndex() == null
                                    ? Map.of()
                                    : PodDemand.failureAnnotations(picture, index));
            try {
                creation.create(pod, job);
            } catch (RuntimeException e) {
                expectations.notCreated(key);
                throw e;
            }
        });
        for (int i = asked.get(); i < indexes.size(); i++) {
            expectations.notCreated(key);
        }
        metrics.created(picture, result.done(), result.failures().size());
        return new Done(Set.of(), result.done(), failure(result));
    }

    /** A namespace that is on its way out takes no pods, and there is no use in trying again. */
    private static @Nullable RuntimeException failure(SlowStart.Result result) {
        for (RuntimeException failure : result.failures()) {
            if (!(failure instanceof KubernetesClientException refusal && PodCreation.namespaceEnds(refusal))) {
                return failure;
            }
        }
        return null;
    }

    /** Deletes pods that are not to be counted: they lose their finalizer first. */
    private Done deleteUncounted(Job job, List<Pod> pods) throws InterruptedException {
        Key key = Key.of(job);
        expectations.delete(key, pods.stream().map(JobPod::uid).toList());
        Set<String> deleted = ConcurrentHashMap.newKeySet();
        SlowStart.Result result = SlowStart.run(pods.size(), number -> {
            Pod pod = pods.get(number);
            if (JobPod.isTracked(pod)) {
                jobPods.untrack(pod);
            }
            creation.delete(pod, job);
            deleted.add(JobPod.uid(pod));
        });
        for (Pod pod : pods) {
            if (!deleted.contains(JobPod.uid(pod))) {
                expectations.deleted(key, JobPod.uid(pod));
            }
        }
        return new Done(deleted, 0, failure(result));
    }

    /** Deletes pods of a Job that ends. */
    Done delete(Job job, List<Pod> pods) throws InterruptedException {
        Set<String> deleted = ConcurrentHashMap.newKeySet();
        SlowStart.Result result = SlowStart.run(pods.size(), number -> {
            Pod pod = pods.get(number);
            creation.delete(pod, job);
            deleted.add(JobPod.uid(pod));
        });
        return new Done(deleted, 0, failure(result));
    }

    /** Takes the finalizer away from pods that are counted. */
    Done release(Job job, List<Pod> pods) throws InterruptedException {
        Key key = Key.of(job);
        removals.expect(key, pods.stream().map(JobPod::uid).toList());
        Set<String> released = ConcurrentHashMap.newKeySet();
        SlowStart.Result result;
        try {
            result = SlowStart.run(pods.size(), number -> {
                Pod pod = pods.get(number);
                jobPods.untrack(pod);
                released.add(JobPod.uid(pod));
            });
        } finally {
            for (Pod pod : pods) {
                if (!released.contains(JobPod.uid(pod))) {
                    removals.seen(key, JobPod.uid(pod));
                }
            }
        }
        return new Done(new HashSet<>(released), 0, failure(result));
    }
}
