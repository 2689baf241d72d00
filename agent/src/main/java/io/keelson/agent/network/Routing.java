package io.keelson.agent.network;

import io.keelson.agent.netlink.Attributes;
import io.keelson.agent.netlink.Errno;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkMessage;
import io.keelson.agent.netlink.NetlinkRequests;
import io.keelson.agent.netlink.NetlinkWriter;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Addresses, neighbours and routes of one network namespace, each call one message to the kernel. */
final class Routing {
    private static final int AF_UNSPEC = 0;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int NO_DUPLICATE_DETECTION = 2;

    private static final int ADDRESS = 1;
    private static final int LOCAL = 2;
    private static final int HARDWARE = 2;
    private static final int DESTINATION = 1;
    private static final int THROUGH = 4;
    private static final int GATEWAY = 5;
    private static final int SEVERAL_WAYS = 9;
    private static final int WAY_OCTETS = 8;

    private static final int SCOPE_UNIVERSE = 0;
    private static final int SCOPE_LINK = 253;
    private static final int SCOPE_HOST = 254;
    private static final int UNICAST = 1;
    private static final int STATIC = 4;
    private static final int PERMANENT = 0x80;

    private final NetlinkRequests requests;

    Routing(NetlinkRequests requests) {
        this.requests = requests;
    }

    /**
     * A route to a range of addresses.
     *
     * @param gateway null if there is none
     */
    record Route(IpPrefix destination, @Nullable IpAddress gateway) {}

    private static int family(boolean isV6) {
        return isV6 ? AF_INET6 : AF_INET;
    }

    /** Tells who has an address on a link, so that nobody is asked for it and nobody else can say that he has. */
    void putNeighbour(int index, IpAddress address, byte[] hardware) throws IOException {
        requests.change(
                "telling who has " + address,
                RouteMessage.NEW_NEIGHBOUR,
                NetlinkRequests.CREATE | NetlinkRequests.REPLACE,
                message -> message.raw(RouteMessage.neighbour(family(address.isV6()), index, PERMANENT, 0))
                        .bytes(DESTINATION, AddressOctets.of(address))
                        .bytes(HARDWARE, hardware));
    }

    /** Forgets who has an address; right if that is not known. */
    void removeNeighbour(int index, IpAddress address) throws IOException {
        try {
            requests.change(
                    "forgetting who has " + address,
                    RouteMessage.DELETE_NEIGHBOUR,
                    0,
                    message -> message.raw(RouteMessage.neighbour(family(address.isV6()), index, 0, 0))
                            .bytes(DESTINATION, AddressOctets.of(address)));
        } catch (NetlinkException e) {
            if (e.error() != Errno.ENOENT && e.error() != Errno.ENODEV) {
                throw e;
            }
        }
    }

    /** Gives a link an address; right if it has it. No time is spent on finding out whether somebody else has it. */
    void addAddress(int index, IpAddress address, int prefixLength) throws IOException {
        addAddress(index, address, prefixLength, SCOPE_UNIVERSE);
    }

    /** Gives a link an address that nobody but this machine knows, and that nothing is sent from to others. */
    void addInnerAddress(int index, IpAddress address) throws IOException {
        addAddress(index, address, address.isV6() ? 128 : 32, SCOPE_HOST);
    }

    private void addAddress(int index, IpAddress address, int prefixLength, int scope) throws IOException {
        byte[] octets = AddressOctets.of(address);
        int flags = address.isV6() ? NO_DUPLICATE_DETECTION : 0;
        requests.change(
                "adding the address " + address,
                RouteMessage.NEW_ADDRESS,
                NetlinkRequests.CREATE | NetlinkRequests.REPLACE,
                message -> message.raw(RouteMessage.address(family(address.isV6()), prefixLength, flags, scope, index))
                        .bytes(LOCAL, octets)
                        .bytes(ADDRESS, octets));
    }

    /** The addresses of a link. */
    List<IpAddress> addresses(int index) throws IOException {
        List<IpAddress> addresses = new ArrayList<>();
        List<NetlinkMessage> told = requests.ask(
                "addresses",
                RouteMessage.GET_ADDRESS,
                NetlinkRequests.DUMP,
                message -> message.raw(RouteMessage.address(AF_UNSPEC, 0, 0, 0, 0)));
        for (NetlinkMessage one : told) {
            byte[] octets = one.attributes(RouteMessage.ADDRESS_OCTETS).bytes(ADDRESS);
            if (octets != null && one.body().getInt(4) == index) {
                addresses.add(AddressOctets.address(octets));
            }
        }
        return addresses;
    }

