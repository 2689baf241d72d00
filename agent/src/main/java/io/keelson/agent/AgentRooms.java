package io.keelson.agent;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimePods;
import io.keelson.agent.logs.LogLinks;
import io.keelson.agent.pods.ContainerEnvironment;
import io.keelson.agent.pods.ContainerImages;
import io.keelson.agent.pods.PodAdmission;
import io.keelson.agent.pods.PodGuard;
import io.keelson.agent.pods.PodNames;
import io.keelson.agent.pods.PodPlacement;
import io.keelson.agent.pods.PodResources;
import io.keelson.agent.pods.PodVolumes;
import io.keelson.agent.pods.launch.UserSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an agent is put together of.
 *
 * @param runtime where containers run
 * @param observed what it has; follows it already
 * @param users whether it runs pods with users of their own
 * @param runtimeName how ids of containers begin in a pod's status: {@code containerd}
 * @param admission asked before it is looked whether a pod fits on the node
 * @param placement gives pods what they keep, once there is room for them
 * @param guard puts pods under rules of the network
 * @param logLinks shows the logs of containers by names that people know
 * @param node the node's object in the API as it was seen last; null while it is not there
 */
public record AgentRooms(
        RuntimeConnection runtime,
        RuntimePods observed,
        UserSupport users,
        String runtimeName,
        PodVolumes volumes,
        ContainerImages images,
        ContainerEnvironment environment,
        PodNames names,
        PodResources resources,
        PodAdmission admission,
        PodPlacement placement,
        PodGuard guard,
        LogLinks logLinks,
        Supplier<@Nullable Node> node) {}
