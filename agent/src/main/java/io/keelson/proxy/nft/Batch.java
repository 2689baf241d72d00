package io.keelson.proxy.nft;

import io.keelson.agent.netlink.NetlinkWriter;
import io.keelson.proxy.rules.ElementKey;
import io.keelson.proxy.rules.ElementValue;
import io.keelson.proxy.rules.Octets;
import io.keelson.proxy.rules.TableSet;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Messages that the kernel takes as one: all of them, or none. */
final class Batch {
    /** An attribute has less than 64 KiB; an element less than 2. */
    private static final int LIST_BYTES_MAX = 60_000;

    private final int family;
    private final String table;
    private final NetlinkWriter writer;
    private final Map<Integer, String> meanings = new HashMap<>();
    private int last;
    private int setId;

    /** @param family as the kernel numbers it */
    Batch(int family, String table, NetlinkWriter writer) {
        this.family = family;
        this.table = table;
        this.writer = writer;
        border(Nft.BATCH_BEGIN);
    }

    private void border(int type) {
        int _ = writer.begin(type, Nft.REQUEST);
        writer.netfilterHeader(0, Nft.SUBSYSTEM);
        writer.end();
    }

    private NetlinkWriter begin(int message, int flags, String meaning) {
        // Each answers, so that the last one does, which tells that all went well.
        last = writer.begin(Nft.SUBSYSTEM << 8 | message, Nft.REQUEST | Nft.ACKNOWLEDGE | flags);
        meanings.put(last, meaning);
        return writer.netfilterHeader(family, 0).text(Nft.TABLE, table);
    }

    /** Whether nothing is to be done. */
    boolean isEmpty() {
        return meanings.isEmpty();
    }

    /** The table is there afterwards. */
    void addTable() {
        begin(Nft.NEW_TABLE, Nft.CREATE, "make the table");
        writer.end();
    }

    /** The table goes with all that it holds. */
    void deleteTable() {
        begin(Nft.DELETE_TABLE, 0, "delete the table");
        writer.end();
    }

    void addChain(String name) {
        begin(Nft.NEW_CHAIN, Nft.CREATE, "make the chain " + name).text(Nft.CHAIN_NAME, name);
        writer.end();
    }

    void addChain(BaseChain chain) {
        begin(Nft.NEW_CHAIN, Nft.CREATE, "make the chain " + chain.name()).text(Nft.CHAIN_NAME, chain.name());
        int hook = writer.nest(Nft.CHAIN_HOOK);
        writer.number32(Nft.HOOK_NUMBER, chain.hook()).number32(Nft.HOOK_PRIORITY, chain.priority());
        writer.unnest(hook).text(Nft.CHAIN_TYPE, chain.type());
        writer.end();
    }

    /** Its rules have to be gone. */
    void deleteChain(String name) {
        begin(Nft.DELETE_CHAIN, 0, "delete the chain " + name).text(Nft.CHAIN_NAME, name);
        writer.end();
    }

    void addRule(String chain, Rule rule) {
        begin(Nft.NEW_RULE, Nft.CREATE | Nft.APPEND, "add a rule to the chain " + chain)
                .text(Nft.RULE_CHAIN, chain);
        int expressions = writer.nest(Nft.RULE_EXPRESSIONS);
        writer.raw(rule.expressions()).unnest(expressions);
        writer.bytes(Nft.RULE_USERDATA, rule.tag().toArray());
        writer.end();
    }

    /** All rules of a chain go. */
    void flush(String chain) {
        begin(Nft.DELETE_RULE, 0, "flush the chain " + chain).text(Nft.RULE_CHAIN, chain);
        writer.end();
    }

