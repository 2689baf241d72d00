package io.keelson.agent.network;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private final NetlinkSocket socket;
    private final Routing routing;

    private Links(NetlinkSocket socket) {
        this.socket = socket;
        routing = new Routing(socket);
    }

    /** Those of a namespace. */
    static Links of(NetworkNamespace namespace) throws IOException, InterruptedException {
        return new Links(namespace.call(NetlinkSocket::new));
    }

    /** Those of the namespace of this thread. */
    static Links here() throws IOException {
        return new Links(new NetlinkSocket());
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
            List<ByteBuffer> found = socket.ask(
                    "link " + name,
                    NetlinkMessage.of(NetlinkMessage.GET_LINK, NetlinkMessage.ACKNOWLEDGE)
                            .link(AF_UNSPEC, 0, 0, 0)
                            .attribute(NAME, name));
            return found.isEmpty() ? null : link(found.getFirst());
        } catch (Kernel.Refusal e) {
            if (e.number() == Kernel.ENODEV) {
                return null;
            }
            throw e;
        }
    }

    /** All links. */
    List<Link> all() throws IOException {
        List<Link> links = new ArrayList<>();
        NetlinkMessage message =
                NetlinkMessage.of(NetlinkMessage.GET_LINK, NetlinkMessage.DUMP).link(AF_UNSPEC, 0, 0, 0);
        for (ByteBuffer told : socket.ask("links", message)) {
            links.add(link(told));
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

    private static Link link(ByteBuffer told) {
        Map<Integer, ByteBuffer> attributes = NetlinkReply.attributes(told, 16);
        ByteBuffer master = attributes.get(MASTER);
        return new Link(
                NetlinkReply.text(attributes.get(NAME)),
                told.getInt(4),
                (told.getInt(8) & UP) != 0,
                master == null ? 0 : master.getInt(0));
    }

    /**
     * Makes a bridge, which is up.
     *
     * @param hardware its address, which else would change with its ports
     * @param mtu 0 for the kernel's choice
     * @throws Kernel.Refusal {@code EEXIST} if there is a link of that name
     */
    void addBridge(String name, byte[] hardware, int mtu) throws IOException {
        NetlinkMessage message = creation().link(AF_UNSPEC, 0, UP, UP);
        message.attribute(NAME, name).attribute(ADDRESS, hardware);
        withMtu(message, mtu).nested(LINK_INFO, info -> info.attribute(KIND, "bridge"));
        socket.change("making the bridge " + name, message);
    }

    private static NetlinkMessage creation() {
        return NetlinkMessage.of(
                NetlinkMessage.NEW_LINK, NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE | NetlinkMessage.ACKNOWLEDGE);
    }

    private static NetlinkMessage withMtu(NetlinkMessage message, int mtu) {
        return mtu == 0 ? message : message.attribute(MTU, mtu);
    }

    /**
     * Makes a pair of links: one here, as a port of a bridge, and one in another namespace, which is not up yet.
     *
     * @param bridge the bridge's index
     * @param peer the name of the other one
     * @param hardware the other's address
     * @param mtu 0 for the kernel's choice
     * @throws Kernel.Refusal {@code EEXIST} if there is a link of one of the names
     */
    void addPair(String name, int bridge, String peer, byte[] hardware, Path namespace, int mtu) throws IOException {
        int descriptor = Kernel.open(namespace);
        try {
            NetlinkMessage message = creation().link(AF_UNSPEC, 0, UP, UP);
            message.attribute(NAME, name).attribute(MASTER, bridge);
            withMtu(message, mtu)
                    .nested(
                            LINK_INFO,
                            info -> info.attribute(KIND, "veth")
                                    .nested(
                                            DATA,
                                            data -> data.nested(PEER, other -> {
                                                other.link(AF_UNSPEC, 0, 0, 0)
                                                        .attribute(NAME, peer)
                                                        .attribute(ADDRESS, hardware)
                                                        .attribute(NAMESPACE, descriptor);
                                                withMtu(other, mtu);
                                            })));
            socket.change("making the links " + name + " and " + peer, message);
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
                port -> port.attribute(PORT_HAIRPIN, flag(true))
                        .attribute(PORT_ISOLATED, flag(isIsolated))
                        .attribute(PORT_LEARNING, flag(false))
                        .attribute(PORT_UNICAST_FLOOD, flag(false)));
        socket.change(
                "telling who is at the port " + name,
                NetlinkMessage.of(
                                NetlinkMessage.NEW_NEIGHBOUR,
                                NetlinkMessage.CREATE | NetlinkMessage.REPLACE | NetlinkMessage.ACKNOWLEDGE)
                        .neighbour(AF_BRIDGE, link.index(), FIXED, OF_MASTER)
                        .attribute(HARDWARE, hardware));
    }

    /** Lets a port speak to nobody but the bridge itself, or to others as well. */
    void isolatePort(int index, boolean isIsolated) throws IOException {
        setPort(index, port -> port.attribute(PORT_ISOLATED, flag(isIsolated)));
    }

    private void setPort(int index, Consumer<NetlinkMessage> settings) throws IOException {
        socket.change(
                "setting up a port of the bridge",
                NetlinkMessage.of(NetlinkMessage.SET_LINK, NetlinkMessage.ACKNOWLEDGE)
                        .link(AF_BRIDGE, index, 0, 0)
                        .nested(PORT_INFO, settings));
    }

    private static byte[] flag(boolean isSet) {
        return new byte[] {(byte) (isSet ? 1 : 0)};
    }

    /** Takes a link away; right if there is none. */
    void remove(String name) throws IOException {
        try {
            socket.change(
                    "removing the link " + name,
                    NetlinkMessage.of(NetlinkMessage.DELETE_LINK, NetlinkMessage.ACKNOWLEDGE)
                            .link(AF_UNSPEC, 0, 0, 0)
                            .attribute(NAME, name));
        } catch (Kernel.Refusal e) {
            if (e.number() != Kernel.ENODEV) {
                throw e;
            }
        }
    }

    /** Lets the loopback link, or another one, be up. */
    void raise(int index) throws IOException {
        socket.change(
                "raising a link",
                NetlinkMessage.of(NetlinkMessage.NEW_LINK, NetlinkMessage.ACKNOWLEDGE)
                        .link(AF_UNSPEC, index, UP, UP));
    }

    /** Lets the loopback link be up. */
    void raiseLoopback() throws IOException {
        raise(LOOPBACK);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
