package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.NamespaceMode;
import java.util.List;

/**
 * What a container is to be, whoever starts it: a shim, to whom {@link ShimSpec} says it, or an OCI runtime, for whom
 * {@link OciConfig} writes it down.
 *
 * @param root the folder that is its root
 * @param mounts in their order
 * @param devices nodes, unless {@code /dev} is somebody else's, and who may be used
 * @param ownDevices whether {@code /dev} is the container's own
 * @param ownCgroups whether it sees its own cgroup as the root of all
 * @param processes whose processes it sees
 * @param target of these, for {@link NamespaceMode#TARGET}
 * @param log the file of its outputs; empty for none
 */
record ContainerPlan(
        Container container,
        String root,
        ProcessPlan process,
        List<ContainerMount> mounts,
        ContainerDevices devices,
        boolean ownDevices,
        boolean ownCgroups,
        boolean readonlyRoot,
        List<String> masked,
        List<String> readonly,
        NamespaceMode processes,
        String target,
        String log,
        boolean input,
        boolean inputOnce) {
    /**
     * A process of a container.
     *
     * @param environment {@code NAME=VALUE}, of any bytes
     * @param folder in which it begins
     * @param apparmor the profile that confines it; empty for none
     */
    record ProcessPlan(
            List<String> command,
            List<byte[]> environment,
            String folder,
            long user,
            long group,
            List<Long> groups,
            Capabilities capabilities,
            boolean noNewPrivileges,
            String apparmor,
            long oomScore,
            boolean terminal) {}
}