    void addSet(SetShape.Named set) {
        SetShape shape = set.shape();
        begin(Nft.NEW_SET, Nft.CREATE, "make the set " + set.name())
                .text(Nft.SET_NAME, set.name())
                .number32(Nft.SET_FLAGS, shape.flags())
                .number32(Nft.SET_KEY_TYPE, set.keyType())
                .number32(Nft.SET_KEY_LENGTH, shape.keyBytes())
                .number32(Nft.SET_ID, ++setId);
        if (shape.data() != 0) {
            writer.number32(Nft.SET_DATA_TYPE, shape.data()).number32(Nft.SET_DATA_LENGTH, shape.dataBytes());
        }
        boolean isBounded = (shape.flags() & Nft.FLAG_EVALUATED) != 0;
        if (isBounded || !set.fields().isEmpty()) {
            int description = writer.nest(Nft.SET_DESCRIPTION);
            if (isBounded) {
                writer.number32(Nft.DESCRIPTION_SIZE, SetShape.AFFINITY_ELEMENTS_MAX);
            }
            if (!set.fields().isEmpty()) {
                int fields = writer.nest(Nft.DESCRIPTION_CONCATENATION);
                for (int bytes : set.fields()) {
                    int field = writer.nest(Nft.LIST_ELEMENT);
                    writer.number32(Nft.FIELD_LENGTH, bytes).unnest(field);
                }
                writer.unnest(fields);
            }
            writer.unnest(description);
        }
        if (set.notes().length() > 0) {
            writer.bytes(Nft.SET_USERDATA, set.notes().toArray());
        }
        writer.end();
    }

    /** All elements of a set go. */
    void flushSet(TableSet set) {
        begin(Nft.DELETE_ELEMENT, 0, "flush " + set.label()).text(Nft.ELEMENTS_SET, set.label());
        writer.end();
    }

    void addElements(TableSet set, Map<ElementKey, ElementValue> elements) {
        elements(Nft.NEW_ELEMENT, Nft.CREATE, "add elements to ", set, elements, (key, value) -> {
            key(set, key.key());
            value(value);
        });
    }

    void deleteElements(TableSet set, List<ElementKey> elements) {
        Map<ElementKey, ElementValue> all = new LinkedHashMap<>();
        elements.forEach(key -> all.put(key, ElementValue.NONE));
        elements(Nft.DELETE_ELEMENT, 0, "delete elements of ", set, all, (key, _) -> key(set, key.key()));
    }

    private void elements(
            int message,
            int flags,
            String meaning,
            TableSet set,
            Map<ElementKey, ElementValue> elements,
            BiConsumer<ElementKey, ElementValue> body) {
        int list = -1;
        for (Map.Entry<ElementKey, ElementValue> element : elements.entrySet()) {
            if (list >= 0 && writer.size(list) > LIST_BYTES_MAX) {
                writer.unnest(list);
                writer.end();
                list = -1;
            }
            if (list < 0) {
                begin(message, flags, meaning + set.label()).text(Nft.ELEMENTS_SET, set.label());
                list = writer.nest(Nft.ELEMENTS);
            }
            int one = writer.nest(Nft.LIST_ELEMENT);
            body.accept(element.getKey(), element.getValue());
            writer.unnest(one);
        }
        if (list >= 0) {
            writer.unnest(list);
            writer.end();
        }
    }

    private void key(TableSet set, Octets key) {
        if (set.isRanges()) {
            int half = key.length() / 2;
            data(Nft.ELEMENT_KEY, key.slice(0, half));
            data(Nft.ELEMENT_KEY_END, key.slice(half, key.length()));
        } else {
            data(Nft.ELEMENT_KEY, key);
        }
    }

    private void data(int type, Octets value) {
        int data = writer.nest(type);
        writer.bytes(Nft.DATA_VALUE, value.toArray()).unnest(data);
    }

    private void value(ElementValue value) {
        if (value.data().length() > 0) {
            data(Nft.ELEMENT_DATA, value.data());
        }
        if (!value.chain().isEmpty()) {
            int data = writer.nest(Nft.ELEMENT_DATA);
            int verdict = writer.nest(Nft.DATA_OF_VERDICT);
            writer.number32(Nft.VERDICT_CODE, Nft.GOTO)
                    .text(Nft.VERDICT_CHAIN, value.chain())
                    .unnest(verdict);
            writer.unnest(data);
        }
        if (!value.comment().isEmpty()) {
            byte[] text = value.comment().getBytes(StandardCharsets.US_ASCII);
            byte[] comment = new byte[text.length + 3];
            comment[1] = (byte) (text.length + 1);
            System.arraycopy(text, 0, comment, 2, text.length);
            writer.bytes(Nft.ELEMENT_USERDATA, comment);
        }
    }

    /** How many bytes it has so far. */
    int size() {
        return writer.size();
    }

    /** Ends it, and returns its messages. */
    NetlinkWriter written() {
        border(Nft.BATCH_END);
        return writer;
    }

    /** The number of the message whose answer comes last. */
    int last() {
        return last;
    }

    /** What a message was to do. */
    String meaning(int sequence) {
        return meanings.getOrDefault(sequence, "write rules");
    }
}
