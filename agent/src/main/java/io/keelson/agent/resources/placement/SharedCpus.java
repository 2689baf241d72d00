package io.keelson.agent.resources.placement;

import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.cri.RuntimePods;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.agent.wire.cri.UpdateContainerResourcesRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells containers that run which processors are theirs, when that has changed since they were last told: those that
 * are shared get fewer with each container that gets its own. To be called every ten seconds ({@code
 * cpuManagerReconcilePeriod}), by one thread.
 */
public final class SharedCpus {
    private static final Logger LOG = LoggerFactory.getLogger(SharedCpus.class);
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final RuntimeConnection connection;
    private final RuntimePods pods;
    private final ExclusiveCpus cpus;
    /** What containers that run were told, by their ids. */
    private final Map<String, CpuSet> told = new HashMap<>();

    /** Tells containers of this runtime. */
    public SharedCpus(RuntimeConnection connection, RuntimePods pods, ExclusiveCpus cpus) {
        this.connection = connection;
        this.pods = pods;
        this.cpus = cpus;
    }

    /**
     * Looks at all containers that run, and tells those for which something changed. What fails is tried the next time.
     */
    public void reconcile() {
        Set<String> running = new HashSet<>();
        for (RuntimePod pod : pods.pods()) {
            for (RuntimeContainer container : pod.containers()) {
                if (container.running()) {
                    running.add(container.id());
                    tell(container.id(), cpus.of(pod.uid(), container.name()));
                }
            }
        }
        told.keySet().retainAll(running);
    }

    private void tell(String id, CpuSet wanted) {
        if (wanted.equals(told.get(id))) {
            return;
        }
        try {
            var _ = connection
                    .runtime(LIMIT)
                    .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                            .setContainerId(id)
                            .setLinux(LinuxContainerResources.newBuilder().setCpusetCpus(wanted.toString()))
                            .build());
            told.put(id, wanted);
        } catch (StatusRuntimeException e) {
            LOG.warn("Container {} cannot be put on processors {}: {}", id, wanted, RuntimeError.text(e));
        }
    }
}
