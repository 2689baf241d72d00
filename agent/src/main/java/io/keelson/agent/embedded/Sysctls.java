package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.NamespaceOption;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Settings of the kernel for a pod: only those that a namespace of the pod has for itself, lest the node's are changed.
 */
final class Sysctls {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+([./][A-Za-z0-9_*@.-]+)+");

    private static final Set<String> OF_IPC = Set.of(
            "kernel.msgmax",
            "kernel.msgmnb",
            "kernel.msgmni",
            "kernel.sem",
            "kernel.shmall",
            "kernel.shmmax",
            "kernel.shmmni",
            "kernel.shm_rmid_forced");

    private Sysctls() {}

    /**
     * The file below {@code /proc/sys} of a setting.
     *
     * @throws io.grpc.StatusRuntimeException if the pod has it not for itself
     */
    static String file(String name, NamespaceOption namespaces) {
        if (!NAME.matcher(name).matches() || name.contains("..")) {
            throw RuntimeProblem.invalid("\"" + name + "\" is no name of a sysctl");
        }
        // With slashes, a dot is part of a name, as of a VLAN's.
        String file = name.contains("/") ? name : name.replace('.', '/');
        String dotted = file.replace('/', '.');
        boolean ipc = OF_IPC.contains(dotted) || dotted.startsWith("fs.mqueue.");
        boolean own = ipc
                ? namespaces.getIpc() != NamespaceMode.NODE
                : dotted.startsWith("net.") && namespaces.getNetwork() != NamespaceMode.NODE;
        if (!own) {
            throw RuntimeProblem.invalid("sysctl \"" + name + "\" is not in a separate kernel namespace");
        }
        return file;
    }
}
