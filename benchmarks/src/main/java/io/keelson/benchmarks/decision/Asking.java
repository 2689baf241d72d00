package io.keelson.benchmarks.decision;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;

/** What pods ask for, in the manner of scheduler_perf. */
enum Asking {
    BASIC,
    ANTI_AFFINITY_BY_HOSTNAME,
    ANTI_AFFINITY_OF_MANY_DEPLOYMENTS,
    AFFINITY_BY_ZONE,
    PREFERRED_AFFINITY_BY_HOSTNAME,
    SPREAD_OVER_ZONES,
    PREFERRED_SPREAD_OVER_ZONES_AND_HOSTNAMES;

    /** How many kinds of pods there are; those that must be apart have to have enough nodes. */
    private int kinds() {
        return switch (this) {
            case ANTI_AFFINITY_BY_HOSTNAME -> 4;
            case ANTI_AFFINITY_OF_MANY_DEPLOYMENTS -> 2_000;
            default -> 1;
        };
    }

    /** A pod that asks for it. */
    PodInfo pod(int number, ResourceTable table) {
        String kind = "kind" + number % kinds();
        LabelSelector own =
                new LabelSelectorBuilder().addToMatchLabels("app", kind).build();
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withName("pod" + number)
                .withUid("pod" + number)
                .withNamespace("default")
                .addToLabels("app", kind)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("pause")
                .withImage("registry.k8s.io/pause:3.10")
                .withNewResources()
                .addToRequests("cpu", new Quantity("100m"))
                .addToRequests("memory", new Quantity("500Mi"))
                .endResources()
                .endContainer()
                .endSpec();
        var spec = pod.editSpec();
        switch (this) {
            case BASIC -> {}
            case ANTI_AFFINITY_BY_HOSTNAME, ANTI_AFFINITY_OF_MANY_DEPLOYMENTS ->
                spec.withNewAffinity()
                        .withNewPodAntiAffinity()
                        .addNewRequiredDuringSchedulingIgnoredDuringExecution()
                        .withTopologyKey(MachinePark.HOSTNAME)
                        .withLabelSelector(own)
                        .endRequiredDuringSchedulingIgnoredDuringExecution()
                        .endPodAntiAffinity()
                        .endAffinity();
            case AFFINITY_BY_ZONE ->
                spec.withNewAffinity()
                        .withNewPodAffinity()
                        .addNewRequiredDuringSchedulingIgnoredDuringExecution()
                        .withTopologyKey(MachinePark.ZONE)
                        .withLabelSelector(own)
                        .endRequiredDuringSchedulingIgnoredDuringExecution()
                        .endPodAffinity()
                        .endAffinity();
            case PREFERRED_AFFINITY_BY_HOSTNAME ->
                spec.withNewAffinity()
                        .withNewPodAffinity()
                        .addNewPreferredDuringSchedulingIgnoredDuringExecution()
                        .withWeight(1)
                        .withNewPodAffinityTerm()
                        .withTopologyKey(MachinePark.HOSTNAME)
                        .withLabelSelector(own)
                        .endPodAffinityTerm()
                        .endPreferredDuringSchedulingIgnoredDuringExecution()
                        .endPodAffinity()
                        .endAffinity();
            case SPREAD_OVER_ZONES ->
                spec.addNewTopologySpreadConstraint()
                        .withTopologyKey(MachinePark.ZONE)
                        .withMaxSkew(5)
                        .withWhenUnsatisfiable("DoNotSchedule")
                        .withLabelSelector(own)
                        .endTopologySpreadConstraint();
            case PREFERRED_SPREAD_OVER_ZONES_AND_HOSTNAMES ->
                spec.addNewTopologySpreadConstraint()
                        .withTopologyKey(MachinePark.HOSTNAME)
                        .withMaxSkew(3)
                        .withWhenUnsatisfiable("ScheduleAnyway")
                        .withLabelSelector(own)
                        .endTopologySpreadConstraint()
                        .addNewTopologySpreadConstraint()
                        .withTopologyKey(MachinePark.ZONE)
                        .withMaxSkew(5)
                        .withWhenUnsatisfiable("ScheduleAnyway")
                        .withLabelSelector(own)
                        .endTopologySpreadConstraint();
        }
        return PodInfo.of(spec.endSpec().build(), table);
    }
}
