package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.keelson.agent.pods.PodNames;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.wire.cri.DNSConfig;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Names of pods, and whom they ask for others', by what the node and the pod say. Any thread. */
public final class PodAddresses implements PodNames {
    private static final Logger LOG = LoggerFactory.getLogger(PodAddresses.class);
    private static final List<String> CLUSTER_OPTIONS = List.of("ndots:5");
    private static final int HOSTS_BYTES_MAX = 10 << 20;
    private static final Duration RESOLVER_LOOK = Duration.ofSeconds(30);
    /** Search paths that the cluster puts before the node's. */
    private static final int CLUSTER_SEARCHES = 3;

    private final Settings settings;
    private final Supplier<Node> node;
    private final Events events;

    /**
     * What the node is configured with.
     *
     * @param clusterDns addresses of the cluster's name servers; may be empty
     * @param clusterDomain {@code cluster.local} for one; empty if services have no names
     * @param resolverConfig the node's own, {@code /etc/resolv.conf} for one; its text empty if pods are to have none
     *     of it
     * @param hosts {@code /etc/hosts}
     */
    public record Settings(List<String> clusterDns, String clusterDomain, Path resolverConfig, Path hosts) {
        /** Lists are copied. */
        public Settings {
            clusterDns = List.copyOf(clusterDns);
        }
    }

    /** @param events as the kubelet tells them */
    public PodAddresses(Settings settings, Supplier<Node> node, Events events) {
        this.settings = settings;
        this.node = node;
        this.events = events;
    }

    /**
     * {@inheritDoc}
     *
     * @return empty for a pod on the node's network, which is called what the node is called
     */
    @Override
    public String hostname(Pod pod) throws PodProblem {
        if (OrEmpty.of(pod.getSpec().getHostNetwork())) {
            return "";
        }
        try {
            return HostNames.of(pod, settings.clusterDomain)
                    .kernel(OrEmpty.of(pod.getSpec().getSetHostnameAsFQDN()));
        } catch (ReferenceException e) {
            throw sandbox(e.message(), e);
        }
    }

    private static PodProblem sandbox(String message, Exception cause) {
        return new PodProblem("ContainerCreating", "FailedCreatePodSandBox", message, cause);
    }

    @Override
    public DNSConfig dns(Pod pod) throws PodProblem {
        ResolverConfig config;
        try {
            config = base(pod);
        } catch (IOException e) {
            throw sandbox("the node's resolver configuration " + settings.resolverConfig + ": " + e, e);
        }
        PodDNSConfig own = pod.getSpec().getDnsConfig();
        if (own != null) {
            List<String> options = new ArrayList<>();
            OrEmpty.of(own.getOptions())
                    .forEach(option -> options.add(
                            OrEmpty.of(option.getValue()).isEmpty()
                                    ? option.getName()
                                    : option.getName() + ':' + option.getValue()));
            config = config.with(OrEmpty.of(own.getNameservers()), OrEmpty.of(own.getSearches()), options);
        }
        ResolverLimits.Within within = ResolverLimits.of(config);
        within.warnings().forEach(warning -> events.warning(pod, "DNSConfigForming", warning));
        return DNSConfig.newBuilder()
                .addAllServers(within.config().servers())
                .addAllSearches(within.config().searches())
                .addAllOptions(within.config().options())
                .build();
    }

    private ResolverConfig base(Pod pod) throws IOException {
        PodSpec spec = pod.getSpec();
        String policy = OrEmpty.of(spec.getDnsPolicy());
        boolean ofCluster = switch (policy) {
            case "None" -> false;
            case "Default" -> false;
            case "ClusterFirst" -> !OrEmpty.of(spec.getHostNetwork());
            case "ClusterFirstWithHostNet" -> true;
            default -> {
                LOG.warn(
                        "invalid DNSPolicy={} of pod {}: taken for ClusterFirst",
                        policy,
                        pod.getMetadata().getName());
                yield true;
            }
        };
        if ("None".equals(policy)) {
            return ResolverConfig.NONE;
        }
        ResolverConfig ofNode =
                hasResolverConfig() ? ResolverConfig.read(settings.resolverConfig) : ResolverConfig.NONE;
        if (ofCluster && !settings.clusterDns.isEmpty()) {
            return new ResolverConfig(settings.clusterDns, searches(pod, ofNode), CLUSTER_OPTIONS);
        }
        if (ofCluster) {
            tellMissingCluster(pod);
        }
        return hasResolverConfig() ? ofNode : new ResolverConfig(loopbacks(), List.of("."), List.of());
    }

