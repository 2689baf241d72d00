package io.keelson.agent.command;

import io.fabric8.kubernetes.client.Config;
import io.keelson.agent.AgentSettings;
import io.keelson.agent.cri.ObserverSettings;
import io.keelson.agent.cri.RuntimeChoice;
import io.keelson.agent.embedded.assembly.EmbeddedNodeSettings;
import io.keelson.agent.environment.PodAddresses;
import io.keelson.agent.image.ContainerGarbagePolicy;
import io.keelson.agent.image.CredentialPolicy;
import io.keelson.agent.image.ImageGarbagePolicy;
import io.keelson.agent.image.PullSettings;
import io.keelson.agent.logs.LogRotation;
import io.keelson.agent.node.NodeSettings;
import io.keelson.agent.resources.NodeCgroups.Allocatable;
import io.keelson.agent.resources.ResourceSettings;
import io.keelson.agent.server.NodeServerSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a node is to be, all said and checked.
 *
 * @param api where the API is, and who the node is there
 * @param network as whom the node's network reads all nodes, pods and policies; often the node itself
 * @param calls how many calls of the API are made
 * @param logLinks where logs are linked by readable names, {@code /var/log/containers}
 * @param runtime behind which socket containers run
 * @param embedded where the embedded runtime keeps what it has; used if no socket was chosen
 * @param bundledImages whether the embedded runtime is to have the images that are built on the spot
 * @param enforced what all pods together may use; empty if they are not limited
 * @param exclusive who gets processors alone; empty for nobody ({@code cpuManagerPolicy: none})
 * @param server where others reach the node; empty if nobody does ({@code enableServer: false})
 * @param oomScore how soon the kernel ends this process for want of memory, from -1000 to 1000
 * @param configuration as JSON, for {@code /configz}
 */
public record NodePlan(
        Config api,
        Config network,
        Calls calls,
        NodeSettings node,
        AgentSettings agent,
        Path logLinks,
        RuntimeChoice runtime,
        EmbeddedNodeSettings embedded,
        boolean bundledImages,
        ObserverSettings observer,
        ResourceSettings resources,
        Optional<Allocatable> enforced,
        Optional<ExclusivePlan> exclusive,
        ImagePlan images,
        LogRotation logs,
        PodAddresses.Settings names,
        Optional<NodeServerSettings> server,
        int oomScore,
        String configuration) {

    /**
     * How many calls of the API are made, but for those that say that the node lives.
     *
     * @param perSecond not positive for any number
     * @param burst how many at once
     */
    public record Calls(int perSecond, int burst) {}

    /**
     * Who gets processors alone.
     *
     * @param reservedMilli how many thousandths of processors are not given away; used if no set is named
     * @param reserved the set that is not; empty if none is named
     * @param wholeCores whether containers get whole cores, or nothing
     */
    public record ExclusivePlan(long reservedMilli, String reserved, boolean wholeCores) {}

    /**
     * How images come and go.
     *
     * @param credentials who may use what others pulled
     */
    public record ImagePlan(
            PullSettings pulls,
            CredentialPolicy credentials,
            ImageGarbagePolicy garbage,
            ContainerGarbagePolicy containers) {}

    /** The agent's folder, {@code /var/lib/kubelet}. */
    public Path root() {
        return agent.folders().root();
    }
}
