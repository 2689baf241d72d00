package io.keelson.agent.resources;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the cgroup of a pod is limited to. */
final class PodLimits {
    private PodLimits() {}

    /**
     * The limits. Memory and time of processors of a burstable pod are limited only if all of its containers have a
     * limit, or it has one itself.
     */
    static CgroupLimits of(Pod pod, ResourceSettings settings, Machine machine) {
        Map<String, Long> requests = PodSums.requests(pod);
        Map<String, Long> limits = PodSums.limits(pod);
        CgroupLimits result = CgroupLimits.NONE
                .withHugepages(Hugepages.limits(requests, machine.hugepageBytes()))
                .withPids(settings.pidsMax() > 0 ? settings.pidsMax() : CgroupLimits.UNLIMITED);
        long cpu = limits.getOrDefault("cpu", 0L);
        long memory = PodSums.bytes(limits.getOrDefault("memory", 0L));
        QosClass qos = QosClass.of(pod);
        if (qos == QosClass.BEST_EFFORT) {
            return result.withShares(CpuShares.SHARES_MIN);
        }
        boolean hasCpu = qos == QosClass.GUARANTEED || isDeclared(pod, "cpu");
        boolean hasMemory = qos == QosClass.GUARANTEED || isDeclared(pod, "memory");
        long quota = settings.cpuQuota() && hasCpu ? CpuShares.quota(cpu, settings.cpuPeriodMicros()) : 0;
        result = result.withShares(CpuShares.shares(requests.getOrDefault("cpu", 0L)))
                // Whatever was before, in case that a limit was taken away.
                .withQuota(quota > 0 ? quota : CgroupLimits.UNLIMITED, settings.cpuPeriodMicros())
                .withMemory(hasMemory && memory > 0 ? memory : CgroupLimits.UNLIMITED);
        long requested = PodSums.bytes(requests.getOrDefault("memory", 0L));
        return settings.memoryQos() && machine.unified() && requested > 0
                ? result.withUnified(Map.of("memory.min", Long.toString(requested)))
                : result;
    }

    private static boolean isDeclared(Pod pod, String resource) {
        if (isPositive(
                OrEmpty.of(PodSums.of(pod.getSpec().getResources()).getLimits()).get(resource))) {
            return true;
        }
        List<Container> containers = new ArrayList<>(OrEmpty.of(pod.getSpec().getContainers()));
        containers.addAll(OrEmpty.of(pod.getSpec().getInitContainers()));
        return containers.stream()
                .allMatch(container -> isPositive(
                        OrEmpty.of(PodSums.of(container.getResources()).getLimits())
                                .get(resource)));
    }

    private static boolean isPositive(@Nullable Quantity quantity) {
        return quantity != null && Milli.of(quantity) > 0;
    }
}
