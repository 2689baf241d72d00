package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.keelson.controllers.objects.Jobs;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Expectations;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.WorkQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which Jobs a change concerns, and what it says of what was expected. Changes of pods, and of a Job's status, are put
 * off a little, so that the pods of a large Job that end together are counted together.
 */
final class JobChanges {
    private static final String SELECTED = "job-selected";
    private static final List<String> UID_LABELS = List.of("batch.kubernetes.io/controller-uid", "controller-uid");

    private final WorkQueue<Key> queue;
    private final Duration together;
    private final Expectations expectations;
    private final FinalizerRemovals removals;
    private final Backoffs backoffs;
    private @Nullable Cache<Job> jobs;
    private @Nullable Cache<Pod> pods;

    JobChanges(
            WorkQueue<Key> queue,
            Duration together,
            Expectations expectations,
            FinalizerRemovals removals,
            Backoffs backoffs) {
        this.queue = queue;
        this.together = together;
        this.expectations = expectations;
        this.removals = removals;
        this.backoffs = backoffs;
    }

    /** Looks at these from now on; before any change. */
    void look(Cache<Job> at, Cache<Pod> andAt) {
        jobs = at;
        pods = andAt;
        at.index(SELECTED, job -> List.of(selectedBy(job)));
    }

    /** A Job selects by its uid, or, if its selector was written by hand, whatever is in its namespace. */
    private static String selectedBy(Job job) {
        LabelSelector selector = job.getSpec().getSelector();
        Map<String, String> labels = selector == null ? Map.of() : OrEmpty.of(selector.getMatchLabels());
        for (String label : UID_LABELS) {
            String uid = labels.get(label);
            if (uid != null) {
                return uid;
            }
        }
        return byHand(job.getMetadata().getNamespace());
    }

    private static String byHand(String namespace) {
        return "in " + namespace;
    }

    private Cache<Job> jobs() {
        return Objects.requireNonNull(jobs, "nothing is told before it is looked at");
    }

    /** What a change of a Job concerns. */
    Collection<Key> ofJob(Change<Job> change) {
        Key key = Key.of(change.object());
        Job before = change.before();
        Job now = change.now();
        List<Key> keys = new ArrayList<>();
        boolean other = before != null
                && (now == null
                        || !before.getMetadata()
                                .getUid()
                                .equals(now.getMetadata().getUid()));
        if (before != null && other) {
            expectations.forget(key);
            removals.forget(key);
            backoffs.forget(key);
            addOrphans(before, keys);
        }
        if (now != null && Jobs.finished(now) != null) {
            // None should be left when it says so. If one is, it would stay for ever.
            addOrphans(now, keys);
        }
        boolean statusOnly = before != null
                && now != null
                && !other
                && Objects.equals(
                        before.getMetadata().getGeneration(), now.getMetadata().getGeneration())
                && Objects.equals(
                        before.getMetadata().getDeletionTimestamp(),
                        now.getMetadata().getDeletionTimestamp());
        if (statusOnly) {
            queue.addAfter(key, together);
        } else {
            keys.add(key);
        }
        return keys;
    }

    private void addOrphans(Job job, List<Key> keys) {
        for (Pod pod : Objects.requireNonNull(pods).ownedBy(job.getMetadata().getUid())) {
            if (JobPod.isTracked(pod)) {
                keys.add(OrphanedPods.key(pod));
            }
        }
    }

    /** What a change of a pod concerns. */
    Collection<Key> ofPod(Change<Pod> change) {
        Pod before = change.before();
        Pod now = change.now();
        if (before != null && now != null && !JobPod.uid(before).equals(JobPod.uid(now))) {
            List<Key> keys = new ArrayList<>(ofPod(new Change<>(before, null)));
            keys.addAll(ofPod(new Change<>(null, now)));
            return keys;
        }
        List<Key> keys = new ArrayList<>();
        Job job = OrphanedPods.jobOf(change.object(), jobs());
        if (job != null) {
            expected(Key.of(job), change);
            queue.addAfter(Key.of(job), together);
        }
        if (before != null && now != null && !Objects.equals(Owners.controllerOf(before), Owners.controllerOf(now))) {
            Job former = OrphanedPods.jobOf(before, jobs());
            if (former != null) {
                queue.addAfter(Key.of(former), together);
            }
        }
        if (now == null) {
            return keys;
        }
        if (job == null && JobPod.isTracked(now)) {
            keys.add(OrphanedPods.key(now));
        }
        if (Owners.controllerOf(now) == null && !Pods.isTerminating(now)) {
            adopters(now).forEach(adopter -> queue.addAfter(adopter, together));
        }
        return keys;
    }

    private void expected(Key job, Change<Pod> change) {
        Pod before = change.before();
        Pod now = change.now();
        String uid = JobPod.uid(change.object());
        if (now == null || Pods.isTerminating(now)) {
            expectations.deleted(job, uid);
        } else if (change.added()) {
            expectations.created(job, uid);
        }
        if (now == null || (before != null && JobPod.isTracked(before) && !JobPod.isTracked(now))) {
            removals.seen(job, uid);
        }
    }

    /** The Jobs that select a pod that nobody controls. */
    private List<Key> adopters(Pod pod) {
        Map<String, String> labels = OrEmpty.of(pod.getMetadata().getLabels());
        List<Job> candidates = new ArrayList<>(
                jobs().indexed(SELECTED, byHand(pod.getMetadata().getNamespace())));
        for (String label : UID_LABELS) {
            String uid = labels.get(label);
            if (uid != null) {
                candidates.addAll(jobs().indexed(SELECTED, uid));
            }
        }
        List<Key> keys = new ArrayList<>();
        for (Job job : candidates) {
            if (Objects.equals(
                            job.getMetadata().getNamespace(), pod.getMetadata().getNamespace())
                    && selects(job, labels)) {
                keys.add(Key.of(job));
            }
        }
        return keys;
    }

    private static boolean selects(Job job, Map<String, String> labels) {
        try {
            return Selectors.of(job.getSpec().getSelector()).test(labels);
        } catch (IllegalArgumentException e) {
            // A selector that is none selects nothing.
            return false;
        }
    }
}
