package io.keelson.proxy.nft;

import io.keelson.agent.netlink.Errno;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkMessage;
import io.keelson.agent.netlink.NetlinkRequests;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.agent.netlink.NetlinkWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The tables of rules that parts of a node have made, in all families: those whose names begin with {@code keelson-}. For
 * who gives the machine back; it asks the kernel itself, as the program {@code nft} is not everywhere, and some of its
 * versions end on a table that they do not understand. Belongs to one thread.
 */
public final class OwnTables {
    private static final int ANSWER_MILLIS_MAX = 5000;
    private static final int READS_MAX = 10;
    private static final Pattern NAME = Pattern.compile("keelson-[A-Za-z0-9_-]+");
    private static final Map<Integer, String> FAMILIES =
            Map.of(1, "inet", 2, "ip", 3, "arp", 5, "netdev", 7, "bridge", 10, "ip6");

    private final NetlinkSocket socket;
    private int sequence = 1;

    /** @param socket of {@link NetlinkSocket#NETFILTER} */
    public OwnTables(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * A table.
     *
     * @param family as the kernel numbers it
     */
    public record Table(int family, String name) {
        /** As {@code inet keelson-network}. */
        @Override
        public String toString() {
            return FAMILIES.getOrDefault(family, Integer.toString(family)) + " " + name;
        }
    }

    /**
     * Those that are there.
     *
     * @throws NetlinkException if the kernel does not tell, as it tells only root
     */
    public List<Table> list() throws NetlinkException {
        for (int i = 0; i < READS_MAX; i++) {
            List<Table> tables = new ArrayList<>();
            if (read(tables)) {
                return tables;
            }
        }
        throw new NetlinkException("read tables of rules, which change all the time", Errno.EAGAIN);
    }

    /** Whether nobody changed anything meanwhile. */
    private boolean read(List<Table> tables) throws NetlinkException {
        NetlinkWriter writer = new NetlinkWriter(sequence);
        int number = writer.begin(Nft.SUBSYSTEM << 8 | Nft.GET_TABLE, Nft.REQUEST | NetlinkRequests.DUMP);
        writer.netfilterHeader(0, 0);
        writer.end();
        sequence = writer.sequence();
        socket.send(writer.written());
        boolean isWhole = true;
        while (true) {
            List<NetlinkMessage> answers = socket.receive(ANSWER_MILLIS_MAX);
            if (answers.isEmpty()) {
                throw new NetlinkException("read tables of rules: no answer", Errno.EAGAIN);
            }
            for (NetlinkMessage answer : answers) {
                if (answer.sequence() != number) {
                    continue;
                }
                isWhole &= (answer.flags() & NetlinkMessage.FLAG_INTERRUPTED) == 0;
                if (answer.type() == NetlinkMessage.ERROR || answer.type() == NetlinkMessage.DONE) {
                    if (answer.error() == Errno.EINTR) {
                        return false;
                    }
                    if (answer.error() != 0) {
                        throw new NetlinkException("read tables of rules", answer.error());
                    }
                    return isWhole;
                }
                String name = answer.attributes().text(Nft.TABLE);
                if (NAME.matcher(name).matches() && answer.body().limit() > 0) {
                    tables.add(new Table(answer.body().get(0) & 0xff, name));
                }
            }
        }
    }

    /**
     * Takes a table away with all that it holds; right if it is gone.
     *
     * @throws NetlinkException if the kernel refuses it
     */
    public void remove(Table table) throws NetlinkException {
        if (!NAME.matcher(table.name()).matches()) {
            throw new IllegalArgumentException("the table " + table + " is not one of ours");
        }
        KernelTable kernel = new KernelTable(new NetlinkRequests(socket), table.family(), table.name());
        Batch batch = kernel.batch();
        batch.deleteTable();
        try {
            kernel.write(batch);
        } catch (NetlinkException e) {
            if (e.error() != Errno.ENOENT) {
                throw e;
            }
        }
    }
}
