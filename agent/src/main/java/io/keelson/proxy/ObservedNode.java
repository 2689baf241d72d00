package io.keelson.proxy;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Key;
import io.keelson.proxy.config.ProxySettings;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.NodeView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This node, and what is known of the cluster's addresses. Belongs to one thread, but for the addresses. */
final class ObservedNode {
    private static final Logger LOG = LoggerFactory.getLogger(ObservedNode.class);
    private static final String ZONE_LABEL = "topology.kubernetes.io/zone";
    private static final String GOING_TAINT = "ToBeDeletedByClusterAutoscaler";
    private static final List<String> ADDRESS_TYPES = List.of("InternalIP", "ExternalIP");

    private final ProxySettings settings;
    private final Machine machine;
    private final Map<String, List<IpPrefix>> ranges = new TreeMap<>();
    private NodeView view;
    private List<IpPrefix> podRanges = List.of();
    private volatile Set<IpAddress> addresses = Set.of();
    private boolean isEligible = true;

    ObservedNode(ProxySettings settings, Machine machine) {
        this.settings = settings;
        this.machine = machine;
        IpAddress own = settings.ownAddress();
        view = new NodeView(settings.nodeName(), "", own == null ? List.of() : List.of(own));
        addresses = Set.copyOf(view.addresses());
    }

    /**
     * The node as it is.
     *
     * @param node null if it is gone; then all but whether it is to be used is as it was
     * @return whether rules may differ
     */
    boolean put(@Nullable Node node) {
        if (node == null) {
            isEligible = false;
            return false;
        }
        isEligible = node.getMetadata().getDeletionTimestamp() == null
                && (node.getSpec() == null
                        || OrEmpty.of(node.getSpec().getTaints()).stream()
                                .map(Taint::getKey)
                                .noneMatch(GOING_TAINT::equals));
        String zone = OrEmpty.of(OrEmpty.of(node.getMetadata().getLabels()).get(ZONE_LABEL));
        NodeView now = new NodeView(settings.nodeName(), zone, primary(node));
        List<IpPrefix> pods = podRanges(node);
        boolean isOther = !now.equals(view) || !pods.equals(podRanges);
        view = now;
        podRanges = pods;
        if (isOther) {
            boolean _ = lookAtAddresses();
        }
        return isOther;
    }

    private List<IpAddress> primary(Node node) {
        List<IpAddress> primary = new ArrayList<>();
        for (Family family : Family.values()) {
            IpAddress own = settings.ownAddress();
            if (own != null && Family.of(own) == family) {
                primary.add(own);
            } else {
                first(node, family).ifPresent(primary::add);
            }
        }
        return primary;
    }

    private static Optional<IpAddress> first(Node node, Family family) {
        if (node.getStatus() == null) {
            return Optional.empty();
        }
        for (String type : ADDRESS_TYPES) {
            for (NodeAddress address : OrEmpty.of(node.getStatus().getAddresses())) {
                IpAddress parsed = type.equals(address.getType()) ? IpAddress.parse(address.getAddress()) : null;
                if (parsed != null && Family.of(parsed) == family) {
                    return Optional.of(parsed);
                }
            }
        }
        return Optional.empty();
    }

    private static List<IpPrefix> podRanges(Node node) {
        if (node.getSpec() == null) {
            return List.of();
        }
        List<String> all = OrEmpty.of(node.getSpec().getPodCIDRs());
        String one = node.getSpec().getPodCIDR();
        return prefixes(all.isEmpty() && one != null ? List.of(one) : all);
    }

    private static List<IpPrefix> prefixes(List<String> texts) {
        List<IpPrefix> prefixes = new ArrayList<>();
        for (String text : texts) {
            IpPrefix prefix = IpPrefix.parse(text);
            if (prefix != null) {
                prefixes.add(prefix);
            }
        }
        return prefixes;
    }

    /**
     * From where cluster IPs are taken.
     *
     * @return whether that is another than before
     */
    boolean putRanges(Map<Key, Optional<ServiceCIDR>> changes) {
        List<IpPrefix> before = serviceRanges();
        changes.forEach((key, range) -> {
            if (range.isPresent() && range.get().getSpec() != null) {
                ranges.put(key.name(), prefixes(OrEmpty.of(range.get().getSpec().getCidrs())));
            } else {
                ranges.remove(key.name());
            }
        });
        return !serviceRanges().equals(before);
    }

    /**
     * Looks which addresses the machine has.
     *
     * @return whether node ports are to be served at others than before
     */
    boolean lookAtAddresses() {
        try {
            Set<IpAddress> now = Set.copyOf(settings.nodePortAddresses().among(view.addresses(), machine.addresses()));
            boolean isOther = !now.equals(addresses);
            addresses = now;
            return isOther;
        } catch (IOException e) {
            LOG.warn("the addresses of this machine cannot be read: {}", e.getMessage());
            return false;
        }
    }

    /** How the node looks at endpoints. */
    NodeView view() {
        return view;
    }

    /** Of its pods. */
    List<IpPrefix> podRanges() {
        return podRanges;
    }

    /** From which cluster IPs are taken. */
    List<IpPrefix> serviceRanges() {
        return ranges.values().stream().flatMap(List::stream).distinct().toList();
    }

    /** At which addresses its ports are served. Any thread. */
    Set<IpAddress> nodePortAddresses() {
        return addresses;
    }

    /** Whether balancers should use it. */
    boolean isEligible() {
        return isEligible;
    }
}
