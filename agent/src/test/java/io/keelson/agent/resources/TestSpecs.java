package io.keelson.agent.resources;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Pods that ask for something. Resources are written {@code cpu=1 memory=2Gi}. */
final class TestSpecs {
    private TestSpecs() {}

    static Map<String, Quantity> quantities(String text) {
        Map<String, Quantity> quantities = new HashMap<>();
        for (String part : text.split(" ", -1)) {
            if (!part.isEmpty()) {
                quantities.put(
                        part.substring(0, part.indexOf('=')), new Quantity(part.substring(part.indexOf('=') + 1)));
            }
        }
        return quantities;
    }

    static ResourceRequirements resources(String requests, String limits) {
        return new ResourceRequirementsBuilder()
                .withRequests(quantities(requests))
                .withLimits(quantities(limits))
                .build();
    }

    static Container container(String name, String requests, String limits) {
        return new ContainerBuilder()
                .withName(name)
                .withResources(resources(requests, limits))
                .build();
    }

    static Container sidecar(String name, String requests, String limits) {
        return new ContainerBuilder(container(name, requests, limits))
                .withRestartPolicy("Always")
                .build();
    }

    static Pod pod(String uid, List<Container> inits, Container... containers) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(uid)
                .withNamespace("default")
                .withUid(uid)
                .endMetadata()
                .withNewSpec()
                .withInitContainers(inits)
                .withContainers(containers)
                .endSpec()
                .build();
    }

    static Pod pod(Container... containers) {
        return pod("a", List.of(), containers);
    }

    /** A pod with resources of its own. */
    static Pod withOwn(Pod pod, String requests, String limits) {
        return new PodBuilder(pod)
                .editSpec()
                .withResources(resources(requests, limits))
                .endSpec()
                .build();
    }
}
