package io.keelson.agent.command;

import io.keelson.agent.AgentSettings;
import io.keelson.agent.certificates.ClientCertificateSettings;
import io.keelson.agent.certificates.ServingCertificateSettings;
import io.keelson.agent.cri.ObserverSettings;
import io.keelson.agent.cri.RuntimeChoice;
import io.keelson.agent.embedded.assembly.EmbeddedNodeSettings;
import io.keelson.agent.environment.PodAddresses;
import io.keelson.agent.eviction.EvictionSettings;
import io.keelson.agent.image.ContainerGarbagePolicy;
import io.keelson.agent.image.CredentialPolicy;
import io.keelson.agent.image.CredentialProviderFiles;
import io.keelson.agent.image.ImageGarbagePolicy;
import io.keelson.agent.image.PullSettings;
import io.keelson.agent.join.JoinSettings;
import io.keelson.agent.logs.LogRotation;
import io.keelson.agent.node.NodeSettings;
import io.keelson.agent.pods.launch.AllowedSysctls;
import io.keelson.agent.resources.NodeCgroups.Allocatable;
import io.keelson.agent.resources.ResourceSettings;
import io.keelson.agent.resources.placement.ReservedMemory;
import io.keelson.agent.resources.topology.TopologyPolicy;
import io.keelson.agent.resources.topology.TopologyScope;
import io.keelson.agent.shutdown.ShutdownPlan;
import io.keelson.controllers.manager.ReviewSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a node is to be, all said and checked.
 *
 * @param join how to come to know the cluster, if this machine does not yet; empty if it need not
 * @param api how the node is known to the API
 * @param calls how many calls of the API are made
 * @param sysctls which of the kernel's settings pods may set
 * @param shutdown how pods are ended when the machine is shut down
 * @param logLinks where logs are linked by readable names, {@code /var/log/containers}
 * @param runtime behind which socket containers run
 * @param embedded where the embedded runtime keeps what it has; used if no socket was chosen
 * @param bundledImages whether the embedded runtime is to have the images that are built on the spot
 * @param localVolumes where volumes on this node's disk are made
 * @param enforced what all pods together may use; empty if they are not limited
 * @param exclusive who gets processors alone; empty for nobody ({@code cpuManagerPolicy: none})
 * @param numa what is placed by NUMA nodes; empty if nothing is
 * @param eviction when pods are ended because the node runs out of something
 * @param volumesEvery how old figures about volumes may become; negative if there are none
 * @param shown what the node's server shows
 * @param server where others reach the node; empty if nobody does ({@code enableServer: false})
 * @param healthz where its health is asked for without TLS; empty for nowhere
 * @param oomScore how soon the kernel ends this process for want of memory, from -1000 to 1000
 * @param configuration as JSON, for {@code /configz}
 */
public record NodePlan(
        Optional<JoinSettings> join,
        ClientCertificateSettings api,
        Calls calls,
        NodeSettings node,
        AgentSettings agent,
        AllowedSysctls sysctls,
        ShutdownPlan shutdown,
        Path logLinks,
        RuntimeChoice runtime,
        EmbeddedNodeSettings embedded,
        boolean bundledImages,
        Path localVolumes,
        ObserverSettings observer,
        ResourceSettings resources,
        Optional<Allocatable> enforced,
        Optional<ExclusivePlan> exclusive,
        Optional<NumaPlan> numa,
        ImagePlan images,
        LogRotation logs,
        EvictionSettings eviction,
        Duration volumesEvery,
        PodAddresses.Settings names,
        ServingCertificateSettings shown,
        Optional<ServerPlan> server,
        Optional<InetSocketAddress> healthz,
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
     * What is placed by NUMA nodes.
     *
     * @param memory who has memory in certain nodes; empty for nobody ({@code memoryManagerPolicy: None})
     * @param policy how much it matters that what a container gets lies close together
     * @param nearest whether of sets of as many nodes that one is better whose nodes are closer to each other
     * @param nodesMax how many nodes the machine may have at most where the policy looks at them
     */
    public record NumaPlan(
            Optional<MemoryPlan> memory, TopologyPolicy policy, TopologyScope scope, boolean nearest, int nodesMax) {}

    /**
     * Who has memory in certain NUMA nodes.
     *
     * @param reserved what of each node is for the system
     * @param reservedBytes what is for the system in all, which has to be the same
     */
    public record MemoryPlan(ReservedMemory reserved, long reservedBytes) {}

    /**
     * How the node's server is reached.
     *
     * @param protocols the versions of TLS that are spoken
     * @param cipherSuites those that are spoken; empty for those that Java speaks
     * @param reviews by what it is found out who may
     * @param anonymous whether who shows nothing is heard
     * @param streamIdleMax how long streams may be silent
     */
    public record ServerPlan(
            InetSocketAddress address,
            List<String> protocols,
            List<String> cipherSuites,
            ReviewSettings reviews,
            boolean anonymous,
            Duration streamIdleMax) {
        /** Keeps copies. */
        public ServerPlan {
            protocols = List.copyOf(protocols);
            cipherSuites = List.copyOf(cipherSuites);
        }
    }

    /**
     * How images come and go.
     *
     * @param providers programs that say who may pull; empty if there are none
     * @param credentials who may use what others pulled
     */
    public record ImagePlan(
            PullSettings pulls,
            Optional<CredentialProviderFiles> providers,
            CredentialPolicy credentials,
            ImageGarbagePolicy garbage,
            ContainerGarbagePolicy containers) {}

    /** The agent's folder, {@code /var/lib/kubelet}. */
    public Path root() {
        return agent.folders().root();
    }
}
