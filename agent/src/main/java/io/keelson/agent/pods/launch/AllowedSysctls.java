package io.keelson.agent.pods.launch;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Sysctl;
import io.keelson.agent.pods.PodAdmission;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.launch.SysctlNames.Namespace;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Lets pods set only those of the kernel's settings that do no harm to others, and those that an administrator allows
 * besides; and of these none that is not the pod's own, as it is in a namespace of the node.
 */
public final class AllowedSysctls implements PodAdmission {
    private static final int NAME_MAX = 253;
    private static final String SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    private static final String PATTERN = "(" + SEGMENT + "[\\./])*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]";
    private static final Pattern NAME_OR_PREFIX = Pattern.compile(PATTERN);

    /** Those of Kubernetes 1.36. */
    private static final List<String> SAFE = List.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
            "net.ipv4.tcp_rmem",
            "net.ipv4.tcp_wmem");

    private final Map<String, Namespace> names = new LinkedHashMap<>();
    private final Map<String, Namespace> prefixes = new LinkedHashMap<>();

    /**
     * The safe ones, and some more.
     *
     * @param unsafe their names; one that ends with {@code *} stands for all that begin so
     * @throws IllegalArgumentException if one is no name, or pods cannot have it for themselves
     */
    public AllowedSysctls(List<String> unsafe) {
        List<String> all = new ArrayList<>(SAFE);
        all.addAll(unsafe);
        for (String said : all) {
            if (said.length() > NAME_MAX || !NAME_OR_PREFIX.matcher(said).matches()) {
                throw new IllegalArgumentException("sysctl \"" + said + "\" must have at most " + NAME_MAX
                        + " characters and match regex " + PATTERN);
            }
            String name = SysctlNames.dotted(said);
            boolean isPrefix = name.endsWith("*");
            String start = isPrefix ? name.substring(0, name.length() - 1) : name;
            Namespace namespace = SysctlNames.namespace(start)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the sysctl" + (isPrefix ? "s" : "") + " \"" + said + "\" are not known to be namespaced"));
            (isPrefix ? prefixes : names).put(start, namespace);
        }
    }

    @Override
    public Optional<Refusal> refusal(Pod pod, Collection<Pod> others) {
        if (pod.getSpec().getSecurityContext() == null) {
            return Optional.empty();
        }
        for (Sysctl sysctl : OrEmpty.of(pod.getSpec().getSecurityContext().getSysctls())) {
            Optional<String> problem = problem(SysctlNames.dotted(OrEmpty.of(sysctl.getName())), pod);
            if (problem.isPresent()) {
                return Optional.of(new Refusal("SysctlForbidden", "forbidden sysctl: " + problem.get()));
            }
        }
        return Optional.empty();
    }

    private Optional<String> problem(String name, Pod pod) {
        Optional<Namespace> allowed = Optional.ofNullable(names.get(name))
                .or(() -> prefixes.entrySet().stream()
                        .filter(prefix -> name.startsWith(prefix.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst());
        if (allowed.isEmpty()) {
            return Optional.of('"' + name + "\" not allowlisted");
        }
        boolean isOfNode = switch (allowed.get()) {
            case IPC -> OrEmpty.of(pod.getSpec().getHostIPC());
            case NETWORK -> PodTraits.isOnHostNetwork(pod);
        };
        return isOfNode
                ? Optional.of(
                        '"' + name + "\" not allowed with host " + allowed.get().text() + " enabled")
                : Optional.empty();
    }
}
