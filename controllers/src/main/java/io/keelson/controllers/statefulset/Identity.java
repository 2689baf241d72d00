package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodCreation;
import java.util.Map;

/** Who a pod of a set is: its name, which never changes, and the labels that say it. */
final class Identity {
    /** Holds the pod's name, so that a Service can select one pod. */
    static final String NAME_LABEL = "statefulset.kubernetes.io/pod-name";

    /** Holds the ordinal. */
    static final String INDEX_LABEL = "apps.kubernetes.io/pod-index";

    /** Holds the name of the revision that a pod was made from. */
    static final String REVISION_LABEL = "controller-revision-hash";

    private Identity() {}

    /** The name of a pod. */
    static String podName(StatefulSet set, int ordinal) {
        return set.getMetadata().getName() + '-' + ordinal;
    }

    /** The ordinal in the name of a pod; -1 if it is not the name of a pod of the set. */
    static int ordinalOf(StatefulSet set, String podName) {
        String prefix = set.getMetadata().getName() + '-';
        if (!podName.startsWith(prefix)) {
            return -1;
        }
        String digits = podName.substring(prefix.length());
        try {
            int ordinal = Integer.parseInt(digits);
            // "+1" and "01" are numbers too, but no names of ours.
            return Integer.toString(ordinal).equals(digits) ? ordinal : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** The ordinal of a pod; -1 if it is none of the set's. */
    static int ordinalOf(StatefulSet set, Pod pod) {
        return ordinalOf(set, pod.getMetadata().getName());
    }

    /** The name of the revision that a pod was made from; empty if it does not say. */
    static String revisionOf(Pod pod) {
        return OrEmpty.of(OrEmpty.of(pod.getMetadata().getLabels()).get(REVISION_LABEL));
    }

    /** Whether a pod says who it is. */
    static boolean isComplete(Pod pod) {
        Map<String, String> labels = OrEmpty.of(pod.getMetadata().getLabels());
        return pod.getMetadata().getName().equals(labels.get(NAME_LABEL));
    }

    /** A pod that says who it is. */
    static Pod completed(Pod pod, int ordinal) {
        return new PodBuilder(pod)
                .editMetadata()
                .addToLabels(NAME_LABEL, pod.getMetadata().getName())
                .addToLabels(INDEX_LABEL, Integer.toString(ordinal))
                .endMetadata()
                .build();
    }

    /** A pod to create, with its volumes. */
    static Pod newPod(StatefulSet set, int ordinal, PodTemplateSpec template, String revision) {
        String name = podName(set, ordinal);
        Pod named = new PodBuilder(PodCreation.fromTemplate(template, set))
                .editMetadata()
                .withName(name)
                .addToLabels(REVISION_LABEL, revision)
                .endMetadata()
                .editOrNewSpec()
                .withHostname(name)
                .withSubdomain(set.getSpec().getServiceName())
                .endSpec()
                .build();
        return Storage.attached(set, completed(named, ordinal), ordinal);
    }
}
