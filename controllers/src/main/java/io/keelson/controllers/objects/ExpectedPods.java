package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Expectations;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.SlowStart;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Creations and deletions of pods by a loop that counts pods: each is {@linkplain Expectations expected} before it is asked
 * for, and taken back if it fails, was not tried, or turns out to be done already.
 */
public final class ExpectedPods {
    private final Expectations expectations;
    private final Cache<Pod> pods;

    /** Expects what the cache of pods has not seen. */
    public ExpectedPods(Expectations expectations, Cache<Pod> pods) {
        this.expectations = expectations;
        this.pods = pods;
    }

    /**
     * Takes what a change shows. To be called for each change of a pod, before the keys that it concerns are worked on.
     *
     * @param owner the key of the owner of a pod; null if it is none of the loop's
     */
    public static void seen(Expectations expectations, Change<Pod> change, Function<Pod, @Nullable Key> owner) {
        Pod before = change.before();
        Pod now = change.now();
        boolean another = before != null && now != null && !uid(before).equals(uid(now));
        if (before != null && (now == null || another)) {
            Key key = owner.apply(before);
            if (key != null) {
                expectations.deleted(key, uid(before));
            }
        }
        if (now != null) {
            Key key = owner.apply(now);
            if (key != null && (before == null || another)) {
                expectations.created(key, uid(now));
            }
            if (key != null && Pods.isTerminating(now)) {
                expectations.deleted(key, uid(now));
            }
        }
    }

    /**
     * Forgets what was expected of an owner that is gone or that another one has the name of by now: its pods are not told
     * of any more. To be called for each change of an owner.
     */
    public static void ownerSeen(Expectations expectations, Change<? extends HasMetadata> change) {
        HasMetadata before = change.before();
        HasMetadata now = change.now();
        if (before != null && (now == null || !uid(before).equals(uid(now)))) {
            expectations.forget(Key.of(before));
        }
    }

    /**
     * Creates pods in rounds that grow, until a creation fails.
     *
     * @throws RuntimeException the first failure
     */
    public void create(Key owner, int count, SlowStart.Task creation) throws InterruptedException {
        expectations.create(owner, count);
        SlowStart.Result result = SlowStart.run(count, number -> {
            try {
                creation.run(number);
            } catch (RuntimeException e) {
                expectations.notCreated(owner);
                throw e;
            }
        });
        for (int i = tried(result); i < count; i++) {
            expectations.notCreated(owner);
        }
        result.orThrow();
    }

    /**
     * Deletes pods in rounds that grow, until a deletion fails.
     *
     * @throws RuntimeException the first failure
     */
    public void delete(Key owner, List<Pod> doomed, Deleting deletion) throws InterruptedException {
        expectations.delete(owner, doomed.stream().map(ExpectedPods::uid).toList());
        for (Pod pod : doomed) {
            // What the cache has seen before it was expected is not told again.
            if (isSeenToLeave(pod)) {
                expectations.deleted(owner, uid(pod));
            }
        }
        SlowStart.Result result = SlowStart.run(doomed.size(), number -> {
            Pod pod = doomed.get(number);
            boolean wasThere;
            try {
                wasThere = deletion.delete(pod);
            } catch (RuntimeException e) {
                expectations.deleted(owner, uid(pod));
                throw e;
            }
            if (!wasThere) {
                expectations.deleted(owner, uid(pod));
            }
        });
        for (Pod pod : doomed.subList(tried(result), doomed.size())) {
            expectations.deleted(owner, uid(pod));
        }
        result.orThrow();
    }

    private boolean isSeenToLeave(Pod pod) {
        Pod cached = pods.get(Key.of(pod));
        return cached == null || !uid(cached).equals(uid(pod)) || Pods.isTerminating(cached);
    }

    private static int tried(SlowStart.Result result) {
        return result.done() + result.failures().size();
    }

    private static String uid(HasMetadata object) {
        return OrEmpty.of(object.getMetadata().getUid());
    }

    /** Deletes a pod. */
    @FunctionalInterface
    public interface Deleting {
        /** Deletes a pod; says whether it was there. */
        boolean delete(Pod pod);
    }
}
