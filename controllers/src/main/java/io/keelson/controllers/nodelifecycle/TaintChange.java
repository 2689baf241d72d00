package io.keelson.controllers.nodelifecycle;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Taints that a node is to have, and such that it is not to have. Key and effect make two taints the same.
 *
 * @param add without a time
 */
record TaintChange(List<Taint> add, List<Taint> remove) {
    TaintChange {
        add = List.copyOf(add);
        remove = List.copyOf(remove);
    }

    static Taint taint(String key, String effect) {
        return new TaintBuilder().withKey(key).withEffect(effect).build();
    }

    static List<Taint> of(Node node) {
        return node.getSpec() == null ? List.of() : OrEmpty.of(node.getSpec().getTaints());
    }

    static boolean has(Collection<Taint> taints, Taint taint) {
        return taints.stream().anyMatch(each -> isSame(each, taint));
    }

    private static boolean isSame(Taint one, Taint other) {
        return OrEmpty.of(one.getKey()).equals(OrEmpty.of(other.getKey()))
                && OrEmpty.of(one.getEffect()).equals(OrEmpty.of(other.getEffect()));
    }

    /** The taints of a node after the change; equal to those that it has if there is nothing to change. */
    List<Taint> appliedTo(Node node, Instant now) {
        List<Taint> had = of(node);
        List<Taint> taints = new ArrayList<>();
        for (Taint taint : had) {
            if (!has(remove, taint)) {
                taints.add(taint);
            }
        }
        for (Taint taint : add) {
            if (!has(taints, taint)) {
                taints.add(new TaintBuilder(taint)
                        .withTimeAdded(now.truncatedTo(ChronoUnit.SECONDS).toString())
                        .build());
            }
        }
        return taints;
    }
}
