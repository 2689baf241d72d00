package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimePods;
import io.keelson.agent.hooks.Hooks;
import io.keelson.agent.pods.PodAdmission;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodGuard;
import io.keelson.agent.pods.PodPlacement;
import io.keelson.agent.pods.PodResources;
import io.keelson.agent.pods.PodVolumes;
import io.keelson.agent.pods.launch.ContainerLaunch;
import io.keelson.agent.pods.launch.SandboxLaunch;
import io.keelson.agent.pods.launch.UserNamespaces;
import io.keelson.agent.pods.status.StatusWriter;
import io.keelson.agent.probe.Probes;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * All that workers need.
 *
 * @param hostIps the node's addresses, its first one first
 * @param runtimeName how ids of containers begin
 * @param backOffLimit how long a container that keeps ending waits at most
 * @param syncEvery after how long a pod is looked at though nothing has changed
 */
record WorkRooms(
        KubernetesClient client,
        RuntimeConnection runtime,
        RuntimePods observed,
        PodVolumes volumes,
        PodResources resources,
        PodAdmission admission,
        NodeFit fit,
        PodPlacement placement,
        PodGuard guard,
        Allocations allocations,
        UserNamespaces users,
        SandboxLaunch sandboxes,
        ContainerLaunch containers,
        Hooks hooks,
        Probes probes,
        StatusWriter statuses,
        Events events,
        WorkMetrics figures,
        Time time,
        PodFolders folders,
        Supplier<List<String>> hostIps,
        String runtimeName,
        Duration backOffLimit,
        Duration syncEvery) {}