    /** Lets an address be reached on a link directly. */
    void addDirectRoute(int index, IpAddress destination) throws IOException {
        boolean isV6 = destination.isV6();
        put(
                "adding a route to " + destination,
                message -> message.raw(RouteMessage.route(family(isV6), isV6 ? 128 : 32, STATIC, SCOPE_LINK, UNICAST))
                        .bytes(DESTINATION, AddressOctets.of(destination))
                        .native32(THROUGH, index));
    }

    /** Lets all that is not reached otherwise go to a gateway. */
    void addDefaultRoute(int index, IpAddress gateway) throws IOException {
        put(
                "adding a route by " + gateway,
                message -> message.raw(RouteMessage.route(family(gateway.isV6()), 0, STATIC, SCOPE_UNIVERSE, UNICAST))
                        .bytes(GATEWAY, AddressOctets.of(gateway))
                        .native32(THROUGH, index));
    }

    /**
     * Lets a range of addresses be reached by a gateway, whatever way there was before.
     *
     * @param protocol by which such routes are known
     * @throws NetlinkException if the gateway is on none of this machine's networks
     */
    void putRoute(IpPrefix destination, IpAddress gateway, int protocol) throws IOException {
        int family = family(destination.first().isV6());
        put(
                "adding a route to " + destination + " by " + gateway,
                message -> message.raw(
                                RouteMessage.route(family, destination.length(), protocol, SCOPE_UNIVERSE, UNICAST))
                        .bytes(DESTINATION, AddressOctets.of(destination.first()))
                        .bytes(GATEWAY, AddressOctets.of(gateway)));
    }

    private void put(String what, Consumer<NetlinkWriter> route) throws NetlinkException {
        requests.change(what, RouteMessage.NEW_ROUTE, NetlinkRequests.CREATE | NetlinkRequests.REPLACE, route);
    }

    /** Takes a route away; right if there is none. */
    void removeRoute(IpPrefix destination, int protocol) throws IOException {
        int family = family(destination.first().isV6());
        try {
            requests.change(
                    "removing the route to " + destination,
                    RouteMessage.DELETE_ROUTE,
                    0,
                    message -> message.raw(
                                    RouteMessage.route(family, destination.length(), protocol, SCOPE_UNIVERSE, UNICAST))
                            .bytes(DESTINATION, AddressOctets.of(destination.first())));
        } catch (NetlinkException e) {
            if (e.error() != Errno.ESRCH) {
                throw e;
            }
        }
    }

    /** The routes of a protocol, that have a destination. */
    List<Route> routes(int protocol) throws IOException {
        List<Route> routes = new ArrayList<>();
        for (int family : List.of(AF_INET, AF_INET6)) {
            List<NetlinkMessage> told = requests.ask(
                    "routes",
                    RouteMessage.GET_ROUTE,
                    NetlinkRequests.DUMP,
                    message -> message.raw(RouteMessage.route(family, 0, 0, 0, 0)));
            for (NetlinkMessage one : told) {
                Attributes attributes = one.attributes(RouteMessage.ROUTE_OCTETS);
                byte[] destination = attributes.bytes(DESTINATION);
                byte[] gateway = attributes.bytes(GATEWAY);
                if (destination != null && (one.body().get(5) & 0xff) == protocol) {
                    routes.add(new Route(
                            new IpPrefix(
                                    AddressOctets.address(destination),
                                    one.body().get(1) & 0xff),
                            gateway == null ? null : AddressOctets.address(gateway)));
                }
            }
        }
        return routes;
    }

    /** The links by which this machine reaches what is on none of its networks: of routes by a gateway, or to everywhere. */
    Set<Integer> waysOut() throws IOException {
        Set<Integer> links = new HashSet<>();
        for (int family : List.of(AF_INET, AF_INET6)) {
            List<NetlinkMessage> told = requests.ask(
                    "routes",
                    RouteMessage.GET_ROUTE,
                    NetlinkRequests.DUMP,
                    message -> message.raw(RouteMessage.route(family, 0, 0, 0, 0)));
            for (NetlinkMessage one : told) {
                Attributes attributes = one.attributes(RouteMessage.ROUTE_OCTETS);
                int through = attributes.nativeNumber(THROUGH, 0);
                boolean isToEverywhere = one.body().get(1) == 0 && one.body().get(7) == UNICAST;
                if (through != 0 && (isToEverywhere || attributes.has(GATEWAY))) {
                    links.add(through);
                }
                byte[] several = attributes.bytes(SEVERAL_WAYS);
                if (several != null) {
                    addWays(ByteBuffer.wrap(several).order(ByteOrder.nativeOrder()), links);
                }
            }
        }
        return links;
    }

    private static void addWays(ByteBuffer several, Set<Integer> links) {
        int at = 0;
        while (at + WAY_OCTETS <= several.limit()) {
            int length = several.getShort(at) & 0xffff;
            links.add(several.getInt(at + 4));
            at += Math.max(WAY_OCTETS, (length + 3) & ~3);
        }
    }
}
