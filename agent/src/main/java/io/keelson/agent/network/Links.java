package io.keelson.agent.network;

import io.keelson.agent.netlink.Attributes;
import io.keelson.agent.netlink.Errno;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkMessage;
import io.keelson.agent.netlink.NetlinkRequests;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.agent.netlink.NetlinkWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The links of one network namespace, each call one message to the kernel, or a few. */
final class Links implements AutoCloseable {
    private static final int AF_UNSPEC = 0;
    private static final int AF_BRIDGE = 7;
    private static final int UP = 1;

    private static final int ADDRESS = 1;
    private static final int NAME = 3;
    private static final int MTU = 4;
    private static final int MASTER = 10;
    private static final int PORT_INFO = 12;
    private static final int LINK_INFO = 18;
    private static final int NAMESPACE = 28;
    private static final int KIND = 1;
    private static final int DATA = 2;
    private static final int PEER = 1;
    private static final int PORT_HAIRPIN = 4;
    private static final int PORT_LEARNING = 8;
    private static final int PORT_UNICAST_FLOOD = 9;
    private static final int PORT_ISOLATED = 33;

    private static final int HARDWARE = 2;
    private static final int FIXED = 0x40;
    private static final int OF_MASTER = 4;

    private static final int LOOPBACK = 1;

    private final NetlinkRequests requests;
    private final Routing routing;

    private Links(NetlinkSocket socket) {
        requests = new NetlinkRequests(socket);
        routing = new Routing(requests);
    }

    /** Those of a namespace. */
    static Links of(NetworkNamespace namespace) throws IOException, InterruptedException {
        return new Links(namespace.call(() -> new NetlinkSocket(NetlinkSocket.ROUTE)));
    }

    /** Those of the namespace of this thread. */
    static Links here() throws IOException {
        return new Links(new NetlinkSocket(NetlinkSocket.ROUTE));
    }

    /** The addresses and routes of the same namespace. */
    Routing routing() {
        return routing;
    }

    /**
     * A link.
     *
     * @param master the index of the bridge it is a port of; 0 if of none
     */
    record Link(String name, int index, boolean isUp, int master) {}

    /** A link by its name; null if there is none. */
    @Nullable
    Link find(String name) throws IOException {
        try {
            List<NetlinkMessage> found = requests.ask(
                    "link " + name,
                    RouteMessage.GET_LINK,
                    0,
                    message ->
                            message.raw(RouteMessage.link(AF_UNSPEC, 0, 0, 0)).text(NAME, name));
            return found.isEmpty() ? null : link(found.getFirst());
        } catch (NetlinkException e) {
            if (e.error() == Errno.ENODEV) {
                return null;
            }
            throw e;
        }
    }

    /** All links. */
    List<Link> all() throws IOException {
        List<NetlinkMessage> told = requests.ask(
                "links",
                RouteMessage.GET_LINK,
                NetlinkRequests.DUMP,
                message -> message.raw(RouteMessage.link(AF_UNSPEC, 0, 0, 0)));
        List<Link> links = new ArrayList<>();
        for (NetlinkMessage one : told) {
            links.add(link(one));
        }
        return links;
    }

    /** The names of the links by which this machine reaches what is on none of its networks. */
    Set<String> outward() throws IOException {
        Set<Integer> ways = routing.waysOut();
        Set<String> names = new TreeSet<>();
        for (Link link : all()) {
            if (ways.contains(link.index())) {
                names.add(link.name());
            }
        }
        return names;
    }

    private static Link link(NetlinkMessage told) throws IOException {
        if (told.body().limit() < RouteMessage.LINK_OCTETS) {
            throw new IOException("the kernel tells of a link in " + told.body().limit() + " octets");
        }
        Attributes attributes = told.attributes(RouteMessage.LINK_OCTETS);
        return new Link(
                attributes.text(NAME),
                told.body().getInt(4),
                (told.body().getInt(8) & UP) != 0,
                attributes.nativeNumber(MASTER, 0));
    }

    private void make(String what, Consumer<NetlinkWriter> link) throws NetlinkException {
        requests.change(what, RouteMessage.NEW_LINK, NetlinkRequests.CREATE | NetlinkRequests.EXCLUSIVE, message -> {
            message.raw(RouteMessage.link(AF_UNSPEC, 0, UP, UP));
            link.accept(message);
        });
    }

    private static void mtu(NetlinkWriter message, int mtu) {
        if (mtu != 0) {
            message.native32(MTU, mtu);
        }
    }

