package io.keelson.agent.server;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The containers of a pod, of whatever sort. */
final class PodContainers {
    private PodContainers() {}

    /** Whether a container has a terminal; empty if the pod has no container of that name. */
    static Optional<Boolean> terminal(Pod pod, String name) {
        return Stream.of(
                        OrEmpty.of(pod.getSpec().getContainers()).stream()
                                .map(one -> Map.entry(one.getName(), Boolean.TRUE.equals(one.getTty()))),
                        OrEmpty.of(pod.getSpec().getInitContainers()).stream()
                                .map(one -> Map.entry(one.getName(), Boolean.TRUE.equals(one.getTty()))),
                        OrEmpty.of(pod.getSpec().getEphemeralContainers()).stream()
                                .map(one -> Map.entry(one.getName(), Boolean.TRUE.equals(one.getTty()))))
                .flatMap(some -> some)
                .filter(one -> one.getKey().equals(name))
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
