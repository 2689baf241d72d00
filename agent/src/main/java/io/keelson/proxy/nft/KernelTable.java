package io.keelson.proxy.nft;

import io.keelson.agent.netlink.Attributes;
import io.keelson.agent.netlink.Errno;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkMessage;
import io.keelson.agent.netlink.NetlinkRequests;
import io.keelson.proxy.rules.ElementKey;
import io.keelson.proxy.rules.ElementValue;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.Octets;
import io.keelson.proxy.rules.TableSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads and writes a table in the kernel. Belongs to one thread. */
final class KernelTable {
    private static final int READS_MAX = 10;
    private static final int IPV4 = 2;
    private static final int IPV6 = 10;

    private final NetlinkRequests requests;
    private final int family;
    private final String name;

    KernelTable(NetlinkRequests requests, Family family, String name) {
        this(requests, number(family), name);
    }

    /** @param family as the kernel numbers it */
    KernelTable(NetlinkRequests requests, int family, String name) {
        this.requests = requests;
        this.family = family;
        this.name = name;
    }

    /** A family as the kernel numbers it. */
    static int number(Family family) {
        return family == Family.IPV4 ? IPV4 : IPV6;
    }

    /** A batch of changes to it. */
    Batch batch() {
        return new Batch(family, name, requests.writer());
    }

    /**
     * Writes a batch.
     *
     * @throws NetlinkException if the kernel refuses it; then nothing has changed
     */
    void write(Batch batch) throws NetlinkException {
        if (!batch.isEmpty()) {
            requests.transact(batch.written(), batch.last(), batch::meaning);
        }
    }

    /** A number that grows with each change that anybody makes to rules. */
    int generation() throws NetlinkException {
        int[] generation = new int[1];
        ask(Nft.GET_GENERATION, 0, null, message -> {
            if (message.type() == (Nft.SUBSYSTEM << 8 | Nft.NEW_GENERATION)) {
                generation[0] = (int) message.attributes().number(Nft.GENERATION_ID, 0);
            }
        });
        return generation[0];
    }

