package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimVolumeSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.keelson.controllers.objects.OrEmpty;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a pod of a set stores: a claim for each template of the set, which outlives the pod. */
final class Storage {
    private Storage() {}

    /** What the claims of each pod are made from. */
    static List<PersistentVolumeClaim> templates(StatefulSet set) {
        return OrEmpty.of(set.getSpec().getVolumeClaimTemplates());
    }

    /** The name of the claim that a pod has of a template. */
    static String claimName(StatefulSet set, PersistentVolumeClaim template, int ordinal) {
        return template.getMetadata().getName() + '-' + Identity.podName(set, ordinal);
    }

    /** Whether a claim has the name of one of the set's. */
    static boolean isClaimOf(StatefulSet set, String claimName) {
        for (PersistentVolumeClaim template : templates(set)) {
            String prefix = template.getMetadata().getName() + '-';
            if (claimName.startsWith(prefix) && Identity.ordinalOf(set, claimName.substring(prefix.length())) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** A claim as it is made: with the labels of the template and those that the set selects by. */
    static PersistentVolumeClaim claim(StatefulSet set, PersistentVolumeClaim template, int ordinal) {
        Map<String, String> labels =
                new LinkedHashMap<>(OrEmpty.of(template.getMetadata().getLabels()));
        if (set.getSpec().getSelector() != null) {
            labels.putAll(OrEmpty.of(set.getSpec().getSelector().getMatchLabels()));
        }
        return new PersistentVolumeClaimBuilder(template)
                .editMetadata()
                .withName(claimName(set, template, ordinal))
                .withNamespace(set.getMetadata().getNamespace())
                .withLabels(labels)
                .endMetadata()
                .withStatus(null)
                .build();
    }

    /** Whether a pod has all its claims as volumes. */
    static boolean isAttached(StatefulSet set, Pod pod, int ordinal) {
        Map<String, Volume> volumes = new HashMap<>();
        volumes(pod).forEach(volume -> volumes.put(volume.getName(), volume));
        for (PersistentVolumeClaim template : templates(set)) {
            Volume volume = volumes.get(template.getMetadata().getName());
            PersistentVolumeClaimVolumeSource source = volume == null ? null : volume.getPersistentVolumeClaim();
            if (source == null || !claimName(set, template, ordinal).equals(source.getClaimName())) {
                return false;
            }
        }
        return true;
    }

    /** A pod that has all its claims as volumes, in place of others of their names. */
    static Pod attached(StatefulSet set, Pod pod, int ordinal) {
        Map<String, Volume> volumes = new LinkedHashMap<>();
        for (PersistentVolumeClaim template : templates(set)) {
            String name = template.getMetadata().getName();
            volumes.put(
                    name,
                    new VolumeBuilder()
                            .withName(name)
                            .withNewPersistentVolumeClaim(claimName(set, template, ordinal), false)
                            .build());
        }
        volumes(pod).forEach(volume -> volumes.putIfAbsent(volume.getName(), volume));
        return new PodBuilder(pod)
                .editOrNewSpec()
                .withVolumes(List.copyOf(volumes.values()))
                .endSpec()
                .build();
    }

    private static List<Volume> volumes(Pod pod) {
        return pod.getSpec() == null ? List.of() : OrEmpty.of(pod.getSpec().getVolumes());
    }
}
