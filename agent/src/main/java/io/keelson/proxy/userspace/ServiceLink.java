package io.keelson.proxy.userspace;

import io.keelson.agent.netlink.Errno;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkRequests;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.agent.netlink.NetlinkWriter;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.proxy.rules.Octets;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** An interface of our own that leads nowhere and has the addresses of Services. Belongs to one thread. */
final class ServiceLink implements LocalAddresses {
    /** What it is called. */
    static final String NAME = "keelson-svc";

    private static final int NEW_LINK = 16;
    private static final int DELETE_LINK = 17;
    private static final int GET_LINK = 18;
    private static final int NEW_ADDRESS = 20;
    private static final int DELETE_ADDRESS = 21;
    private static final int LINK_BYTES = 16;
    private static final int IFF_UP = 1;
    private static final int LINK_NAME = 3;
    private static final int LINK_INFO = 18;
    private static final int INFO_KIND = 1;
    private static final int ADDRESS_LOCAL = 2;
    private static final int ADDRESS_NO_DAD = 2;

    private final NetlinkRequests requests;
    private final int index;

    /**
     * The interface, which is made if it is not there.
     *
     * @param socket of {@link NetlinkSocket#ROUTE}
     */
    ServiceLink(NetlinkSocket socket) throws NetlinkException {
        requests = new NetlinkRequests(socket);
        int known = find();
        if (known == 0) {
            make();
            known = find();
        }
        index = known;
    }

    private void make() throws NetlinkException {
        try {
            make("dummy");
        } catch (NetlinkException e) {
            // Not every kernel has these; a bridge without ports does as well.
            make("bridge");
        }
    }

    private static byte[] link(int index, int flags) {
        return ByteBuffer.allocate(LINK_BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(0)
                .putInt(index)
                .putInt(flags)
                .putInt(flags)
                .array();
    }

    private void make(String kind) throws NetlinkException {
        requests.change(
                "make the interface " + NAME, NEW_LINK, NetlinkRequests.CREATE | NetlinkRequests.EXCLUSIVE, writer -> {
                    writer.raw(link(0, IFF_UP)).text(LINK_NAME, NAME);
                    int info = writer.nest(LINK_INFO);
                    writer.bytes(INFO_KIND, kind.getBytes(StandardCharsets.US_ASCII))
                            .unnest(info);
                });
    }

    /** Its number; 0 if it is not there. */
    private int find() throws NetlinkException {
        int[] found = new int[1];
        try {
            requests.ask(
                    "look for the interface " + NAME,
                    GET_LINK,
                    0,
                    writer -> writer.raw(link(0, 0)).text(LINK_NAME, NAME),
                    answer -> {
                        if (answer.type() == NEW_LINK && answer.body().limit() >= LINK_BYTES) {
                            found[0] = answer.body().getInt(4);
                        }
                    });
        } catch (NetlinkException e) {
            if (e.error() != Errno.ENODEV) {
                throw e;
            }
        }
        return found[0];
    }

    private void change(int type, int flags, IpAddress address, String what, int harmless) throws NetlinkException {
        byte[] bytes = Octets.of(address).toArray();
        byte[] fixed = ByteBuffer.allocate(8)
                .order(ByteOrder.nativeOrder())
                .put((byte) (address.isV6() ? 10 : 2))
                .put((byte) (bytes.length * 8))
                .put((byte) (address.isV6() ? ADDRESS_NO_DAD : 0))
                .put((byte) 0)
                .putInt(index)
                .array();
        tell(
                what + " " + address,
                type,
                flags,
                harmless,
                writer -> writer.raw(fixed).bytes(ADDRESS_LOCAL, bytes));
    }

    private void tell(String what, int type, int flags, int harmless, Consumer<NetlinkWriter> body)
            throws NetlinkException {
        try {
            requests.change(what, type, flags, body);
        } catch (NetlinkException e) {
            if (e.error() != harmless) {
                throw e;
            }
        }
    }

    @Override
    public void add(IpAddress address) throws NetlinkException {
        change(NEW_ADDRESS, NetlinkRequests.CREATE, address, "give the node the address", Errno.EEXIST);
    }

    @Override
    public void remove(IpAddress address) throws NetlinkException {
        change(DELETE_ADDRESS, 0, address, "take the node the address", Errno.EADDRNOTAVAIL);
    }

    /** The interface goes, with all its addresses. */
    void delete() throws NetlinkException {
        tell("delete the interface " + NAME, DELETE_LINK, 0, Errno.ENODEV, writer -> writer.raw(link(index, 0)));
    }
}