    /**
     * Makes a bridge, which is up.
     *
     * @param hardware its address, which else would change with its ports
     * @param mtu 0 for the kernel's choice
     * @throws NetlinkException {@link Errno#EEXIST} if there is a link of that name
     */
    void addBridge(String name, byte[] hardware, int mtu) throws IOException {
        make("making the bridge " + name, message -> {
            message.text(NAME, name).bytes(ADDRESS, hardware);
            mtu(message, mtu);
            int info = message.nest(LINK_INFO);
            message.text(KIND, "bridge").unnest(info);
        });
    }

    /**
     * Makes a pair of links: one here, as a port of a bridge, and one in another namespace, which is not up yet.
     *
     * @param bridge the bridge's index
     * @param peer the name of the other one
     * @param hardware the other's address
     * @param mtu 0 for the kernel's choice
     * @throws NetlinkException {@link Errno#EEXIST} if there is a link of one of the names
     */
    void addPair(String name, int bridge, String peer, byte[] hardware, Path namespace, int mtu) throws IOException {
        int descriptor = Kernel.open(namespace);
        try {
            make("making the links " + name + " and " + peer, message -> {
                message.text(NAME, name).native32(MASTER, bridge);
                mtu(message, mtu);
                int info = message.nest(LINK_INFO);
                int data = message.text(KIND, "veth").nest(DATA);
                int other = message.nest(PEER);
                message.raw(RouteMessage.link(AF_UNSPEC, 0, 0, 0))
                        .text(NAME, peer)
                        .bytes(ADDRESS, hardware)
                        .native32(NAMESPACE, descriptor);
                mtu(message, mtu);
                message.unnest(other).unnest(data).unnest(info);
            });
        } finally {
            Kernel.close(descriptor);
        }
    }

    /**
     * Lets a port of a bridge take back what came from it, and be nobody but who it is.
     *
     * @param hardware the address of who is at it
     * @param isIsolated whether it speaks to nobody but the bridge itself
     */
    void guardPort(String name, byte[] hardware, boolean isIsolated) throws IOException {
        Link link = find(name);
        if (link == null) {
            throw new IOException("the link " + name + " is gone");
        }
        setPort(
                link.index(),
                port -> port.number8(PORT_HAIRPIN, flag(true))
                        .number8(PORT_ISOLATED, flag(isIsolated))
                        .number8(PORT_LEARNING, flag(false))
                        .number8(PORT_UNICAST_FLOOD, flag(false)));
        requests.change(
                "telling who is at the port " + name,
                RouteMessage.NEW_NEIGHBOUR,
                NetlinkRequests.CREATE | NetlinkRequests.REPLACE,
                message -> message.raw(RouteMessage.neighbour(AF_BRIDGE, link.index(), FIXED, OF_MASTER))
                        .bytes(HARDWARE, hardware));
    }

    /** Lets a port speak to nobody but the bridge itself, or to others as well. */
    void isolatePort(int index, boolean isIsolated) throws IOException {
        setPort(index, port -> port.number8(PORT_ISOLATED, flag(isIsolated)));
    }

    private void setPort(int index, Consumer<NetlinkWriter> settings) throws IOException {
        requests.change("setting up a port of the bridge", RouteMessage.SET_LINK, 0, message -> {
            int port = message.raw(RouteMessage.link(AF_BRIDGE, index, 0, 0)).nest(PORT_INFO);
            settings.accept(message);
            message.unnest(port);
        });
    }

    private static int flag(boolean isSet) {
        return isSet ? 1 : 0;
    }

    /** Takes a link away; right if there is none. */
    void remove(String name) throws IOException {
        try {
            requests.change(
                    "removing the link " + name,
                    RouteMessage.DELETE_LINK,
                    0,
                    message ->
                            message.raw(RouteMessage.link(AF_UNSPEC, 0, 0, 0)).text(NAME, name));
        } catch (NetlinkException e) {
            if (e.error() != Errno.ENODEV) {
                throw e;
            }
        }
    }

    /** Lets the loopback link, or another one, be up. */
    void raise(int index) throws IOException {
        requests.change(
                "raising a link",
                RouteMessage.NEW_LINK,
                0,
                message -> message.raw(RouteMessage.link(AF_UNSPEC, index, UP, UP)));
    }

    /** Lets the loopback link be up. */
    void raiseLoopback() throws IOException {
        raise(LOOPBACK);
    }

    @Override
    public void close() {
        requests.close();
    }
}
