package io.keelson.agent.network;

import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.PortMapping;
import io.keelson.controllers.objects.IpAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox as its network is concerned.
 *
 * @param id the sandbox's own; letters, digits and {@code _.-} only
 * @param netns its network namespace, as a file; null when it is gone
 * @param podNamespace the namespace of its pod
 * @param podName the name of its pod
 * @param podUid the uid of its pod
 * @param annotations those of the pod; bandwidths are read from them
 * @param ports which ports of the node lead to ports of the pod
 * @param cgroupParent where its cgroups are; empty if that is not known
 * @param dns what it asks for names
 */
public record SandboxAttachment(
        String id,
        @Nullable Path netns,
        String podNamespace,
        String podName,
        String podUid,
        Map<String, String> annotations,
        List<PortMap> ports,
        String cgroupParent,
        Dns dns) {
    /** The interface that a pod finds. */
    public static final String INTERFACE = "eth0";

    private static final int ID_LETTERS_MAX = 250;

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException if the id is none: files are named after it
     */
    public SandboxAttachment {
        if (!id.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0," + (ID_LETTERS_MAX - 1) + "}")) {
            throw new IllegalArgumentException("\"" + id + "\" is no id of a sandbox");
        }
        annotations = Map.copyOf(annotations);
        ports = List.copyOf(ports);
    }

    /**
     * A port of the node that leads to one of the pod.
     *
     * @param protocol {@code tcp}, {@code udp} or {@code sctp}
     * @param hostIp the address of the node; empty for all of them
     */
    public record PortMap(String protocol, String hostIp, int hostPort, int containerPort) {
        /**
         * Checks it.
         *
         * @throws IllegalArgumentException if it is none
         */
        public PortMap {
            if (!List.of("tcp", "udp", "sctp").contains(protocol)) {
                throw new IllegalArgumentException("\"" + protocol + "\" has no ports: tcp, udp and sctp have");
            }
            if (!hostIp.isEmpty() && IpAddress.parse(hostIp) == null) {
                throw new IllegalArgumentException("\"" + hostIp + "\" is no address of a node");
            }
            if (hostPort < 1 || hostPort > 65_535 || containerPort < 1 || containerPort > 65_535) {
                throw new IllegalArgumentException("ports are 1 to 65535, not " + hostPort + " and " + containerPort);
            }
        }
    }

    /** Whom a pod asks for names. */
    public record Dns(List<String> servers, List<String> searches, List<String> options) {
        /** Nobody. */
        public static final Dns NONE = new Dns(List.of(), List.of(), List.of());

        public Dns {
            servers = List.copyOf(servers);
            searches = List.copyOf(searches);
            options = List.copyOf(options);
        }
    }

    /** One of which nothing more is known, as when it is taken away after a crash. */
    public static SandboxAttachment of(String id, @Nullable Path netns) {
        return new SandboxAttachment(id, netns, "", "", "", Map.of(), List.of(), "", Dns.NONE);
    }

    /**
     * One as a runtime is told of it. Ports of the container that have none of the node are left out.
     *
     * @throws IllegalArgumentException if a port is none
     */
    public static SandboxAttachment of(String id, PodSandboxConfig config, @Nullable Path netns) {
        List<PortMap> ports = new ArrayList<>();
        for (PortMapping port : config.getPortMappingsList()) {
            if (port.getHostPort() != 0) {
                ports.add(new PortMap(
                        port.getProtocol().name().toLowerCase(Locale.ROOT),
                        port.getHostIp(),
                        port.getHostPort(),
                        port.getContainerPort()));
            }
        }
        return new SandboxAttachment(
                id,
                netns,
                config.getMetadata().getNamespace(),
                config.getMetadata().getName(),
                config.getMetadata().getUid(),
                config.getAnnotationsMap(),
                ports,
                config.getLinux().getCgroupParent(),
                new Dns(
                        config.getDnsConfig().getServersList(),
                        config.getDnsConfig().getSearchesList(),
                        config.getDnsConfig().getOptionsList()));
    }

    /** The same with a network namespace. */
    SandboxAttachment netns(Path other) {
        return new SandboxAttachment(id, other, podNamespace, podName, podUid, annotations, ports, cgroupParent, dns);
    }

    /** The same without annotations, which are not needed, and may be wrong, when it is taken away. */
    SandboxAttachment withoutAnnotations() {
        return new SandboxAttachment(id, netns, podNamespace, podName, podUid, Map.of(), ports, cgroupParent, dns);
    }

    /** The same with ports. */
    public SandboxAttachment ports(List<PortMap> others) {
        return new SandboxAttachment(id, netns, podNamespace, podName, podUid, annotations, others, cgroupParent, dns);
    }
}
