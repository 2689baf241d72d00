package io.keelson.agent.pods.launch;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Sysctl;
import io.keelson.agent.cri.RuntimeLabels;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.wire.cri.DNSConfig;
import io.keelson.agent.wire.cri.IDMapping;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.agent.wire.cri.LinuxPodSandboxConfig;
import io.keelson.agent.wire.cri.LinuxSandboxSecurityContext;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.PodSandboxMetadata;
import io.keelson.agent.wire.cri.PortMapping;
import io.keelson.agent.wire.cri.Protocol;
import io.keelson.agent.wire.cri.SecurityProfile;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;

/** What the runtime is told of a pod's sandbox. */
final class SandboxConfigs {
    private SandboxConfigs() {}

    /** What the other rooms say of it. */
    record Parts(
            String hostname,
            DNSConfig dns,
            String cgroup,
            LinuxContainerResources resources,
            LinuxContainerResources overhead,
            List<Long> groups,
            List<IDMapping> users) {}

    static PodSandboxConfig of(Pod pod, int attempt, PodFolders folders, Parts parts) {
        PodSandboxConfig.Builder config = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(pod.getMetadata().getName())
                        .setNamespace(pod.getMetadata().getNamespace())
                        .setUid(pod.getMetadata().getUid())
                        .setAttempt(attempt))
                .setLogDirectory(folders.logs(pod).toString())
                .setDnsConfig(parts.dns())
                .putAllLabels(OrEmpty.of(pod.getMetadata().getLabels()))
                .putLabels(RuntimeLabels.POD_NAME, pod.getMetadata().getName())
                .putLabels(RuntimeLabels.POD_NAMESPACE, pod.getMetadata().getNamespace())
                .putLabels(RuntimeLabels.POD_UID, pod.getMetadata().getUid())
                .putAllAnnotations(OrEmpty.of(pod.getMetadata().getAnnotations()))
                .setLinux(linux(pod, parts));
        if (!PodTraits.isOnHostNetwork(pod)) {
            config.setHostname(parts.hostname());
        }
        for (PodContainer container : PodContainers.all(pod)) {
            for (ContainerPort port : OrEmpty.of(container.container().getPorts())) {
                config.addPortMappings(mapping(port));
            }
        }
        return config.build();
    }

    private static PortMapping mapping(ContainerPort port) {
        Protocol protocol = switch (OrEmpty.of(port.getProtocol())) {
            case "UDP" -> Protocol.UDP;
            case "SCTP" -> Protocol.SCTP;
            default -> Protocol.TCP;
        };
        return PortMapping.newBuilder()
                .setProtocol(protocol)
                .setContainerPort(OrEmpty.of(port.getContainerPort()))
                .setHostPort(OrEmpty.of(port.getHostPort()))
                .setHostIp(OrEmpty.of(port.getHostIP()))
                .build();
    }

    private static LinuxPodSandboxConfig linux(Pod pod, Parts parts) {
        PodSecurityContext ofPod = pod.getSpec().getSecurityContext();
        LinuxSandboxSecurityContext.Builder security = LinuxSandboxSecurityContext.newBuilder()
                .setPrivileged(hasPrivileged(pod))
                .setNamespaceOptions(SecurityContexts.namespaces(pod, parts.users()))
                // The sandbox itself runs nothing that a user chose.
                .setSeccomp(SecurityProfile.newBuilder().setProfileType(SecurityProfile.ProfileType.RuntimeDefault))
                .addAllSupplementalGroups(SecurityContexts.groups(ofPod, parts.groups()))
                .setSupplementalGroupsPolicy(SecurityContexts.policy(ofPod));
        LinuxPodSandboxConfig.Builder linux = LinuxPodSandboxConfig.newBuilder()
                .setCgroupParent(parts.cgroup())
                .setResources(parts.resources())
                .setOverhead(parts.overhead());
        if (ofPod != null) {
            if (ofPod.getRunAsUser() != null) {
                security.setRunAsUser(SecurityContexts.number(ofPod.getRunAsUser()));
                if (ofPod.getRunAsGroup() != null) {
                    security.setRunAsGroup(SecurityContexts.number(ofPod.getRunAsGroup()));
                }
            }
            SecurityContexts.selinux(null, ofPod).ifPresent(security::setSelinuxOptions);
            for (Sysctl sysctl : OrEmpty.of(ofPod.getSysctls())) {
                linux.putSysctls(SysctlNames.dotted(sysctl.getName()), OrEmpty.of(sysctl.getValue()));
            }
        }
        return linux.setSecurityContext(security).build();
    }

    private static boolean hasPrivileged(Pod pod) {
        return PodContainers.all(pod).stream()
                .anyMatch(container -> container.container().getSecurityContext() != null
                        && OrEmpty.of(container.container().getSecurityContext().getPrivileged()));
    }
}
