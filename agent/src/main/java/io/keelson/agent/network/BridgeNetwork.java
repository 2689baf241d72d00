package io.keelson.agent.network;

import io.keelson.agent.netlink.Errno;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The network of a node that has no CNI plugins. Each pod has a pair of links, one in its namespace and one at a
 * bridge, and an address of the node's range. A pod sees nothing but its gateway, the bridge: what goes to another pod
 * is routed there as what goes anywhere else, so that rules of the node see it all, and no pod can take another's
 * packets by claiming to be it.
 *
 * <pre>
 *   pod  eth0  10.244.1.7/32, default by 10.244.1.1
 *          │
 *   node kl4f…  ── keelson0  10.244.1.1/24 ── routes to other nodes' ranges, masquerade to outside
 * </pre>
 *
 * <p>What a sandbox has stands in files before the kernel is told, and goes from them after it is gone there. Any
 * thread.
 */
public final class BridgeNetwork implements PodNetwork, AutoCloseable {
    private static final String LINK_PREFIX = "kl";
    private static final int LINK_DIGITS = 12;

    private final BridgeSettings settings;
    private final Supplier<List<String>> podRanges;
    private final AddressBook addresses;
    private final PortBook ports;
    private final HostSide host;

    /**
     * A network that is set up when the first sandbox is put on it.
     *
     * @param podRanges the node's {@code spec.podCIDRs}, as they are now; empty while it has none
     * @throws IOException if what it has written down cannot be read
     */
    public BridgeNetwork(BridgeSettings settings, Supplier<List<String>> podRanges)
            throws IOException, InterruptedException {
        this.settings = settings;
        this.podRanges = podRanges;
        addresses = new AddressBook(settings.state().resolve("addresses"));
        ports = new PortBook(settings.state().resolve("ports"));
        host = new HostSide(settings, ports);
    }

    private List<AddressRange> ranges() throws NetworkProblem {
        List<AddressRange> ranges = new ArrayList<>();
        for (String text : podRanges.get()) {
            IpPrefix prefix = IpPrefix.parse(text);
            if (prefix == null) {
                throw new NetworkProblem("the node's podCIDR \"" + text + "\" is no range of addresses");
            }
            try {
                ranges.add(new AddressRange(prefix));
            } catch (IllegalArgumentException e) {
                throw new NetworkProblem("the node's podCIDR: " + e.getMessage(), e);
            }
        }
        if (ranges.isEmpty()) {
            throw new NetworkProblem(
                    "the node has no podCIDR yet: its pods get addresses when the controller manager has"
                            + " given it one (--allocate-node-cidrs, --cluster-cidr)");
        }
        return ranges;
    }

    /** Whether a sandbox has something of this network. */
    boolean has(String sandbox) {
        return !addresses.of(sandbox).isEmpty();
    }

