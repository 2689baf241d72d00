package io.keelson.agent.network;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Addresses of a Service that each node answers at itself, as the cluster's DNS. They are put on a link of their own, a bridge
 * that nothing is at, so pods reach them by their gateway, and programs of the node as they reach any of its addresses.
 *
 * <p>What goes there and comes back is not tracked: whatever rules a proxy has for the Service do not see it, so that it can have
 * endpoints or none. The addresses never leave the node: nobody is told on other links who has them, what comes for them by a way
 * that leads out of the node is dropped, and so is what would be sent on while they are not there.
 *
 * <p>Every half minute all is put right again that somebody took away. Any thread.
 */
public final class NodeLocalAddresses implements AutoCloseable {
    /** The usual name of the link and of the tables of rules. */
    public static final String NAME = "keelson-local";

    private static final Logger LOG = LoggerFactory.getLogger(NodeLocalAddresses.class);
    private static final Duration LOOK = Duration.ofSeconds(30);
    /** Names of links that can be written in rules; the kernel allows others, which nobody gives. */
    private static final String WRITABLE = "[A-Za-z0-9_.@+-]+";

    private final String name;
    private final List<IpAddress> addresses;
    private final int port;
    private final Links links;
    private final NftProgram nft;
    private final Repeating looking;
    private String lastProblem = "";
    private boolean isClosed;
    /** Whether there is nothing to be looked at in the first round, as that comes at once. */
    private boolean isJustPut;

