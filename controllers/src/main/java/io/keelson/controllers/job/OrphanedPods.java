package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.keelson.controllers.objects.Jobs;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Key;
import org.jspecify.annotations.Nullable;

/**
 * Pods that wait to be counted by a Job that will not do it: it is gone, or it has ended. They would never go, so they
 * lose their finalizer. They share the queue of Jobs; their keys have names that no Job can have.
 */
final class OrphanedPods {
    private static final String PREFIX = "pod/";

    private final Cache<Job> jobs;
    private final Cache<Pod> pods;
    private final JobPods jobPods;

    OrphanedPods(Cache<Job> jobs, Cache<Pod> pods, JobPods jobPods) {
        this.jobs = jobs;
        this.pods = pods;
        this.jobPods = jobPods;
    }

    static Key key(Pod pod) {
        return Key.of(
                pod.getMetadata().getNamespace(), PREFIX + pod.getMetadata().getName());
    }

    static boolean isOne(Key key) {
        return key.name().startsWith(PREFIX);
    }

    void release(Key key) {
        Pod pod = pods.get(key.namespace(), key.name().substring(PREFIX.length()));
        if (pod == null || !JobPod.isTracked(pod)) {
            return;
        }
        Job job = jobOf(pod, jobs);
        if (job == null || (JobController.isOurs(job) && Jobs.finished(job) != null)) {
            jobPods.untrack(pod);
        }
    }

    /** The Job that controls a pod; null if none of that uid is there. */
    static @Nullable Job jobOf(Pod pod, Cache<Job> jobs) {
        OwnerReference owner = Owners.controllerOf(pod);
        if (owner == null || !"Job".equals(owner.getKind())) {
            return null;
        }
        Job job = jobs.get(Key.of(pod.getMetadata().getNamespace(), owner.getName()));
        return job != null && job.getMetadata().getUid().equals(owner.getUid()) ? job : null;
    }
}