    private boolean hasResolverConfig() {
        return !settings.resolverConfig.toString().isEmpty();
    }

    private List<String> searches(Pod pod, ResolverConfig ofNode) {
        String domain = settings.clusterDomain;
        if (domain.isEmpty()) {
            return ofNode.searches();
        }
        List<String> own = List.of(pod.getMetadata().getNamespace() + ".svc." + domain, "svc." + domain, domain);
        return ResolverConfig.distinct(ResolverConfig.joined(own, ofNode.searches()));
    }

    private List<String> loopbacks() {
        List<String> addresses = NodeAddresses.of(node.get());
        return addresses.isEmpty()
                ? List.of("127.0.0.1")
                : addresses.stream()
                        .map(address -> address.indexOf(':') >= 0 ? "::1" : "127.0.0.1")
                        .toList();
    }

    private void tellMissingCluster(Pod pod) {
        String message =
                "kubelet does not have ClusterDNS IP configured and cannot create Pod using \"ClusterFirst\" policy."
                        + " Falling back to \"Default\" policy.";
        events.warning(node.get(), "MissingClusterDNS", message);
        events.warning(
                pod,
                "MissingClusterDNS",
                "pod: \"%s_%s(%s)\". %s"
                        .formatted(
                                pod.getMetadata().getName(),
                                pod.getMetadata().getNamespace(),
                                pod.getMetadata().getUid(),
                                message));
    }

    @Override
    public String hostsFile(Pod pod, List<String> podIps) throws PodProblem {
        try {
            if (OrEmpty.of(pod.getSpec().getHostNetwork())) {
                if (Files.size(settings.hosts) > HOSTS_BYTES_MAX) {
                    throw new IOException("it is larger than " + HOSTS_BYTES_MAX + " bytes");
                }
                return HostsText.ofNode(
                        VariableBytes.text(Files.readAllBytes(settings.hosts)),
                        OrEmpty.of(pod.getSpec().getHostAliases()));
            }
            return HostsText.own(
                    HostNames.of(pod, settings.clusterDomain),
                    podIps,
                    OrEmpty.of(pod.getSpec().getHostAliases()));
        } catch (IOException e) {
            throw new PodProblem(
                    "CreateContainerConfigError",
                    "Failed",
                    "the node's " + settings.hosts + " cannot be read: " + e,
                    e);
        } catch (ReferenceException e) {
            throw new PodProblem("CreateContainerConfigError", "Failed", e.message(), e);
        }
    }

    /**
     * Tells an event of the node, {@code CheckLimitsForResolvConf}, if its own configuration is more than pods can
     * have. The original does so twice a minute.
     */
    public void checkResolverConfig() {
        if (!hasResolverConfig()) {
            return;
        }
        String complaint;
        try {
            complaint = ResolverLimits.complaint(
                    ResolverConfig.read(settings.resolverConfig),
                    settings.resolverConfig.toString(),
                    settings.clusterDomain.isEmpty() ? 0 : CLUSTER_SEARCHES);
        } catch (IOException e) {
            complaint = e.toString();
        }
        if (!complaint.isEmpty()) {
            events.warning(node.get(), "CheckLimitsForResolvConf", complaint);
        }
    }

    /** Looks at the node's own configuration now and twice a minute, until what is returned is closed. */
    public Repeating watchResolverConfig(Time time) {
        Repeating watch = new Repeating("resolver-config", time, () -> RESOLVER_LOOK, this::checkResolverConfig);
        watch.start();
        return watch;
    }
}
