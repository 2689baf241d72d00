package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.environment.ReferencedObjects;
import io.keelson.agent.pods.ContainerImages;
import io.keelson.agent.volumes.csi.CsiDrivers;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What volumes are made with.
 *
 * @param root the agent's folder, {@code /var/lib/kubelet} for one; links in it are resolved at the start
 * @param client with the node's rights
 * @param objects what pods refer to
 * @param tokens of service accounts
 * @param drivers storage plugins
 * @param images has images of volumes at hand
 * @param nodeName this node's
 * @param node as it is now: what pods may have of it
 * @param recursiveReadOnly whether the runtime that runs a pod can make what is mounted in a volume read-only, too
 * @param events as the kubelet tells them
 * @param times takes how long volumes took
 */
public record Surroundings(
        Path root,
        KubernetesClient client,
        ReferencedObjects objects,
        ServiceAccountTokens tokens,
        CsiDrivers drivers,
        ContainerImages images,
        String nodeName,
        Supplier<Node> node,
        Predicate<Pod> recursiveReadOnly,
        Events events,
        Time time,
        VolumeTimes times) {}
