package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What Deployments and their ReplicaSets remember in annotations. A ReplicaSet has the annotations of its Deployment, apart
 * from those that say something of the Deployment alone, and these of its own:
 * <ul>
 *   <li>{@value #REVISION}: which rollout it is of, the first being 1; the Deployment has that of its newest;
 *   <li>{@value #REVISION_HISTORY}: which ones it was of before, separated by commas;
 *   <li>{@value #DESIRED_REPLICAS} and {@value #MAX_REPLICAS}: the Deployment's size, without and with surge, when it was
 *       last sized: by these a change of the Deployment's size is noticed.
 * </ul>
 */
final class Annotations {
    static final String REVISION = "deployment.kubernetes.io/revision";
    static final String REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
    static final String DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
    static final String MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";
    static final String ROLLBACK_TO = "deprecated.deployment.rollback.to";

    private static final int HISTORY_CHARACTERS_MAX = 2000;
    private static final Set<String> OF_ONE_OBJECT = Set.of(
            "kubectl.kubernetes.io/last-applied-configuration",
            REVISION,
            REVISION_HISTORY,
            DESIRED_REPLICAS,
            MAX_REPLICAS,
            ROLLBACK_TO);

    private Annotations() {}

    /** The annotations of an object. */
    static Map<String, String> of(HasMetadata object) {
        return OrEmpty.of(object.getMetadata().getAnnotations());
    }

    /** The revision of a ReplicaSet or a Deployment; 0 if it has none, empty if it has one that is no number. */
    static OptionalLong revision(HasMetadata object) {
        String revision = OrEmpty.of(of(object).get(REVISION));
        return revision.isEmpty() ? OptionalLong.of(0) : number(revision);
    }

    /** The greatest revision; 0 if none has one. */
    static long latestRevision(List<ReplicaSet> sets) {
        return sets.stream().mapToLong(set -> revision(set).orElse(0)).max().orElse(0);
    }

    /** The greatest revision but one; 0 if there is none. */
    static long lastRevisionButOne(List<ReplicaSet> sets) {
        return sets.stream()
                .map(set -> revision(set).orElse(0))
                .distinct()
                .sorted(Comparator.reverseOrder())
                .skip(1)
                .findFirst()
                .orElse(0L);
    }

    /** A number of pods in an annotation; empty if it is not there or is none. */
    static OptionalLong replicas(ReplicaSet set, String annotation) {
        OptionalLong number = number(OrEmpty.of(of(set).get(annotation)));
        return number.isPresent() && number.getAsLong() == (int) number.getAsLong() ? number : OptionalLong.empty();
    }

    /** A number as it stands in an annotation; empty if it is none. */
    static OptionalLong number(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** A ReplicaSet's annotations as they are to be if it is the one of the template, at a revision. */
    static Map<String, String> ofNewest(Map<String, String> deployment, Map<String, String> set, long revision) {
        Map<String, String> annotations = new HashMap<>(set);
        deployment.forEach((name, value) -> {
            if (!OF_ONE_OBJECT.contains(name)) {
                annotations.put(name, value);
            }
        });
        String before = OrEmpty.of(set.get(REVISION));
        OptionalLong old = before.isEmpty() ? OptionalLong.of(0) : number(before);
        if (old.isEmpty() || old.getAsLong() >= revision) {
            return annotations;
        }
        annotations.put(REVISION, Long.toString(revision));
        if (!before.isEmpty()) {
            annotations.put(REVISION_HISTORY, history(OrEmpty.of(set.get(REVISION_HISTORY)), before));
        }
        return annotations;
    }

    /** A history with one more revision, and without its oldest ones if it becomes too long. */
    private static String history(String history, String revision) {
        List<String> revisions = new ArrayList<>(history.isEmpty() ? List.of() : List.of(history.split(",", -1)));
        revisions.add(revision);
        String all = String.join(",", revisions);
        while (all.length() > HISTORY_CHARACTERS_MAX && revisions.size() > 1) {
            revisions.removeFirst();
            all = String.join(",", revisions);
        }
        return all;
    }

    /** A ReplicaSet's annotations with the size that its Deployment has. */
    static Map<String, String> sized(Map<String, String> set, Fenceposts posts) {
        Map<String, String> annotations = new HashMap<>(set);
        annotations.put(DESIRED_REPLICAS, Integer.toString(posts.replicas()));
        annotations.put(MAX_REPLICAS, Integer.toString(posts.maxTotal()));
        return annotations;
    }

    /** A Deployment's annotations when it goes back to a ReplicaSet: its own, with what that one had from it. */
    static Map<String, String> rolledBack(Map<String, String> deployment, Map<String, String> set) {
        Map<String, String> annotations = new HashMap<>();
        deployment.forEach((name, value) -> {
            if (OF_ONE_OBJECT.contains(name)) {
                annotations.put(name, value);
            }
        });
        set.forEach((name, value) -> {
            if (!OF_ONE_OBJECT.contains(name)) {
                annotations.put(name, value);
            }
        });
        return annotations;
    }
}
