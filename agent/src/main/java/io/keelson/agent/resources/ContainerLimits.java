package io.keelson.agent.resources;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.agent.wire.cri.HugepageLimit;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a runtime is told of the resources of containers, and of sandboxes. */
final class ContainerLimits {
    private static final long PAGE_BYTES = 4096;

    private ContainerLimits() {}

    /** What a container may use. Where it has no limit of its own, its pod's is one. */
    static LinuxContainerResources of(Pod pod, Container container, ResourceSettings settings, Machine machine) {
        ResourceRequirements own = PodSums.of(container.getResources());
        Map<String, Quantity> requests = OrEmpty.of(own.getRequests());
        Map<String, Quantity> limits = new TreeMap<>(OrEmpty.of(own.getLimits()));
        OrEmpty.of(PodSums.of(pod.getSpec().getResources()).getLimits()).forEach((name, quantity) -> {
            if (name.equals("cpu") || name.equals("memory")) {
                limits.putIfAbsent(name, quantity);
            }
        });
        long limitMilli = milli(limits.get("cpu"));
        // With a limit only, that is what is asked for.
        long requestMilli = requests.containsKey("cpu") ? milli(requests.get("cpu")) : limitMilli;
        long memory = PodSums.bytes(milli(limits.get("memory")));
        LinuxContainerResources.Builder result = basic(requestMilli, limitMilli, memory, settings, machine)
                .setOomScoreAdj(OomScore.of(pod, container, machine.memoryBytes()));
        Map<String, Long> pages = new TreeMap<>();
        requests.forEach((name, quantity) -> pages.put(name, milli(quantity)));
        Hugepages.limits(pages, machine.hugepageBytes())
                .forEach((size, bytes) -> result.addHugepageLimits(HugepageLimit.newBuilder()
                        .setPageSize(Hugepages.name(size))
                        .setLimit(bytes)));
        withoutSwap(result, memory, machine);
        if (settings.memoryQos() && machine.unified()) {
            throttle(result, PodSums.bytes(milli(requests.get("memory"))), memory, settings, machine);
        }
        return result.build();
    }

    /** What a sandbox is told that all containers of its pod use together, without its overhead. */
    static LinuxContainerResources ofPod(Pod pod, ResourceSettings settings, Machine machine) {
        Map<String, Long> limits = PodSums.limitsWithoutOverhead(pod);
        return basic(
                        PodSums.requestsWithoutOverhead(pod).getOrDefault("cpu", 0L),
                        limits.getOrDefault("cpu", 0L),
                        PodSums.bytes(limits.getOrDefault("memory", 0L)),
                        settings,
                        machine)
                .build();
    }

    /** What a sandbox is told that it uses itself. */
    static LinuxContainerResources overhead(Pod pod, ResourceSettings settings, Machine machine) {
        Map<String, Long> overhead = PodSums.overhead(pod);
        if (overhead.isEmpty()) {
            return LinuxContainerResources.getDefaultInstance();
        }
        long milli = overhead.getOrDefault("cpu", 0L);
        return basic(milli, milli, PodSums.bytes(overhead.getOrDefault("memory", 0L)), settings, machine)
                .build();
    }

    private static LinuxContainerResources.Builder basic(
            long requestMilli, long limitMilli, long memoryBytes, ResourceSettings settings, Machine machine) {
        LinuxContainerResources.Builder result = LinuxContainerResources.newBuilder()
                .setCpuShares(CpuShares.shares(requestMilli))
                .setMemoryLimitInBytes(memoryBytes);
        if (settings.cpuQuota()) {
            result.setCpuPeriod(settings.cpuPeriodMicros())
                    .setCpuQuota(CpuShares.quota(limitMilli, settings.cpuPeriodMicros()));
        }
        if (machine.unified() && !settings.singleProcessOomKill()) {
            result.putUnified("memory.oom.group", "1");
        }
        return result;
    }

    /** Swap is not for containers: on version 1 the limit of memory and swap together is that of memory. */
    private static void withoutSwap(LinuxContainerResources.Builder result, long memoryBytes, Machine machine) {
        if (!machine.swapLimits()) {
            return;
        }
        if (machine.unified()) {
            result.putUnified("memory.swap.max", "0");
        } else {
            result.setMemorySwapLimitInBytes(memoryBytes);
        }
    }

    /** Protects what is asked for, and slows allocation down before the limit is reached, in whole pages. */
    private static void throttle(
            LinuxContainerResources.Builder result,
            long requestBytes,
            long limitBytes,
            ResourceSettings settings,
            Machine machine) {
        if (requestBytes > 0) {
            result.putUnified("memory.min", Long.toString(requestBytes));
        }
        long top = limitBytes > 0 ? limitBytes : machine.allocatableMemoryBytes();
        long high = requestBytes + (long) ((top - requestBytes) * settings.memoryThrottling());
        high -= high % PAGE_BYTES;
        if (high > requestBytes) {
            result.putUnified("memory.high", Long.toString(high));
        }
    }

    private static long milli(@Nullable Quantity quantity) {
        return quantity == null ? 0 : Milli.of(quantity);
    }
}
