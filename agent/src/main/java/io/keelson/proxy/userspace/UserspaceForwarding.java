package io.keelson.proxy.userspace;

import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Time;
import io.keelson.proxy.Forwarding;
import io.keelson.proxy.nft.TableSettings;
import io.keelson.proxy.rules.Destination;
import io.keelson.proxy.rules.FrontendRule;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.ServicePortName;
import io.keelson.proxy.rules.Transport;
import io.keelson.proxy.rules.Treatment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forwards what comes to the cluster IPs of a family by itself. Called by one thread; the relays have their own. */
public final class UserspaceForwarding implements Forwarding {
    private static final Logger LOG = LoggerFactory.getLogger(UserspaceForwarding.class);

    private final LocalAddresses addresses;
    private final Runnable end;
    private final Time time;
    private final Map<ServicePortName, Served> served = new HashMap<>();
    private final Map<ServicePortName, PortRules> waiting = new HashMap<>();
    private final Map<IpAddress, Integer> uses = new HashMap<>();

    private record Served(
            PortRules rules,
            EndpointChoice choice,
            @Nullable Relay relay) {}

    UserspaceForwarding(LocalAddresses addresses, Runnable end, Time time) {
        this.addresses = addresses;
        this.end = end;
        this.time = time;
    }

    /**
     * Forwards on this machine.
     *
     * @param socket of {@link NetlinkSocket#ROUTE}; it is closed with this
     * @throws NetlinkException if there can be no interface for the addresses
     */
    public static UserspaceForwarding of(NetlinkSocket socket, Time time) throws NetlinkException {
        ServiceLink link = new ServiceLink(socket);
        return new UserspaceForwarding(
                link,
                () -> {
                    try {
                        link.delete();
                    } catch (NetlinkException e) {
                        LOG.info("{}", e.getMessage());
                    }
                    socket.close();
                },
                time);
    }

    @Override
    public void apply(
            Collection<PortRules> put,
            Collection<ServicePortName> removed,
            @Nullable Collection<IpAddress> nodeAddresses) {
        removed.forEach(name -> {
            waiting.remove(name);
            stop(name);
        });
        put.forEach(this::serve);
    }

    private static List<Destination> destinations(PortRules rules) {
        boolean isLocal =
                rules.frontends().stream().map(FrontendRule::treatment).anyMatch(Treatment.INTERNAL_LOCAL::equals);
        return isLocal ? rules.local() : rules.cluster();
    }

    /** The port of the cluster IP, which is the first of all ways to reach it. */
    private static InetSocketAddress address(PortRules rules) {
        return new InetSocketAddress(
                InetAddress.ofLiteral(rules.clusterIp().toString()),
                rules.frontends().getFirst().frontend().port());
    }

    private void serve(PortRules rules) {
        if (rules.name().transport() == Transport.SCTP) {
            LOG.warn("{} is not served: SCTP needs nftables", rules.name());
            return;
        }
        Served known = served.get(rules.name());
        boolean isSame = known != null
                && address(known.rules()).equals(address(rules))
                && (known.relay() != null) == !destinations(rules).isEmpty();
        if (known != null && isSame) {
            known.choice().set(destinations(rules), rules.affinitySeconds());
            served.put(rules.name(), new Served(rules, known.choice(), known.relay()));
            return;
        }
        stop(rules.name());
        waiting.remove(rules.name());
        try {
            addresses.add(rules.clusterIp());
            EndpointChoice choice = new EndpointChoice(time, new SplittableRandom());
            choice.set(destinations(rules), rules.affinitySeconds());
            served.put(rules.name(), new Served(rules, choice, relay(rules, choice)));
            uses.merge(rules.clusterIp(), 1, Integer::sum);
        } catch (IOException e) {
            waiting.put(rules.name(), rules);
            LOG.warn(
                    "{} cannot be served at {}, which is tried again: {}",
                    rules.name(),
                    address(rules),
                    e.getMessage());
        }
    }

    /** None where there are no endpoints: the kernel refuses who comes there. */
    private @Nullable Relay relay(PortRules rules, EndpointChoice choice) throws IOException {
        if (destinations(rules).isEmpty()) {
            return null;
        }
        return rules.name().transport() == Transport.TCP
                ? new TcpRelay(address(rules), choice)
                : new UdpRelay(address(rules), choice, time);
    }

    private void stop(ServicePortName name) {
        Served gone = served.remove(name);
        if (gone == null) {
            return;
        }
        if (gone.relay() != null) {
            gone.relay().close();
        }
        IpAddress address = gone.rules().clusterIp();
        if (uses.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1) == null) {
            try {
                addresses.remove(address);
            } catch (IOException e) {
                LOG.warn("{}", e.getMessage());
            }
        }
    }

    @Override
    public void configure(TableSettings settings) {
        // Nothing of it matters here.
    }

    /** Gives the node its addresses again if somebody took them, and tries again what could not be served. */
    @Override
    public boolean check() throws IOException {
        for (IpAddress address : uses.keySet()) {
            addresses.add(address);
        }
        new ArrayList<>(waiting.values()).forEach(this::serve);
        return false;
    }

    @Override
    public void close() {
        new ArrayList<>(served.keySet()).forEach(this::stop);
        end.run();
    }
}
