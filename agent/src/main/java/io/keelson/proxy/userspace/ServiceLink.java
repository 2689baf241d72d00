package io.keelson.proxy.userspace;

import io.keelson.agent.netlink.Errno;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkMessage;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.agent.netlink.NetlinkWriter;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.proxy.rules.Octets;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An interface of our own that leads nowhere and has the addresses of Services. Belongs to one thread. */
final class ServiceLink implements LocalAddresses {
    /** What it is called. */
    static final String NAME = "keelson-svc";

    private static final int NEW_LINK = 16;
    private static final int DELETE_LINK = 17;
    private static final int GET_LINK = 18;
    private static final int NEW_ADDRESS = 20;
    private static final int DELETE_ADDRESS = 21;
    private static final int REQUEST = 1;
    private static final int ACKNOWLEDGE = 4;
    private static final int EXCLUSIVE = 0x200;
    private static final int CREATE = 0x400;
    private static final int LINK_BYTES = 16;
    private static final int IFF_UP = 1;
    private static final int LINK_NAME = 3;
    private static final int LINK_INFO = 18;
    private static final int INFO_KIND = 1;
    private static final int ADDRESS_LOCAL = 2;
    private static final int ADDRESS_NO_DAD = 2;
    private static final int ENODEV = 19;
    private static final int EADDRNOTAVAIL = 99;
    private static final int ANSWER_MILLIS_MAX = 5000;

    private final NetlinkSocket socket;
    private final int index;
    private int sequence = 1;

    /**
     * The interface, which is made if it is not there.
     *
     * @param socket of {@link NetlinkSocket#ROUTE}
     */
    ServiceLink(NetlinkSocket socket) throws NetlinkException {
        this.socket = socket;
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

    private NetlinkWriter begin(int type, int flags) {
        NetlinkWriter writer = new NetlinkWriter(sequence);
        int _ = writer.begin(type, REQUEST | ACKNOWLEDGE | flags);
        return writer;
    }

    private void make(String kind) throws NetlinkException {
        NetlinkWriter writer = begin(NEW_LINK, CREATE | EXCLUSIVE);
        writer.raw(link(0, IFF_UP)).text(LINK_NAME, NAME);
        int info = writer.nest(LINK_INFO);
        writer.bytes(INFO_KIND, kind.getBytes(StandardCharsets.US_ASCII)).unnest(info);
        writer.end();
        tell(writer, "make the interface " + NAME, 0);
    }

    /** Its number; 0 if it is not there. */
    private int find() throws NetlinkException {
        NetlinkWriter writer = begin(GET_LINK, 0);
        writer.raw(link(0, 0)).text(LINK_NAME, NAME);
        writer.end();
        int[] found = new int[1];
        for (NetlinkMessage answer : send(writer)) {
            if (answer.type() == NEW_LINK && answer.body().limit() >= LINK_BYTES) {
                found[0] = answer.body().getInt(4);
            } else if (answer.type() == NetlinkMessage.ERROR && answer.error() != 0 && answer.error() != ENODEV) {
                throw new NetlinkException("look for the interface " + NAME, answer.error());
            }
        }
        return found[0];
    }

    private List<NetlinkMessage> send(NetlinkWriter writer) throws NetlinkException {
        while (!socket.receive(0).isEmpty()) {
            // Answers to what was asked before are nobody's.
            Thread.onSpinWait();
        }
        sequence = writer.sequence();
        socket.send(writer.written());
        List<NetlinkMessage> answers = socket.receive(ANSWER_MILLIS_MAX);
        if (answers.isEmpty()) {
            throw new NetlinkException("change interfaces: no answer", Errno.EAGAIN);
        }
        return answers;
    }

    private void tell(NetlinkWriter writer, String what, int harmless) throws NetlinkException {
        for (NetlinkMessage answer : send(writer)) {
            if (answer.type() == NetlinkMessage.ERROR && answer.error() != 0 && answer.error() != harmless) {
                throw new NetlinkException(what, answer.error());
            }
        }
    }

    private void change(int type, int flags, IpAddress address, String what, int harmless) throws NetlinkException {
        byte[] bytes = Octets.of(address).toArray();
        NetlinkWriter writer = begin(type, flags);
        writer.raw(ByteBuffer.allocate(8)
                .order(ByteOrder.nativeOrder())
                .put((byte) (address.isV6() ? 10 : 2))
                .put((byte) (bytes.length * 8))
                .put((byte) (address.isV6() ? ADDRESS_NO_DAD : 0))
                .put((byte) 0)
                .putInt(index)
                .array());
        writer.bytes(ADDRESS_LOCAL, bytes);
        writer.end();
        tell(writer, what + " " + address, harmless);
    }

    @Override
    public void add(IpAddress address) throws NetlinkException {
        change(NEW_ADDRESS, CREATE, address, "give the node the address", Errno.EEXIST);
    }

    @Override
    public void remove(IpAddress address) throws NetlinkException {
        change(DELETE_ADDRESS, 0, address, "take the node the address", EADDRNOTAVAIL);
    }

    /** The interface goes, with all its addresses. */
    void delete() throws NetlinkException {
        NetlinkWriter writer = begin(DELETE_LINK, 0);
        writer.raw(link(index, 0));
        writer.end();
        tell(writer, "delete the interface " + NAME, ENODEV);
    }
}
