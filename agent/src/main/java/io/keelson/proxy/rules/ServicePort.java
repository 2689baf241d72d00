package io.keelson.proxy.rules;

import io.fabric8.kubernetes.api.model.ClientIPConfig;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.SessionAffinityConfig;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A port of a Service in one family of addresses: at what it is reached, and how.
 *
 * @param clusterIp the Service's own address
 * @param port at that, the external and the balancer's addresses
 * @param nodePort at the node's addresses; 0 for none
 * @param externalIps further addresses
 * @param ingressIps those of a load balancer that are to be served here, too
 * @param sourceRanges from where a load balancer's addresses may be reached; null for from everywhere, empty for from nowhere
 * @param affinitySeconds how long a client keeps its endpoint; 0 if it does not
 * @param internalLocal whether who comes by the cluster IP reaches endpoints of this node only
 * @param externalLocal whether who comes from outside reaches endpoints of this node only
 * @param healthCheckPort where a load balancer asks whether there are such; 0 for nowhere
 */
public record ServicePort(
        ServicePortName name,
        IpAddress clusterIp,
        int port,
        int nodePort,
        List<IpAddress> externalIps,
        List<IpAddress> ingressIps,
        @Nullable List<IpPrefix> sourceRanges,
        int affinitySeconds,
        boolean internalLocal,
        boolean externalLocal,
        int healthCheckPort) {
    /** A label: of whose Services, and their slices, somebody else takes care. */
    public static final String PROXY_NAME_LABEL = "service.kubernetes.io/service-proxy-name";

    /** A label of Services without an address of their own, and of their slices. */
    public static final String HEADLESS_LABEL = "service.kubernetes.io/headless";

    private static final String LOCAL = "Local";
    private static final int AFFINITY_SECONDS = 10800;
    private static final int AFFINITY_SECONDS_MAX = 86400;
    private static final int PORT_MAX = 65535;

    public ServicePort {
        externalIps = List.copyOf(externalIps);
        ingressIps = List.copyOf(ingressIps);
        sourceRanges = sourceRanges == null ? null : List.copyOf(sourceRanges);
    }

    /** The ports of a Service in a family; none if it has no address there, or is not for this proxy. What makes no sense is left out. */
    public static List<ServicePort> of(Service service, Family family) {
        ServiceSpec spec = service.getSpec();
        if (spec == null || isForOthers(service) || "ExternalName".equals(spec.getType())) {
            return List.of();
        }
        IpAddress clusterIp = clusterIp(spec, family);
        if (clusterIp == null) {
            return List.of();
        }
        boolean isBalanced = "LoadBalancer".equals(spec.getType());
        boolean hasNodePorts = isBalanced || "NodePort".equals(spec.getType());
        List<IpAddress> externalIps = ofFamily(addresses(spec.getExternalIPs()), family);
        boolean isExternal = hasNodePorts || !OrEmpty.of(spec.getExternalIPs()).isEmpty();
        boolean externalLocal = isExternal && LOCAL.equals(spec.getExternalTrafficPolicy());
        List<IpAddress> ingress = isBalanced ? ofFamily(ingress(service), family) : List.of();
        int healthCheckPort = isBalanced && externalLocal ? Math.max(0, OrEmpty.of(spec.getHealthCheckNodePort())) : 0;
        List<ServicePort> ports = new ArrayList<>();
        for (io.fabric8.kubernetes.api.model.ServicePort port : OrEmpty.of(spec.getPorts())) {
            Transport transport = Transport.parse(port.getProtocol());
            int number = OrEmpty.of(port.getPort());
            if (transport == null || number < 1 || number > PORT_MAX) {
                continue;
            }
            int nodePort = hasNodePorts ? OrEmpty.of(port.getNodePort()) : 0;
            ports.add(new ServicePort(
                    new ServicePortName(Key.of(service), OrEmpty.of(port.getName()), transport),
                    clusterIp,
                    number,
                    nodePort < 0 || nodePort > PORT_MAX ? 0 : nodePort,
                    externalIps,
                    ingress,
                    isBalanced ? ranges(spec.getLoadBalancerSourceRanges(), family) : null,
                    affinity(spec),
                    LOCAL.equals(spec.getInternalTrafficPolicy()),
                    externalLocal,
                    healthCheckPort));
        }
        return List.copyOf(ports);
    }

    private static boolean isForOthers(Service service) {
        Set<String> labels = OrEmpty.of(service.getMetadata().getLabels()).keySet();
        return labels.contains(PROXY_NAME_LABEL) || labels.contains(HEADLESS_LABEL);
    }

    private static @Nullable IpAddress clusterIp(ServiceSpec spec, Family family) {
        List<String> all = OrEmpty.of(spec.getClusterIPs());
        List<String> written = all.isEmpty() && spec.getClusterIP() != null ? List.of(spec.getClusterIP()) : all;
        List<IpAddress> own = ofFamily(addresses(written), family);
        return own.isEmpty() ? null : own.getFirst();
    }

    private static List<IpAddress> addresses(@Nullable List<String> texts) {
        List<IpAddress> addresses = new ArrayList<>();
        for (String text : OrEmpty.of(texts)) {
            IpAddress address = IpAddress.parse(text);
            if (address != null) {
                addresses.add(address);
            }
        }
        return addresses;
    }

    private static List<IpAddress> ofFamily(List<IpAddress> addresses, Family family) {
        Set<IpAddress> own = new LinkedHashSet<>();
        for (IpAddress address : addresses) {
            if (Family.of(address) == family) {
                own.add(address);
            }
        }
        return List.copyOf(own);
    }

    /** A balancer that says that it hands packets on with another destination than its own address is not short-circuited. */
    private static List<IpAddress> ingress(Service service) {
        List<String> texts = new ArrayList<>();
        if (service.getStatus() != null && service.getStatus().getLoadBalancer() != null) {
            for (LoadBalancerIngress ingress :
                    OrEmpty.of(service.getStatus().getLoadBalancer().getIngress())) {
                if (ingress.getIp() != null && !"Proxy".equals(ingress.getIpMode())) {
                    texts.add(ingress.getIp());
                }
            }
        }
        return addresses(texts);
    }

    /** Ranges of the other family alone let nobody of this one in. */
    private static @Nullable List<IpPrefix> ranges(@Nullable List<String> texts, Family family) {
        List<IpPrefix> ranges = new ArrayList<>();
        for (String text : OrEmpty.of(texts)) {
            IpPrefix range = IpPrefix.parse(text.strip());
            if (range != null && Family.of(range.first()) == family) {
                ranges.add(range);
            }
        }
        return OrEmpty.of(texts).isEmpty() ? null : ranges;
    }

    private static int affinity(ServiceSpec spec) {
        if (!"ClientIP".equals(spec.getSessionAffinity())) {
            return 0;
        }
        SessionAffinityConfig config = spec.getSessionAffinityConfig();
        ClientIPConfig clientIp = config == null ? null : config.getClientIP();
        Integer seconds = clientIp == null ? null : clientIp.getTimeoutSeconds();
        return seconds == null ? AFFINITY_SECONDS : Math.clamp(seconds, 1, AFFINITY_SECONDS_MAX);
    }

    /** Whether anybody can reach it other than by the cluster IP. */
    public boolean isExternal() {
        return nodePort != 0 || !externalIps.isEmpty() || !ingressIps.isEmpty();
    }

    /** Whether endpoints of the whole cluster matter: those who come from pods reach them in any case. */
    public boolean usesCluster() {
        return !internalLocal || isExternal();
    }

    /** Whether it matters which endpoints are of this node. */
    public boolean usesLocal() {
        return internalLocal || (externalLocal && isExternal());
    }
}
