package io.keelson.agent.cri;

import io.keelson.agent.wire.cri.ContainerState;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** How much runs, as the runtime told last, under the kubelet's names. */
public final class RunningMetrics {
    private RunningMetrics() {}

    /** Tells of these pods in a registry, whenever it is asked. */
    public static void register(Supplier<Collection<RuntimePod>> pods, PrometheusRegistry registry) {
        var _ = GaugeWithCallback.builder()
                .name("kubelet_running_pods")
                .help("How many pods have a sandbox that is ready")
                .callback(told -> told.call((double) pods.get().stream()
                        .filter(pod -> pod.readySandbox().isPresent())
                        .count()))
                .register(registry);
        var _ = GaugeWithCallback.builder()
                .name("kubelet_running_containers")
                .help("How many containers the runtime has, by what they do")
                .labelNames("container_state")
                .callback(told -> states(pods.get()).forEach((state, count) -> told.call(count, name(state))))
                .register(registry);
    }

    private static Map<ContainerState, Integer> states(Collection<RuntimePod> pods) {
        Map<ContainerState, Integer> states = new EnumMap<>(ContainerState.class);
        pods.forEach(pod -> pod.containers().forEach(run -> states.merge(run.state(), 1, Integer::sum)));
        return states;
    }

    private static String name(ContainerState state) {
        return state == ContainerState.UNRECOGNIZED
                ? "unknown"
                : state.name().substring("CONTAINER_".length()).toLowerCase(Locale.ROOT);
    }
}
