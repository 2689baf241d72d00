package io.keelson.agent.pods.source;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.controllers.objects.OrEmpty;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fills in what the API fills in for pods that are made there. */
final class StaticDefaults {
    private StaticDefaults() {}

    static Pod of(Pod pod) {
        PodBuilder built = new PodBuilder(pod);
        built.editSpec()
                .withRestartPolicy(or(pod.getSpec().getRestartPolicy(), "Always"))
                .withDnsPolicy(or(pod.getSpec().getDnsPolicy(), "ClusterFirst"))
                .withSchedulerName(or(pod.getSpec().getSchedulerName(), "default-scheduler"))
                .withEnableServiceLinks(pod.getSpec().getEnableServiceLinks() == null
                        || pod.getSpec().getEnableServiceLinks())
                .withTerminationGracePeriodSeconds(
                        pod.getSpec().getTerminationGracePeriodSeconds() == null
                                ? Long.valueOf(30)
                                : pod.getSpec().getTerminationGracePeriodSeconds())
                .withInitContainers(containers(pod.getSpec().getInitContainers()))
                .withContainers(containers(pod.getSpec().getContainers()))
                .endSpec();
        return built.build();
    }

    private static String or(@Nullable String given, String usual) {
        return given == null || given.isEmpty() ? usual : given;
    }

    private static List<Container> containers(@Nullable List<Container> all) {
        return OrEmpty.of(all).stream().map(StaticDefaults::container).toList();
    }

    private static Container container(Container container) {
        String image = container.getImage();
        int name = image.lastIndexOf('/') + 1;
        boolean isLatest = image.indexOf('@') < 0 && (image.indexOf(':', name) < 0 || image.endsWith(":latest"));
        return new ContainerBuilder(container)
                .withImagePullPolicy(or(container.getImagePullPolicy(), isLatest ? "Always" : "IfNotPresent"))
                .withTerminationMessagePath(or(container.getTerminationMessagePath(), "/dev/termination-log"))
                .withTerminationMessagePolicy(or(container.getTerminationMessagePolicy(), "File"))
                .withLivenessProbe(probe(container.getLivenessProbe()))
                .withReadinessProbe(probe(container.getReadinessProbe()))
                .withStartupProbe(probe(container.getStartupProbe()))
                .withResources(resources(container.getResources()))
                .build();
    }

    private static @Nullable Probe probe(@Nullable Probe probe) {
        return probe == null
                ? null
                : new ProbeBuilder(probe)
                        .withTimeoutSeconds(positive(probe.getTimeoutSeconds(), 1))
                        .withPeriodSeconds(positive(probe.getPeriodSeconds(), 10))
                        .withSuccessThreshold(positive(probe.getSuccessThreshold(), 1))
                        .withFailureThreshold(positive(probe.getFailureThreshold(), 3))
                        .build();
    }

    private static int positive(@Nullable Integer given, int usual) {
        return given == null || given <= 0 ? usual : given;
    }

    /** Who is limited and does not ask for anything asks for as much. */
    private static @Nullable ResourceRequirements resources(@Nullable ResourceRequirements resources) {
        if (resources != null && !OrEmpty.of(resources.getLimits()).isEmpty()) {
            Map<String, Quantity> requests = new HashMap<>(resources.getLimits());
            requests.putAll(OrEmpty.of(resources.getRequests()));
            resources.setRequests(requests);
        }
        return resources;
    }
}
