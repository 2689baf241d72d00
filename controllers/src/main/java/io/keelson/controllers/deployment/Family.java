package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The ReplicaSets of a Deployment.
 *
 * @param newest the one of its template; null if there is none yet
 * @param old all others, the oldest first
 */
record Family(@Nullable ReplicaSet newest, List<ReplicaSet> old) {
    /** The label by which ReplicaSets of one Deployment, and their pods, are told apart. */
    static final String TEMPLATE_HASH = "pod-template-hash";

    static final Comparator<ReplicaSet> OLDEST_FIRST = Comparator.comparing(
                    (ReplicaSet set) -> OrEmpty.of(set.getMetadata().getCreationTimestamp()))
            .thenComparing(set -> set.getMetadata().getName());

    Family {
        old = old.stream().sorted(OLDEST_FIRST).toList();
    }

    /** Tells the one of the template from the others; if there are several, the oldest is it. */
    static Family of(Deployment deployment, List<ReplicaSet> sets) {
        PodTemplateSpec template = withoutHash(deployment.getSpec().getTemplate());
        ReplicaSet newest = null;
        List<ReplicaSet> old = new ArrayList<>();
        for (ReplicaSet set : sets.stream().sorted(OLDEST_FIRST).toList()) {
            if (newest == null && isOfTemplate(set, template)) {
                newest = set;
            } else {
                old.add(set);
            }
        }
        return new Family(newest, old);
    }

    /** Whether the pods of a ReplicaSet are as its Deployment wants them now. */
    static boolean isOfTemplate(ReplicaSet set, Deployment deployment) {
        return isOfTemplate(set, withoutHash(deployment.getSpec().getTemplate()));
    }

    private static boolean isOfTemplate(ReplicaSet set, PodTemplateSpec withoutHash) {
        return set.getSpec() != null
                && withoutHash.equals(withoutHash(set.getSpec().getTemplate()));
    }

    /** A template as its Deployment has it. */
    static PodTemplateSpec withoutHash(@Nullable PodTemplateSpec template) {
        return new PodTemplateSpecBuilder(template == null ? new PodTemplateSpec() : template)
                .editOrNewMetadata()
                .removeFromLabels(TEMPLATE_HASH)
                .endMetadata()
                .build();
    }

    /** All of them. */
    List<ReplicaSet> all() {
        List<ReplicaSet> all = new ArrayList<>(old);
        if (newest != null) {
            all.add(newest);
        }
        return all;
    }

    /** The old ones that want pods. */
    List<ReplicaSet> activeOld() {
        return old.stream().filter(set -> replicas(set) > 0).toList();
    }

    /** With another ReplicaSet as the one of the template. */
    Family withNewest(ReplicaSet set) {
        return new Family(set, old);
    }

    /** With a newer state of one of them. */
    Family with(ReplicaSet changed) {
        Function<ReplicaSet, ReplicaSet> replaced =
                set -> set.getMetadata().getUid().equals(changed.getMetadata().getUid()) ? changed : set;
        return new Family(
                newest == null ? null : replaced.apply(newest),
                old.stream().map(replaced).toList());
    }

    /** How many pods a ReplicaSet wants. */
    static int replicas(ReplicaSet set) {
        return set.getSpec() == null || set.getSpec().getReplicas() == null
                ? 1
                : Math.max(0, set.getSpec().getReplicas());
    }

    /** How many pods several ReplicaSets want. */
    static int replicas(List<ReplicaSet> sets) {
        return sum(sets, Family::replicas);
    }

    /** A count of a ReplicaSet's status. */
    static int counted(ReplicaSet set, Function<ReplicaSetStatus, @Nullable Integer> count) {
        Integer number = set.getStatus() == null ? null : count.apply(set.getStatus());
        return OrEmpty.of(number);
    }

    static int sum(List<ReplicaSet> sets, ToIntFunction<ReplicaSet> count) {
        return Math.clamp(sets.stream().mapToLong(count::applyAsInt).sum(), 0, Integer.MAX_VALUE);
    }

    /** How many available pods a ReplicaSet will keep at least, if its status is from before it was last made smaller. */
    static int available(ReplicaSet set) {
        return Math.min(replicas(set), counted(set, ReplicaSetStatus::getAvailableReplicas));
    }
}