    @Override
    public Optional<String> problem() {
        try {
            ranges();
            return Optional.empty();
        } catch (NetworkProblem e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public PodAddresses add(SandboxAttachment sandbox) throws NetworkProblem, InterruptedException {
        Path netns = sandbox.netns();
        if (netns == null) {
            throw new NetworkProblem("the sandbox " + sandbox.id() + " has no network namespace");
        }
        List<AddressRange> ranges = ranges();
        List<IpAddress> taken = addresses.take(sandbox.id(), ranges);
        boolean isDone = false;
        try {
            connect(sandbox, netns, ranges, taken);
            mapPorts(sandbox, taken);
            isDone = true;
            return new PodAddresses(taken.stream().map(IpAddress::toString).toList());
        } catch (IOException e) {
            throw new NetworkProblem(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        } finally {
            if (!isDone) {
                undo(sandbox);
            }
        }
    }

    private void undo(SandboxAttachment sandbox) throws InterruptedException {
        try {
            remove(sandbox);
        } catch (NetworkProblem e) {
            // The sandbox is taken off the network once more when it is removed, and when garbage is collected.
            return;
        }
    }

    private void connect(SandboxAttachment sandbox, Path netns, List<AddressRange> ranges, List<IpAddress> taken)
            throws IOException, InterruptedException {
        int bridge = host.ensure(ranges);
        String name = linkName(sandbox.id());
        boolean hasV6 = taken.stream().anyMatch(IpAddress::isV6);
        try (Links pod = new NetworkNamespace(netns).call(() -> {
            HostSide.set(podSwitches(hasV6));
            return Links.here();
        })) {
            byte[] hardware = HostSide.hardware(taken.getFirst());
            try {
                host.links().addPair(name, bridge, SandboxAttachment.INTERFACE, hardware, netns, settings.mtu());
            } catch (NetlinkException e) {
                if (e.error() != Errno.EEXIST) {
                    throw e;
                }
                // Begun before, and not brought to an end.
                host.links().remove(name);
                host.links().addPair(name, bridge, SandboxAttachment.INTERFACE, hardware, netns, settings.mtu());
            }
            host.guard(name, hardware);
            for (IpAddress address : taken) {
                host.links().routing().putNeighbour(bridge, address, hardware);
            }
            setUp(pod, ranges, taken);
        }
    }

    private static void setUp(Links pod, List<AddressRange> ranges, List<IpAddress> taken) throws IOException {
        pod.raiseLoopback();
        Links.Link link = pod.find(SandboxAttachment.INTERFACE);
        if (link == null) {
            throw new IOException("the link " + SandboxAttachment.INTERFACE + " of the sandbox went away");
        }
        pod.raise(link.index());
        for (int i = 0; i < taken.size(); i++) {
            IpAddress address = taken.get(i);
            IpAddress gateway = ranges.get(i).gateway();
            pod.routing().addAddress(link.index(), address, address.isV6() ? 128 : 32);
            pod.routing().addDirectRoute(link.index(), gateway);
            pod.routing().addDefaultRoute(link.index(), gateway);
        }
    }

    /** No pod is told of a shorter way than by its gateway, nor waits until it is clear that its address is its own. */
    private static Map<String, String> podSwitches(boolean hasV6) {
        Map<String, String> switches = new TreeMap<>();
        switches.put("ipv4/conf/all/accept_redirects", "0");
        switches.put("ipv4/conf/default/accept_redirects", "0");
        if (hasV6) {
            switches.put("ipv6/conf/all/disable_ipv6", "0");
            switches.put("ipv6/conf/default/disable_ipv6", "0");
            switches.put("ipv6/conf/default/accept_redirects", "0");
            switches.put("ipv6/conf/default/accept_ra", "0");
            switches.put("ipv6/conf/default/accept_dad", "0");
        }
        return switches;
    }

    private void mapPorts(SandboxAttachment sandbox, List<IpAddress> taken)
            throws NetworkProblem, IOException, InterruptedException {
        List<NftRules.PortElement> elements = NftRules.elements(sandbox.ports(), taken);
        if (!elements.isEmpty()) {
            ports.put(sandbox.id(), elements);
            host.change(NftRules.add(elements));
        }
    }

    /** The name of the node's link to a sandbox. */
    static String linkName(String sandbox) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(sandbox.getBytes(StandardCharsets.UTF_8));
            return LINK_PREFIX + HexFormat.of().formatHex(digest).substring(0, LINK_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void check(SandboxAttachment sandbox) throws NetworkProblem, InterruptedException {
        Path netns = sandbox.netns();
        List<IpAddress> booked = addresses.of(sandbox.id());
        if (netns == null || booked.isEmpty()) {
            throw new NetworkProblem("the sandbox " + sandbox.id() + " is not on the network");
        }
        try {
            int bridge = host.ensure(ranges());
            Links.Link link = host.links().find(linkName(sandbox.id()));
            if (link == null || link.master() != bridge || !link.isUp()) {
                throw new NetworkProblem("the sandbox " + sandbox.id() + " has lost its link to " + settings.bridge());
            }
            try (Links pod = Links.of(new NetworkNamespace(netns))) {
                Links.Link inside = pod.find(SandboxAttachment.INTERFACE);
                if (inside == null || !new HashSet<>(pod.routing().addresses(inside.index())).containsAll(booked)) {
                    throw new NetworkProblem("the sandbox " + sandbox.id() + " has lost an address of " + booked);
                }
            }
        } catch (IOException e) {
            throw new NetworkProblem("looking at the network of " + sandbox.id() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void remove(SandboxAttachment sandbox) throws NetworkProblem, InterruptedException {
        try {
            host.links().remove(linkName(sandbox.id()));
            Links.Link bridge = host.links().find(settings.bridge());
            for (IpAddress address : bridge == null ? List.<IpAddress>of() : addresses.of(sandbox.id())) {
                if (bridge != null) {
                    host.links().routing().removeNeighbour(bridge.index(), address);
                }
            }
            List<NftRules.PortElement> elements = ports.of(sandbox.id());
            ports.remove(sandbox.id());
            host.change(NftRules.remove(elements));
        } catch (IOException e) {
            throw new NetworkProblem("taking " + sandbox.id() + " off the network: " + e.getMessage(), e);
        }
        // Nobody gets an address that something still leads to.
        addresses.release(sandbox.id());
    }

    @Override
    public void collect(Set<String> sandboxes) throws NetworkProblem, InterruptedException {
        Set<String> known = new HashSet<>(addresses.sandboxes());
        known.addAll(ports.sandboxes());
        known.removeAll(sandboxes);
        for (String gone : known) {
            remove(SandboxAttachment.of(gone, null));
        }
        Set<String> names = new HashSet<>();
        sandboxes.forEach(sandbox -> names.add(linkName(sandbox)));
        try {
            Links.Link bridge = host.links().find(settings.bridge());
            for (Links.Link link :
                    bridge == null ? List.<Links.Link>of() : host.links().all()) {
                if (bridge != null
                        && link.master() == bridge.index()
                        && link.name().startsWith(LINK_PREFIX)
                        && !names.contains(link.name())) {
                    host.links().remove(link.name());
                }
            }
        } catch (IOException e) {
            throw new NetworkProblem("collecting links: " + e.getMessage(), e);
        }
    }

    /** Makes again what somebody took away that all sandboxes share. */
    void repair() throws IOException, InterruptedException {
        host.repair();
    }

    /** Tells which ranges are those of pods on other nodes. */
    void clusterPods(Collection<IpPrefix> others) throws IOException, InterruptedException {
        host.clusterPods(others);
    }

    /** The links of the node, for routes. */
    Links links() {
        return host.links();
    }

    @Override
    public void close() throws IOException {
        host.close();
    }
}
