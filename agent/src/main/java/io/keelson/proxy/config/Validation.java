package io.keelson.proxy.config;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Says what of a configuration makes no sense, in the words of the original. */
final class Validation {
    private static final Set<String> MODES = Set.of("", "iptables", "ipvs", "nftables", "userspace");
    private static final Set<String> LOCAL_MODES =
            Set.of("ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix");
    private static final int RANGES_MAX = 2;

    private final List<String> problems = new ArrayList<>();

    private Validation() {}

    /** @throws IllegalArgumentException with all that makes no sense */
    static void check(ProxyConfiguration configuration) {
        Validation validation = new Validation();
        validation.look(configuration);
        if (!validation.problems.isEmpty()) {
            throw new IllegalArgumentException(String.join(", ", validation.problems));
        }
    }

    private void invalid(String field, Object value, String why) {
        problems.add("KubeProxyConfiguration." + field + ": Invalid value: \"" + value + "\": " + why);
    }

    private void look(ProxyConfiguration configuration) {
        if (!MODES.contains(configuration.mode())) {
            invalid("Mode", configuration.mode(), "must be iptables, ipvs, nftables or userspace");
        }
        if (!LOCAL_MODES.contains(configuration.detectLocalMode())) {
            invalid(
                    "DetectLocalMode",
                    configuration.detectLocalMode(),
                    "must be one of ClusterCIDR, NodeCIDR, BridgeInterface, InterfaceNamePrefix");
        }
        if (configuration.detectLocalMode().equals("BridgeInterface")) {
            named("DetectLocal.BridgeInterface", configuration.detectLocal().bridgeInterface());
        }
        if (configuration.detectLocalMode().equals("InterfaceNamePrefix")) {
            named("DetectLocal.InterfaceNamePrefix", configuration.detectLocal().interfaceNamePrefix());
        }
        if (IpAddress.parse(configuration.bindAddress()) == null) {
            invalid("BindAddress", configuration.bindAddress(), "not a valid textual representation of an IP address");
        }
        address("HealthzBindAddress", configuration.healthzBindAddress());
        address("MetricsBindAddress", configuration.metricsBindAddress());
        ranges("ClusterCIDR", ProxySettings.words(configuration.clusterCIDR()));
        nodePortAddresses(configuration.nodePortAddresses());
        within("IPTables.MasqueradeBit", configuration.iptables().masqueradeBit(), 0, 31);
        within("NFTables.MasqueradeBit", configuration.nftables().masqueradeBit(), 0, 31);
        within("OOMScoreAdj", configuration.oomScoreAdj(), -1000, 1000);
        within("Conntrack.MaxPerCore", configuration.conntrack().maxPerCore(), 0, Integer.MAX_VALUE);
        within("Conntrack.Min", configuration.conntrack().min(), 0, Integer.MAX_VALUE);
        positive("ConfigSyncPeriod", configuration.configSyncPeriod());
        positive("IPTables.SyncPeriod", configuration.iptables().syncPeriod());
        positive("NFTables.SyncPeriod", configuration.nftables().syncPeriod());
        notNegative("Conntrack.TCPEstablishedTimeout", configuration.conntrack().tcpEstablishedTimeout());
        notNegative("Conntrack.TCPCloseWaitTimeout", configuration.conntrack().tcpCloseWaitTimeout());
        notNegative("Conntrack.UDPTimeout", configuration.conntrack().udpTimeout());
        notNegative("Conntrack.UDPStreamTimeout", configuration.conntrack().udpStreamTimeout());
    }

    private void named(String field, String name) {
        if (name.isEmpty() || name.length() > 15) {
            invalid(field, name, "must be the name of an interface, of at most 15 characters");
        }
    }

    private void address(String field, String text) {
        if (!text.isEmpty() && ProxySettings.address(text) == null) {
            invalid(field, text, "must be IP:port");
        }
    }

    private void ranges(String field, List<String> texts) {
        boolean isMixed = texts.size() == RANGES_MAX;
        for (String text : texts) {
            if (IpPrefix.parse(text) == null) {
                invalid(field, text, "must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)");
                return;
            }
        }
        if (texts.size() > RANGES_MAX
                || (isMixed
                        && texts.getFirst().indexOf(':') >= 0 == texts.getLast().indexOf(':') >= 0)) {
            invalid(field, String.join(",", texts), "only one CIDR allowed or a valid DualStack CIDR");
        }
    }

    private void nodePortAddresses(@Nullable List<String> texts) {
        if (texts == null) {
            return;
        }
        for (String text : texts) {
            boolean isPrimary = text.equals(NodePortAddresses.PRIMARY);
            if (isPrimary && texts.size() > 1) {
                invalid("NodePortAddresses", text, "cannot use 'primary' with other values");
            } else if (!isPrimary && IpPrefix.parse(text) == null) {
                invalid("NodePortAddresses", text, "must be a valid CIDR block");
            }
        }
    }

    private void within(String field, int value, int least, int most) {
        if (value < least || value > most) {
            invalid(field, value, "must be within the range [" + least + ", " + most + "]");
        }
    }

    private void positive(String field, Duration value) {
        if (value.isZero() || value.isNegative()) {
            invalid(field, value, "must be greater than 0");
        }
    }

    private void notNegative(String field, Duration value) {
        if (value.isNegative()) {
            invalid(field, value, "must be greater than or equal to 0");
        }
    }
}