    /**
     * The table as it is.
     *
     * @param sets those whose elements are read
     * @return null if there is none
     */
    @Nullable
    ObservedTable observe(Set<TableSet> sets) throws NetlinkException {
        for (int i = 0; i < READS_MAX; i++) {
            try {
                return read(sets);
            } catch (NetlinkException e) {
                // Others write at the same time; soon they will have.
                if (e.error() != Errno.ENOENT && e.error() != Errno.EINTR) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
        throw new NetlinkException("read the table " + name + ", which changes all the time", Errno.EAGAIN);
    }

    boolean exists() throws NetlinkException {
        boolean[] found = new boolean[1];
        try {
            ask(Nft.GET_TABLE, NetlinkRequests.DUMP, null, message -> {
                if (message.attributes().text(Nft.TABLE).equals(name)) {
                    found[0] = true;
                }
            });
        } catch (NetlinkException e) {
            if (e.error() != Errno.EINTR) {
                throw e;
            }
        }
        return found[0];
    }

    private @Nullable ObservedTable read(Set<TableSet> sets) throws NetlinkException {
        if (!exists()) {
            return null;
        }
        ObservedTable table = new ObservedTable(new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>());
        ask(Nft.GET_CHAIN, NetlinkRequests.DUMP, null, message -> readChain(message.attributes(), table));
        ask(Nft.GET_RULE, NetlinkRequests.DUMP, null, message -> readRule(message.attributes(), table));
        ask(Nft.GET_SET, NetlinkRequests.DUMP, null, message -> readSet(message.attributes(), table));
        for (TableSet set : sets) {
            if (table.sets().containsKey(set.label())) {
                ask(
                        Nft.GET_ELEMENT,
                        NetlinkRequests.DUMP,
                        set.label(),
                        message -> readElements(message.attributes(), set, table));
            }
        }
        return table;
    }

    private boolean isOurs(Attributes attributes) {
        return attributes.text(Nft.TABLE).equals(name);
    }

    private void readChain(Attributes attributes, ObservedTable table) {
        if (!isOurs(attributes)) {
            return;
        }
        String chain = attributes.text(Nft.CHAIN_NAME);
        table.chains().put(chain, new ArrayList<>());
        if (attributes.has(Nft.CHAIN_HOOK)) {
            Attributes hook = attributes.nested(Nft.CHAIN_HOOK);
            table.bases()
                    .put(
                            chain,
                            new BaseChain(
                                    chain,
                                    attributes.text(Nft.CHAIN_TYPE),
                                    (int) hook.number(Nft.HOOK_NUMBER, -1),
                                    (int) hook.number(Nft.HOOK_PRIORITY, 0)));
        }
    }

    private void readRule(Attributes attributes, ObservedTable table) {
        List<Octets> rules = table.chains().get(attributes.text(Nft.RULE_CHAIN));
        if (isOurs(attributes) && rules != null) {
            byte[] tag = attributes.bytes(Nft.RULE_USERDATA);
            rules.add(tag == null ? Octets.EMPTY : Octets.of(tag));
        }
    }

    private void readSet(Attributes attributes, ObservedTable table) {
        if (!isOurs(attributes)) {
            return;
        }
        int data = (int) attributes.number(Nft.SET_DATA_TYPE, 0);
        SetShape shape = new SetShape(
                (int) attributes.number(Nft.SET_FLAGS, 0),
                (int) attributes.number(Nft.SET_KEY_LENGTH, 0),
                data,
                // Of verdicts the kernel says how long they are in its memory.
                data == Nft.DATA_VERDICT ? 0 : (int) attributes.number(Nft.SET_DATA_LENGTH, 0));
        table.sets().put(attributes.text(Nft.SET_NAME), shape);
    }

    private static void readElements(Attributes attributes, TableSet set, ObservedTable table) {
        for (var element : attributes.elements(Nft.ELEMENTS)) {
            Attributes one = Attributes.of(element);
            Octets key = octets(one, Nft.ELEMENT_KEY);
            if (set.isRanges()) {
                key = key.then(octets(one, Nft.ELEMENT_KEY_END));
            }
            table.elements().put(new ElementKey(set, key), value(one));
        }
    }

    private static Octets octets(Attributes element, int type) {
        byte[] bytes = element.nested(type).bytes(Nft.DATA_VALUE);
        return bytes == null ? Octets.EMPTY : Octets.of(bytes);
    }

    private static ElementValue value(Attributes element) {
        String comment = comment(element.bytes(Nft.ELEMENT_USERDATA));
        Attributes data = element.nested(Nft.ELEMENT_DATA);
        if (!data.has(Nft.DATA_OF_VERDICT)) {
            return new ElementValue(octets(element, Nft.ELEMENT_DATA), "", comment);
        }
        Attributes verdict = data.nested(Nft.DATA_OF_VERDICT);
        boolean isGoto = (int) verdict.number(Nft.VERDICT_CODE, 0) == Nft.GOTO;
        // What is no goto is none of ours, whatever it leads to.
        return new ElementValue(Octets.EMPTY, isGoto ? verdict.text(Nft.VERDICT_CHAIN) : "?", comment);
    }

    /** The comment of an element, if that is what comes first in what the kernel keeps with it. */
    private static String comment(byte @Nullable [] kept) {
        if (kept == null || kept.length < 3 || kept[0] != 0 || (kept[1] & 0xff) > kept.length - 2 || kept[1] == 0) {
            return "";
        }
        return new String(kept, 2, (kept[1] & 0xff) - 1, StandardCharsets.US_ASCII);
    }

    private void ask(int message, int flags, @Nullable String set, Consumer<NetlinkMessage> answers)
            throws NetlinkException {
        boolean ofTable = message != Nft.GET_GENERATION && message != Nft.GET_TABLE;
        requests.ask(
                "read rules",
                Nft.SUBSYSTEM << 8 | message,
                flags,
                writer -> {
                    writer.netfilterHeader(message == Nft.GET_GENERATION ? 0 : family, 0);
                    if (ofTable) {
                        writer.text(Nft.TABLE, name);
                    }
                    if (set != null) {
                        writer.text(Nft.ELEMENTS_SET, set);
                    }
                },
                answers);
    }
}
