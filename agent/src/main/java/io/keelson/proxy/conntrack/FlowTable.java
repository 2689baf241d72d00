package io.keelson.proxy.conntrack;

import io.keelson.agent.netlink.Attributes;
import io.keelson.agent.netlink.Errno;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkRequests;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.proxy.rules.Destination;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.Octets;
import io.keelson.proxy.rules.Transport;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The kernel's table of connections, through netlink. Belongs to one thread. */
public final class FlowTable {
    private static final int SUBSYSTEM = 1;
    private static final int GET = 1;
    private static final int DELETE = 2;
    private static final int ORIGINAL = 1;
    private static final int REPLY = 2;
    private static final int ID = 12;
    private static final int ZONE = 18;
    private static final int TUPLE_IP = 1;
    private static final int TUPLE_PROTOCOL = 2;
    private static final int V4_SOURCE = 1;
    private static final int V4_DESTINATION = 2;
    private static final int V6_SOURCE = 3;
    private static final int V6_DESTINATION = 4;
    private static final int PROTOCOL_NUMBER = 1;
    private static final int SOURCE_PORT = 2;
    private static final int DESTINATION_PORT = 3;

    private final NetlinkRequests requests;

    /** @param socket of {@link NetlinkSocket#NETFILTER}, used by nobody else */
    public FlowTable(NetlinkSocket socket) {
        requests = new NetlinkRequests(socket);
    }

    private static int number(Family family) {
        return family == Family.IPV4 ? 2 : 10;
    }

    /**
     * Forgets UDP connections.
     *
     * @param which of them
     * @return how many
     * @throws NetlinkException if the kernel's table cannot be read or changed
     */
    int forget(Family family, Predicate<Flow> which) throws NetlinkException {
        List<Flow> stale = new ArrayList<>();
        requests.ask(
                "read tracked connections",
                SUBSYSTEM << 8 | GET,
                NetlinkRequests.DUMP,
                writer -> writer.netfilterHeader(number(family), 0),
                message -> {
                    Flow flow = flow(message.attributes(), family);
                    if (flow != null && flow.transport() == Transport.UDP && which.test(flow)) {
                        stale.add(flow);
                    }
                });
        int forgotten = 0;
        for (Flow flow : stale) {
            forgotten += delete(family, flow) ? 1 : 0;
        }
        return forgotten;
    }

    private boolean delete(Family family, Flow flow) throws NetlinkException {
        try {
            requests.change("forget a tracked connection", SUBSYSTEM << 8 | DELETE, 0, writer -> {
                writer.netfilterHeader(number(family), 0);
                int tuple = writer.nest(ORIGINAL);
                writer.raw(flow.tuple().toArray()).unnest(tuple);
                writer.number32(ID, flow.id());
                if (flow.zone() != 0) {
                    writer.number16(ZONE, flow.zone());
                }
            });
            return true;
        } catch (NetlinkException e) {
            // It has gone by itself.
            if (e.error() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    private static @Nullable Flow flow(Attributes attributes, Family family) {
        Attributes original = attributes.nested(ORIGINAL);
        Attributes reply = attributes.nested(REPLY);
        Attributes protocol = original.nested(TUPLE_PROTOCOL);
        Transport transport = transport((int) protocol.number(PROTOCOL_NUMBER, 0));
        byte[] tuple = attributes.bytes(ORIGINAL);
        Destination asked = end(original, family, V4_DESTINATION, V6_DESTINATION, DESTINATION_PORT);
        Destination answering = end(reply, family, V4_SOURCE, V6_SOURCE, SOURCE_PORT);
        if (transport == null || tuple == null || asked == null || answering == null) {
            return null;
        }
        return new Flow(transport, asked, answering, Octets.of(tuple), (int) attributes.number(ID, 0), (int)
                attributes.number(ZONE, 0));
    }

    private static @Nullable Transport transport(int number) {
        for (Transport transport : Transport.values()) {
            if (transport.number() == number) {
                return transport;
            }
        }
        return null;
    }

    private static @Nullable Destination end(Attributes tuple, Family family, int v4, int v6, int port) {
        byte[] bytes = tuple.nested(TUPLE_IP).bytes(family == Family.IPV4 ? v4 : v6);
        if (bytes == null || bytes.length != family.addressBytes()) {
            return null;
        }
        try {
            IpAddress address = IpAddress.parse(InetAddress.getByAddress(bytes).getHostAddress());
            return address == null
                    ? null
                    : new Destination(
                            address, (int) tuple.nested(TUPLE_PROTOCOL).number(port, 0));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
