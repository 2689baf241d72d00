package io.keelson.agent.network;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    private final NetlinkSocket socket;

    Routing(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * A route to a range of addresses.
     *
     * @param gateway null if there is none
     */
    record Route(IpPrefix destination, @Nullable IpAddress gateway) {}

    /** Tells who has an address on a link, so that nobody is asked for it and nobody else can say that he has. */
    void putNeighbour(int index, IpAddress address, byte[] hardware) throws IOException {
        socket.change(
                "telling who has " + address,
                NetlinkMessage.of(
                                NetlinkMessage.NEW_NEIGHBOUR,
                                NetlinkMessage.CREATE | NetlinkMessage.REPLACE | NetlinkMessage.ACKNOWLEDGE)
                        .neighbour(address.isV6() ? AF_INET6 : AF_INET, index, PERMANENT, 0)
                        .attribute(DESTINATION, AddressOctets.of(address))
                        .attribute(HARDWARE, hardware));
    }

    /** Forgets who has an address; right if that is not known. */
    void removeNeighbour(int index, IpAddress address) throws IOException {
        try {
            socket.change(
                    "forgetting who has " + address,
                    NetlinkMessage.of(NetlinkMessage.DELETE_NEIGHBOUR, NetlinkMessage.ACKNOWLEDGE)
                            .neighbour(address.isV6() ? AF_INET6 : AF_INET, index, 0, 0)
                            .attribute(DESTINATION, AddressOctets.of(address)));
        } catch (Kernel.Refusal e) {
            if (e.number() != Kernel.ENOENT && e.number() != Kernel.ENODEV) {
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
        int family = address.isV6() ? AF_INET6 : AF_INET;
        socket.change(
                "adding the address " + address,
                NetlinkMessage.of(
                                NetlinkMessage.NEW_ADDRESS,
                                NetlinkMessage.CREATE | NetlinkMessage.REPLACE | NetlinkMessage.ACKNOWLEDGE)
                        .address(family, prefixLength, address.isV6() ? NO_DUPLICATE_DETECTION : 0, scope, index)
                        .attribute(LOCAL, octets)
                        .attribute(ADDRESS, octets));
    }

    /** The addresses of a link. */
    List<IpAddress> addresses(int index) throws IOException {
        List<IpAddress> addresses = new ArrayList<>();
        NetlinkMessage message = NetlinkMessage.of(NetlinkMessage.GET_ADDRESS, NetlinkMessage.DUMP)
                .address(AF_UNSPEC, 0, 0, 0, 0);
        for (ByteBuffer told : socket.ask("addresses", message)) {
            ByteBuffer octets = NetlinkReply.attributes(told, 8).get(ADDRESS);
            if (told.getInt(4) == index && octets != null) {
                addresses.add(AddressOctets.address(octets));
            }
        }
        return addresses;
    }

    /** Lets an address be reached on a link directly. */
    void addDirectRoute(int index, IpAddress destination) throws IOException {
        NetlinkMessage message = routing(destination.isV6(), destination.isV6() ? 128 : 32, STATIC, SCOPE_LINK);
        message.attribute(DESTINATION, AddressOctets.of(destination)).attribute(THROUGH, index);
        socket.change("adding a route to " + destination, message);
    }

    /** Lets all that is not reached otherwise go to a gateway. */
    void addDefaultRoute(int index, IpAddress gateway) throws IOException {
        NetlinkMessage message = routing(gateway.isV6(), 0, STATIC, SCOPE_UNIVERSE);
        message.attribute(GATEWAY, AddressOctets.of(gateway)).attribute(THROUGH, index);
        socket.change("adding a route by " + gateway, message);
    }

    /**
     * Lets a range of addresses be reached by a gateway, whatever way there was before.
     *
     * @param protocol by which such routes are known
     * @throws Kernel.Refusal if the gateway is on none of this machine's networks
     */
    void putRoute(IpPrefix destination, IpAddress gateway, int protocol) throws IOException {
        boolean isV6 = destination.first().isV6();
        NetlinkMessage message = routing(isV6, destination.length(), protocol, SCOPE_UNIVERSE);
        message.attribute(DESTINATION, AddressOctets.of(destination.first()))
                .attribute(GATEWAY, AddressOctets.of(gateway));
        socket.change("adding a route to " + destination + " by " + gateway, message);
    }

    private static NetlinkMessage routing(boolean isV6, int prefixLength, int protocol, int scope) {
        return NetlinkMessage.of(
                        NetlinkMessage.NEW_ROUTE,
                        NetlinkMessage.CREATE | NetlinkMessage.REPLACE | NetlinkMessage.ACKNOWLEDGE)
                .route(isV6 ? AF_INET6 : AF_INET, prefixLength, protocol, scope, UNICAST);
    }

    /** Takes a route away; right if there is none. */
    void removeRoute(IpPrefix destination, int protocol) throws IOException {
        NetlinkMessage message = NetlinkMessage.of(NetlinkMessage.DELETE_ROUTE, NetlinkMessage.ACKNOWLEDGE)
                .route(
                        destination.first().isV6() ? AF_INET6 : AF_INET,
                        destination.length(),
                        protocol,
                        SCOPE_UNIVERSE,
                        UNICAST)
                .attribute(DESTINATION, AddressOctets.of(destination.first()));
        try {
            socket.change("removing the route to " + destination, message);
        } catch (Kernel.Refusal e) {
            if (e.number() != Kernel.ESRCH) {
                throw e;
            }
        }
    }

    /** The routes of a protocol, that have a destination. */
    List<Route> routes(int protocol) throws IOException {
        List<Route> routes = new ArrayList<>();
        for (int family : List.of(AF_INET, AF_INET6)) {
            NetlinkMessage message = NetlinkMessage.of(NetlinkMessage.GET_ROUTE, NetlinkMessage.DUMP)
                    .route(family, 0, 0, 0, 0);
            for (ByteBuffer told : socket.ask("routes", message)) {
                Map<Integer, ByteBuffer> attributes = NetlinkReply.attributes(told, 12);
                ByteBuffer destination = attributes.get(DESTINATION);
                ByteBuffer gateway = attributes.get(GATEWAY);
                if ((told.get(5) & 0xff) == protocol && destination != null) {
                    routes.add(new Route(
                            new IpPrefix(AddressOctets.address(destination), told.get(1) & 0xff),
                            gateway == null ? null : AddressOctets.address(gateway)));
                }
            }
        }
        return routes;
    }

    /**
     * The links by which this machine reaches what is on none of its networks: of routes by a gateway, or to everywhere.
     */
    Set<Integer> waysOut() throws IOException {
        Set<Integer> links = new HashSet<>();
        for (int family : List.of(AF_INET, AF_INET6)) {
            NetlinkMessage message = NetlinkMessage.of(NetlinkMessage.GET_ROUTE, NetlinkMessage.DUMP)
                    .route(family, 0, 0, 0, 0);
            for (ByteBuffer told : socket.ask("routes", message)) {
                Map<Integer, ByteBuffer> attributes = NetlinkReply.attributes(told, 12);
                ByteBuffer through = attributes.get(THROUGH);
                boolean isToEverywhere = told.get(1) == 0 && told.get(7) == UNICAST;
                if (through != null && (isToEverywhere || attributes.containsKey(GATEWAY))) {
                    links.add(through.getInt(0));
                }
                ByteBuffer several = attributes.get(SEVERAL_WAYS);
                if (several != null) {
                    addWays(several, links);
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
