package io.keelson.agent.network;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all pods of a node share: the bridge with the gateways' addresses, the kernel's switches, and the table of rules. All of it
 * is made again where it is missing.
 */
final class HostSide implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostSide.class);
    /** Whether the kernel shows rules what goes from port to port of a bridge. */
    private static final Path BRIDGE_FILTER = Path.of("/proc/sys/net/bridge/bridge-nf-call-iptables");

    private static final Path SWITCHES = Path.of("/proc/sys/net");

    private final BridgeSettings settings;
    private final NetworkNamespace namespace;
    private final PortBook ports;
    private final Links links;
    private final NftProgram nft;
    private List<AddressRange> ranges = List.of();
    private List<IpPrefix> clusterPods = List.of();
    private int bridge;
    /** Whether the rules are not what the book says. */
    private boolean isBehind;

    private boolean isIsolating;

    HostSide(BridgeSettings settings, PortBook ports) throws IOException, InterruptedException {
        this.settings = settings;
        this.ports = ports;
        namespace = new NetworkNamespace(settings.namespace());
        links = Links.of(namespace);
        nft = new NftProgram(namespace);
    }

    /** The links of the node. */
    Links links() {
        return links;
    }

    /**
     * Makes what is missing, and returns the index of the bridge.
     *
     * @param now the ranges of this node's pods
     */
    synchronized int ensure(List<AddressRange> now) throws IOException, InterruptedException {
        Links.Link found = links.find(settings.bridge());
        if (found != null && found.index() == bridge && found.isUp() && now.equals(ranges) && !isBehind) {
            return bridge;
        }
        if (found == null) {
            links.addBridge(settings.bridge(), hardware(now.getFirst().gateway()), settings.mtu());
            found = links.find(settings.bridge());
        }
        if (found == null) {
            throw new IOException("the bridge " + settings.bridge() + " went away while it was set up");
        }
        links.raise(found.index());
        for (AddressRange range : now) {
            links.routing()
                    .addAddress(found.index(), range.gateway(), range.prefix().length());
        }
        Set<String> outward = links.outward();
        isIsolating = namespace.call(() -> {
            if (now.stream().anyMatch(range -> range.prefix().first().isV6())) {
                keepListeningToRouters(outward);
            }
            setSwitches(now);
            return isIsolating();
        });
        ranges = List.copyOf(now);
        replaceTable();
        bridge = found.index();
        return bridge;
    }

    /**
     * Whether pods speak to each other by way of the node only, so that its rules see it all. Where the kernel shows rules what
     * goes from port to port, too, it does not let packets whose destination they change take that way.
     */
    private static boolean isIsolating() throws IOException {
        return !Files.exists(BRIDGE_FILTER)
                || Files.readString(BRIDGE_FILTER, StandardCharsets.UTF_8)
                        .strip()
                        .equals("0");
    }

    /** Who forwards does not listen to routers any more, unless it is said, and loses the routes they told. */
    private static void keepListeningToRouters(Set<String> outward) throws IOException {
        for (String link : outward) {
            Path file = SWITCHES.resolve("ipv6/conf").resolve(link).resolve("accept_ra");
            if (Files.exists(file)
                    && Files.readString(file, StandardCharsets.UTF_8).strip().equals("1")) {
                Files.writeString(file, "2", StandardCharsets.UTF_8);
            }
        }
    }

    /** Guards the port of a new pod. */
    synchronized void guard(String port, byte[] hardware) throws IOException {
        links.guardPort(port, hardware, isIsolating);
    }

    /** A hardware address that nobody makes twice on one network, as it is made of an address that nobody has twice. */
    static byte[] hardware(IpAddress address) {
        byte[] octets = AddressOctets.of(address);
        byte[] hardware = {0x0a, 0x58, 0, 0, 0, 0};
        System.arraycopy(octets, octets.length - 4, hardware, 2, 4);
        return hardware;
    }

    private void setSwitches(List<AddressRange> now) throws IOException {
        Map<String, String> switches = new TreeMap<>();
        for (AddressRange range : now) {
            if (range.prefix().first().isV6()) {
                switches.put("ipv6/conf/all/forwarding", "1");
            } else {
                switches.put("ipv4/ip_forward", "1");
                // Packets of one pod to another come and go by the bridge, and have to: there is no shorter way.
                switches.put("ipv4/conf/all/send_redirects", "0");
                switches.put("ipv4/conf/" + settings.bridge() + "/send_redirects", "0");
                // What goes to a port of 127.0.0.1 may be led to a pod.
                switches.put("ipv4/conf/" + settings.bridge() + "/route_localnet", "1");
            }
        }
        set(switches);
    }

    /** Sets switches of the namespace of this thread, where they are not set so. */
    static void set(Map<String, String> switches) throws IOException {
        for (Map.Entry<String, String> each : switches.entrySet()) {
            Path file = SWITCHES.resolve(each.getKey());
            if (!Files.readString(file, StandardCharsets.UTF_8).strip().equals(each.getValue())) {
                Files.writeString(file, each.getValue(), StandardCharsets.UTF_8);
            }
        }
    }

    private void replaceTable() throws IOException, InterruptedException {
        isBehind = true;
        List<IpPrefix> own = ranges.stream().map(AddressRange::prefix).toList();
        List<IpPrefix> cluster = new ArrayList<>(own);
        cluster.addAll(clusterPods);
        long _ = nft.run(NftRules.table(settings.bridge(), own, cluster, ports.all()));
        isBehind = false;
    }

    /**
     * Adds rules, or takes some away; makes good what could not be done before.
     *
     * @param change if it cannot be made, as somebody else took the table away, all is made anew of what the book says
     */
    synchronized void change(String change) throws IOException, InterruptedException {
        if (isBehind) {
            replaceTable();
        } else if (!change.isEmpty()) {
            // Who is interrupted here does not know whether it was made.
            isBehind = true;
            try {
                long _ = nft.run(change);
                isBehind = false;
            } catch (IOException e) {
                LOG.warn("the rules are made anew: {}", e.getMessage());
                replaceTable();
            }
        }
    }

    /** Makes the rules and the bridge again if somebody took them away. */
    synchronized void repair() throws IOException, InterruptedException {
        if (ranges.isEmpty()) {
            return;
        }
        try {
            long _ = nft.run(NftRules.PRESENCE);
        } catch (IOException e) {
            LOG.warn("the rules are made anew: {}", e.getMessage());
            replaceTable();
        }
        int index = ensure(ranges);
        boolean now = namespace.call(HostSide::isIsolating);
        if (now != isIsolating) {
            isIsolating = now;
            for (Links.Link link : links.all()) {
                if (link.master() == index) {
                    links.isolatePort(link.index(), now);
                }
            }
        }
    }

    /** Tells which ranges are pods' on other nodes: what goes there keeps the pod's address. */
    synchronized void clusterPods(Collection<IpPrefix> others) throws IOException, InterruptedException {
        List<IpPrefix> now = List.copyOf(others);
        if (now.equals(clusterPods)) {
            return;
        }
        clusterPods = now;
        if (!ranges.isEmpty()) {
            List<IpPrefix> all = new ArrayList<>(now);
            ranges.forEach(range -> all.add(range.prefix()));
            change(NftRules.clusterPods(all));
        }
    }

    @Override
    public void close() throws IOException {
        links.close();
    }
}
