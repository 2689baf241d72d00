package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetPersistentVolumeClaimRetentionPolicy;
import io.fabric8.kubernetes.api.model.apps.StatefulSetUpdateStrategyBuilder;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sets and pods for tests of the part without I/O. */
final class StatefulSets {
    static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private StatefulSets() {}

    static Revision revision(String name) {
        return new Revision(name, template("image-" + name));
    }

    private static PodTemplateSpec template(String image) {
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .addToLabels("app", "web")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage(image)
                .endContainer()
                .addNewVolume()
                .withName("data")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .addNewVolume()
                .withName("other")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .endSpec()
                .build();
    }

    private static StatefulSet set(int replicas, String policy) {
        return new StatefulSetBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("default")
                .withUid("set")
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withServiceName("headless")
                .withPodManagementPolicy(policy)
                .withNewSelector()
                .addToMatchLabels("app", "web")
                .endSelector()
                .withTemplate(template("image-new"))
                .endSpec()
                .build();
    }

    static StatefulSet ordered(int replicas) {
        return set(replicas, "OrderedReady");
    }

    static StatefulSet parallel(int replicas) {
        return set(replicas, "Parallel");
    }

    static StatefulSet partitioned(StatefulSet set, int partition, @Nullable String maxUnavailable) {
        set.getSpec()
                .setUpdateStrategy(new StatefulSetUpdateStrategyBuilder()
                        .withType("RollingUpdate")
                        .withNewRollingUpdate()
                        .withPartition(partition)
                        .withMaxUnavailable(maxUnavailable == null ? null : new IntOrString(maxUnavailable))
                        .endRollingUpdate()
                        .build());
        return set;
    }

    static StatefulSet claiming(StatefulSet set, String template) {
        StatefulSet claiming = new StatefulSetBuilder(set)
                .editSpec()
                .addNewVolumeClaimTemplate()
                .withNewMetadata()
                .withName(template)
                .endMetadata()
                .endVolumeClaimTemplate()
                .endSpec()
                .build();
        set.getSpec().setVolumeClaimTemplates(claiming.getSpec().getVolumeClaimTemplates());
        return set;
    }

    static StatefulSet retaining(StatefulSet set, String whenDeleted, String whenScaled) {
        set.getSpec()
                .setPersistentVolumeClaimRetentionPolicy(
                        new StatefulSetPersistentVolumeClaimRetentionPolicy(whenDeleted, whenScaled));
        return set;
    }

    static Pod pod(StatefulSet set, int ordinal, String revision, String phase, boolean ready) {
        Pod pod = new PodBuilder(Identity.newPod(set, ordinal, template("image-" + revision), revision))
                .editMetadata()
                .withUid("uid-" + ordinal)
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .endCondition()
                .endStatus()
                .build();
        return readySince(pod, NOW.minusSeconds(3600));
    }

    static Pod readySince(Pod pod, Instant since) {
        pod.getStatus()
                .setConditions(List.of(pod.getStatus()
                        .getConditions()
                        .getFirst()
                        .edit()
                        .withLastTransitionTime(since.toString())
                        .build()));
        return pod;
    }
}
