package io.keelson.agent.pods.launch;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.logs.LogLinks;
import io.keelson.agent.pods.ContainerEnvironment;
import io.keelson.agent.pods.ContainerImages;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodNames;
import io.keelson.agent.pods.PodResources;
import io.keelson.agent.pods.PodVolumes;
import io.keelson.controllers.runtime.Events;

/**
 * All that a launch needs.
 *
 * @param handlers finds the runtime's handler of a RuntimeClass
 * @param profileByDefault whether containers that say nothing have the runtime's usual profile of system calls
 * @param events tells users, as the node
 */
public record LaunchRooms(
        RuntimeConnection runtime,
        PodVolumes volumes,
        ContainerImages images,
        ContainerEnvironment environment,
        PodNames names,
        PodResources resources,
        UserNamespaces users,
        boolean profileByDefault,
        PodFolders folders,
        LogLinks logLinks,
        RuntimeHandlers handlers,
        Events events,
        KubernetesSerialization json) {}
