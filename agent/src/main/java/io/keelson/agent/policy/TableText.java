package io.keelson.agent.policy;

import io.keelson.agent.policy.TableChanges.TableChain;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The table as {@code nft} reads it. Two chains see what is forwarded, one after the other, so that what one lets pass the other
 * still may not: what pods send, then what comes to pods. What the node itself sends or takes is not forwarded, and so always
 * allowed.
 */
final class TableText {
    /** The table's family and name. */
    static final String TABLE = "inet keelson-policy";

    /** The table's name. */
    static final String NAME = "keelson-policy";

    private static final int ELEMENTS_PER_LINE = 200;
    private static final int COMMENT_LETTERS_MAX = 120;

    private final StringBuilder text = new StringBuilder();

    private TableText() {}

    /** The text by which the table is what it should be, whatever it was. */
    static String whole(TableChanges everything) {
        TableText written = new TableText();
        written.text.append(absence()).append("table ").append(TABLE).append(" {\n");
        written.text.append("  set presence { type inet_service; }\n");
        written.text.append("}\n");
        written.append(everything);
        written.bases();
        return written.text.toString();
    }

    /** The text by which a table that is as it was said last becomes what it should be; it fails if the table is not there. */
    static String changed(TableChanges changes) {
        TableText written = new TableText();
        written.text.append(presence());
        written.append(changes);
        return written.text.toString();
    }

    /** Changes nothing, and fails if the table is not there. */
    static String presence() {
        return "flush set " + TABLE + " presence\n";
    }

    /** The text by which there is no table. */
    static String absence() {
        return "add table " + TABLE + "\ndelete table " + TABLE + '\n';
    }

    private void bases() {
        text.append("table ").append(TABLE).append(" {\n");
        base(Direction.EGRESS, "filter - 1", "saddr");
        base(Direction.INGRESS, "filter", "daddr");
        text.append("}\n");
    }

    private void base(Direction direction, String priority, String side) {
        text.append("""
                  chain LABEL {
                    type filter hook forward priority PRIORITY; policy accept;
                    ct state established ct direction reply accept
                    ct state related meta l4proto { icmp, ipv6-icmp } accept
                    icmpv6 type NEIGHBOURS accept
                    ip saddr . ip daddr @self4 accept
                    ip6 saddr . ip6 daddr @self6 accept
                    ip SIDE vmap @LABEL4
                    ip6 SIDE vmap @LABEL6
                  }
                """.replace("LABEL", direction.label()).replace("PRIORITY", priority).replace("SIDE", side).replace(
                "NEIGHBOURS",
                "{ nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert,"
                        + " mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report }"));
    }

    private void append(TableChanges changes) {
        changes.newSets().forEach(this::declare);
        changes.newSets().forEach((name, set) -> {
            if (set.kind() != TableSet.Kind.CHAINS) {
                add(name, set.elements());
            }
        });
        changes.removed().forEach((set, keys) -> elements("delete", set, keys));
        for (String chain : changes.newChains()) {
            command("add chain", chain);
        }
        changes.chains()
                .forEach((name, chain) -> rules(name, chain, changes.newChains().contains(name)));
        changes.newSets().forEach((name, set) -> {
            if (set.kind() == TableSet.Kind.CHAINS) {
                add(name, set.elements());
            }
        });
        changes.added().forEach(this::add);
        for (String chain : changes.removedChains()) {
            command("flush chain", chain);
        }
        for (String chain : changes.removedChains()) {
            command("delete chain", chain);
        }
        for (String set : changes.removedSets()) {
            command("delete set", set);
        }
    }

    private void command(String verb, String name) {
        text.append(verb).append(' ').append(TABLE).append(' ').append(name).append('\n');
    }

    private void declare(String name, TableSet set) {
        text.append("add ")
                .append(set.word())
                .append(' ')
                .append(TABLE)
                .append(' ')
                .append(name)
                .append(" { type ")
                .append(set.type())
                .append("; ");
        if (!set.comment().isEmpty()) {
            String comment = set.comment().replaceAll("[^A-Za-z0-9._/:, \\[\\]-]", "_");
            text.append("comment \"")
                    .append(comment, 0, Math.min(comment.length(), COMMENT_LETTERS_MAX))
                    .append("\"; ");
        }
        text.append("}\n");
    }

    private void add(String set, Map<String, String> elements) {
        elements(
                "add",
                set,
                elements.entrySet().stream()
                        .map(element -> element.getValue().isEmpty()
                                ? element.getKey()
                                : element.getKey() + " : goto " + element.getValue())
                        .toList());
    }

    private void elements(String verb, String set, Collection<String> elements) {
        List<String> all = new ArrayList<>(elements);
        for (int from = 0; from < all.size(); from += ELEMENTS_PER_LINE) {
            text.append(verb)
                    .append(" element ")
                    .append(TABLE)
                    .append(' ')
                    .append(set)
                    .append(" { ")
                    .append(String.join(", ", all.subList(from, Math.min(all.size(), from + ELEMENTS_PER_LINE))))
                    .append(" }\n");
        }
    }

    private void rules(String name, TableChain chain, boolean isNew) {
        if (!isNew) {
            command("flush chain", name);
        }
        for (RuleLine line : chain.lines()) {
            text.append("add rule ").append(TABLE).append(' ').append(name);
            for (Condition condition : line.conditions()) {
                text.append(' ').append(condition(chain.direction(), condition));
            }
            text.append(' ').append(outcome(line.outcome())).append('\n');
        }
    }

    private static String outcome(RuleLine.Outcome outcome) {
        return switch (outcome) {
            case RuleLine.Outcome.Accept() -> "accept";
            case RuleLine.Outcome.Drop() -> "counter drop";
            case RuleLine.Outcome.Ask(String chain) -> "jump " + chain;
        };
    }

    private static String ip(boolean isV6) {
        return isV6 ? "ip6" : "ip";
    }

    private static String condition(Direction direction, Condition condition) {
        String peer = direction == Direction.INGRESS ? " saddr " : " daddr ";
        return switch (condition) {
            case Condition.InSet(boolean isV6, String set) -> ip(isV6) + peer + '@' + set;
            case Condition.InSpans(boolean isV6, List<AddressSpan> spans) ->
                spans.getFirst().isAll() ? "meta nfproto " + (isV6 ? "ipv6" : "ipv4") : ip(isV6) + peer + list(spans);
            case Condition.AtPorts(Protocol protocol, List<PortRange> ports) ->
                protocol.label()
                        + " dport "
                        + list(ports.stream()
                                .map(range -> range.first() == range.last()
                                        ? Integer.toString(range.first())
                                        : range.first() + "-" + range.last())
                                .toList());
            case Condition.OfProtocol(Protocol protocol) -> "meta l4proto " + protocol.label();
            case Condition.AtNamedPort(boolean isV6, Protocol protocol, String set) ->
                ip(isV6) + " daddr . " + protocol.label() + " dport @" + set;
        };
    }

    private static String list(Collection<?> values) {
        return values.stream().map(Object::toString).collect(Collectors.joining(", ", "{ ", " }"));
    }
}
