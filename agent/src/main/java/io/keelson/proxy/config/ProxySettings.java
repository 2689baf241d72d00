package io.keelson.proxy.config;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.proxy.conntrack.ConntrackLimits;
import io.keelson.proxy.nft.TableSettings;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.LocalTraffic;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration means for the proxy of a node.
 *
 * @param nodeName which node this is
 * @param ownAddress by which the node is known, whatever the API says; null if the API says it
 */
public record ProxySettings(
        ProxyConfiguration configuration,
        String nodeName,
        @Nullable IpAddress ownAddress) {
    private static final int PORT_MAX = 65535;

    /** What is said, for a node of a name unless something else is said of that. */
    public static ProxySettings of(ProxyConfiguration configuration, String hostname) {
        String named = configuration.hostnameOverride();
        IpAddress bind = IpAddress.parse(configuration.bindAddress());
        boolean isUnspecified = bind == null
                || bind.toString().equals("0.0.0.0")
                || bind.toString().equals("::");
        return new ProxySettings(configuration, named.isEmpty() ? hostname : named, isUnspecified ? null : bind);
    }

    /** The same for a node of another name. */
    public ProxySettings withNodeName(String name) {
        return new ProxySettings(configuration, name, ownAddress);
    }

    static List<String> words(String text) {
        return text.isBlank()
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }

    /** Where to listen, of {@code IP:port}; null if it is none. */
    static @Nullable InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return null;
        }
        String host = text.substring(0, colon);
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        IpAddress address = IpAddress.parse(isBracketed ? host.substring(1, host.length() - 1) : host);
        String port = text.substring(colon + 1);
        if (address == null || address.isV6() != isBracketed || !port.matches("[0-9]{1,5}")) {
            return null;
        }
        int number = Integer.parseInt(port);
        return number > PORT_MAX ? null : new InetSocketAddress(InetAddress.ofLiteral(address.toString()), number);
    }

    /** Where its health is asked for. */
    public @Nullable InetSocketAddress healthzAddress() {
        return address(configuration.healthzBindAddress());
    }

    /** Where its figures are. */
    public @Nullable InetSocketAddress metricsAddress() {
        return address(configuration.metricsBindAddress());
    }

    private boolean isNftMode() {
        return configuration.mode().equals("nftables");
    }

    /** Whether packets are to be forwarded by this process rather than by the kernel. */
    public boolean isUserspace() {
        return configuration.mode().equals("userspace");
    }

    /** How often is looked whether all is as it was left. */
    public Duration syncPeriod() {
        return isNftMode()
                ? configuration.nftables().syncPeriod()
                : configuration.iptables().syncPeriod();
    }

    /** Where node ports are served: in the original's mode nftables by default at the primary addresses, in others at all. */
    public NodePortAddresses nodePortAddresses() {
        return NodePortAddresses.of(configuration.nodePortAddresses(), isNftMode());
    }

    /** Whether node ports are served at 127.0.0.1, too. */
    public boolean servesLoopback() {
        return nodePortAddresses().mayBeLoopback(Family.IPV4)
                && configuration.iptables().localhostNodePorts();
    }

    /** How many connections are tracked. */
    public ConntrackLimits conntrack() {
        ProxyConfiguration.Conntrack said = configuration.conntrack();
        return new ConntrackLimits(
                said.maxPerCore(),
                said.min(),
                said.tcpEstablishedTimeout(),
                said.tcpCloseWaitTimeout(),
                said.tcpBeLiberal(),
                said.udpTimeout(),
                said.udpStreamTimeout());
    }

    /**
     * What the rules of a family depend on besides Services.
     *
     * @param podRanges those of the node
     * @param serviceRanges from which cluster IPs are taken
     */
    public TableSettings table(Family family, Collection<IpPrefix> podRanges, Collection<IpPrefix> serviceRanges) {
        return new TableSettings(
                family,
                isNftMode()
                        ? configuration.nftables().masqueradeBit()
                        : configuration.iptables().masqueradeBit(),
                configuration.nftables().masqueradeAll()
                        || configuration.iptables().masqueradeAll(),
                local(family, podRanges),
                serviceRanges.stream()
                        .filter(range -> Family.of(range.first()) == family)
                        .toList(),
                nodePortAddresses().isAll(family),
                family == Family.IPV4 && servesLoopback());
    }

    private LocalTraffic local(Family family, Collection<IpPrefix> podRanges) {
        return switch (configuration.detectLocalMode()) {
            case "NodeCIDR" -> of(family, podRanges);
            case "BridgeInterface" ->
                new LocalTraffic.FromInterface(configuration.detectLocal().bridgeInterface(), false);
            case "InterfaceNamePrefix" ->
                new LocalTraffic.FromInterface(configuration.detectLocal().interfaceNamePrefix(), true);
            default -> of(family, clusterRanges());
        };
    }

    private List<IpPrefix> clusterRanges() {
        List<IpPrefix> ranges = new ArrayList<>();
        for (String word : words(configuration.clusterCIDR())) {
            IpPrefix range = IpPrefix.parse(word);
            if (range != null) {
                ranges.add(range);
            }
        }
        return ranges;
    }

    private static LocalTraffic of(Family family, Collection<IpPrefix> ranges) {
        return ranges.stream()
                .filter(range -> Family.of(range.first()) == family)
                .findFirst()
                .<LocalTraffic>map(LocalTraffic.FromRange::new)
                .orElseGet(LocalTraffic.Unknown::new);
    }
}