    /**
     * Does nothing before the start, but can be closed so that what one before it left goes away.
     *
     * @param name of the link and the tables: {@link #NAME}, or another one where several nodes are on one machine
     * @param port what is answered there by TCP and UDP
     * @param namespace the network namespace that takes the place of the machine's own; null for that of this process
     * @throws IllegalArgumentException if an address is none, or there are none, or the name is none of a link
     */
    public NodeLocalAddresses(String name, List<String> addresses, int port, @Nullable Path namespace, Time time)
            throws IOException, InterruptedException {
        if (!name.matches("[a-z][a-z0-9-]{0,14}")) {
            throw new IllegalArgumentException("\"" + name + "\" is no name for a link");
        }
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("no addresses are to be on the node");
        }
        this.name = name;
        this.port = port;
        List<IpAddress> parsed = new ArrayList<>();
        for (String text : addresses) {
            IpAddress address = IpAddress.parse(text);
            if (address == null) {
                throw new IllegalArgumentException("\"" + text + "\" is no address of a Service");
            }
            parsed.add(address);
        }
        this.addresses = List.copyOf(parsed);
        links = Links.of(new NetworkNamespace(namespace));
        nft = new NftProgram(namespace);
        looking = new Repeating("node-local-addresses", time, () -> LOOK, this::look);
    }

    /**
     * Puts the addresses on the node, and keeps them there. When it returns, somebody can listen on them.
     *
     * @throws IOException if that cannot be; the rules may be missing where {@code nft} is, which is told in the log
     */
    public void start() throws IOException, InterruptedException {
        put();
        isJustPut = true;
        looking.start();
    }

    private void look() throws InterruptedException {
        if (isJustPut) {
            isJustPut = false;
            return;
        }
        try {
            put();
        } catch (IOException e) {
            tell("the addresses " + addresses + " cannot be kept on the node: " + e.getMessage());
        }
    }

    /** Makes what is missing; right if all is there. */
    synchronized void put() throws IOException, InterruptedException {
        if (isClosed) {
            return;
        }
        guard();
        Links.Link link = links.find(name);
        if (link != null && !new HashSet<>(addresses).containsAll(addressesOf(link))) {
            links.remove(name);
            link = null;
        }
        if (link == null) {
            links.addBridge(name, HostSide.hardware(addresses.getFirst()), 0);
            link = links.find(name);
        }
        if (link == null) {
            throw new IOException("the link " + name + " went away while it was set up");
        }
        if (!link.isUp()) {
            links.raise(link.index());
        }
        Set<IpAddress> there = new HashSet<>(addressesOf(link));
        for (IpAddress address : addresses) {
            if (!there.contains(address)) {
                links.routing().addInnerAddress(link.index(), address);
            }
        }
    }

    /** The addresses of the link but those that each link makes for itself. */
    private List<IpAddress> addressesOf(Links.Link link) throws IOException {
        return links.routing().addresses(link.index()).stream()
                .filter(address -> !address.toString().startsWith("fe80:"))
                .toList();
    }

    private void guard() throws IOException, InterruptedException {
        Set<String> outside = links.outward();
        outside.removeIf(link -> !link.matches(WRITABLE));
        try {
            long _ = nft.run(table(outside));
            long _ = nft.run(arpTable());
            lastProblem = "";
        } catch (IOException e) {
            tell("the rules for the addresses " + addresses + " cannot be made: " + e.getMessage());
        }
    }

    private void tell(String problem) {
        if (!problem.equals(lastProblem)) {
            lastProblem = problem;
            LOG.warn("{}", problem);
        }
    }

    private String table(Set<String> outside) {
        StringBuilder text = new StringBuilder(replace("inet"));
        text.append("table inet ").append(name).append(" {\n");
        text.append("  set outside { type ifname;");
        if (!outside.isEmpty()) {
            text.append(" elements = { \"")
                    .append(String.join("\", \"", outside))
                    .append("\" }");
        }
        text.append(" }\n");
        StringBuilder coming = new StringBuilder();
        StringBuilder leaving = new StringBuilder();
        StringBuilder passing = new StringBuilder();
        for (IpAddress address : addresses) {
            String ip = address.isV6() ? "ip6" : "ip";
            String to = "    " + ip + " daddr " + address;
            String from = "    " + ip + " saddr " + address;
            String untracked = " meta l4proto { tcp, udp } th ";
            coming.append(to).append(" iifname @outside drop\n");
            for (StringBuilder chain : List.of(coming, leaving)) {
                chain.append(to).append(untracked).append("dport ").append(port).append(" notrack\n");
                chain.append(from)
                        .append(untracked)
                        .append("sport ")
                        .append(port)
                        .append(" notrack\n");
            }
            passing.append(to).append(" drop\n");
        }
        chain(text, "coming", "prerouting priority raw", coming);
        chain(text, "leaving", "output priority raw", leaving);
        chain(text, "passing", "forward priority filter", passing);
        return text.append("}\n").toString();
    }

    private static void chain(StringBuilder text, String chain, String hook, CharSequence rules) {
        text.append("  chain ")
                .append(chain)
                .append(" {\n    type filter hook ")
                .append(hook)
                .append("; policy accept;\n")
                .append(rules)
                .append("  }\n");
    }

    /** Nobody hears who has the addresses: pods have the gateway's way to them. Of IPv6 no link tells another's addresses. */
    private String arpTable() {
        StringBuilder text = new StringBuilder(replace("arp"));
        StringBuilder rules = new StringBuilder();
        for (IpAddress address : addresses) {
            if (!address.isV6()) {
                rules.append("    arp daddr ip ").append(address).append(" drop\n");
            }
        }
        if (!rules.isEmpty()) {
            text.append("table arp ").append(name).append(" {\n");
            chain(text, "asked", "input priority filter", rules);
            text.append("}\n");
        }
        return text.toString();
    }

    private String replace(String family) {
        String table = family + ' ' + name + '\n';
        return "add table " + table + "delete table " + table;
    }

    /** Takes the addresses and the rules away. */
    @Override
    public void close() throws IOException {
        looking.close();
        takeAway();
    }

    private synchronized void takeAway() throws IOException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        try (links) {
            links.remove(name);
            long _ = nft.run(replace("inet"));
            long _ = nft.run(replace("arp"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("rules of the table " + name + " may be left: interrupted", e);
        }
    }
}
