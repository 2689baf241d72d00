package io.keelson.proxy.nft;

import io.keelson.controllers.objects.IpPrefix;
import io.keelson.proxy.rules.ChoiceChain;
import io.keelson.proxy.rules.Denial;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.LocalTraffic;
import io.keelson.proxy.rules.Octets;
import io.keelson.proxy.rules.TableSet;
import io.keelson.proxy.rules.Treatment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The chains and rules of a family's table, of which most are the same for any Services. All of them can be said in
 * nft's own language, so that the program {@code nft} lists them, and takes back what it listed. That language hands
 * nothing on from rule to rule: each looks up again what the packet is for, which only the first packet of a connection
 * comes to.
 */
final class Skeleton {
    private static final String SERVICES = "services";
    private static final String FIREWALL = "firewall";
    private static final String UNSERVED = "unserved";
    private static final String UNKNOWN_PORTS = "unknown-ports";
    private static final String POSTROUTING = "postrouting";
    private static final String RAW_PREROUTING = "raw-prerouting";

    private static final int KEY = Expressions.REGISTERS;
    private static final long MILLIS = 1000;
    /** How often an endpoint is drawn. With so many, less than one in two hundred and fifty times it is of no use. */
    private static final int DRAWS = 8;

    private static final List<BaseChain> BASES = List.of(
            new BaseChain("nat-prerouting", "nat", BaseChain.PREROUTING, -100),
            new BaseChain("nat-output", "nat", BaseChain.OUTPUT, -100),
            new BaseChain(POSTROUTING, "nat", BaseChain.POSTROUTING, 100),
            new BaseChain("filter-prerouting", "filter", BaseChain.PREROUTING, -110),
            new BaseChain("filter-output-before", "filter", BaseChain.OUTPUT, -110),
            new BaseChain("filter-input", "filter", BaseChain.INPUT, 0),
            new BaseChain("filter-forward", "filter", BaseChain.FORWARD, 0),
            new BaseChain("filter-output", "filter", BaseChain.OUTPUT, 0),
            new BaseChain(RAW_PREROUTING, "filter", BaseChain.PREROUTING, -300));

    private final TableSettings settings;
    private final boolean isV6;
    private final int bit;
    private final Map<String, List<Rule>> chains = new LinkedHashMap<>();

    Skeleton(TableSettings settings) {
        this.settings = settings;
        isV6 = settings.family() == Family.IPV6;
        bit = 1 << settings.masqueradeBit();
        for (BaseChain base : BASES) {
            chains.put(base.name(), List.of());
        }
        chains.put(SERVICES, List.of());
        nat();
        filters();
    }

    /** Those that packets come to by themselves. */
    static List<BaseChain> bases() {
        return BASES;
    }

    /** All chains but those on the way to endpoints, with their rules. */
    Map<String, List<Rule>> chains() {
        return chains;
    }

    private Expressions rule() {
        return new Expressions(isV6);
    }

    private void chain(String name, Rule... rules) {
        chains.put(name, List.of(rules));
    }

    private void nat() {
        chain("nat-prerouting", Rule.of("", rule().jump(SERVICES)));
        chain("nat-output", Rule.of("", rule().jump(SERVICES)));
        chain(
                SERVICES,
                Rule.of("addresses of Services", key(rule(), false).verdict(TableSet.FRONTENDS.label(), KEY)),
                Rule.of("node ports", key(atNode(rule()), true).verdict(TableSet.NODE_PORTS.label(), KEY)));
        chain(
                POSTROUTING,
                Rule.of("what is marked", rule().isMarked(bit).mark(bit, false).masquerade()),
                Rule.of(
                        "what goes back to where it comes from",
                        rule().source(KEY)
                                .destination(KEY + rule().addressRegisters())
                                .has(TableSet.HAIRPIN.label(), KEY, false)
                                .masquerade()));
    }

    /** Loads what the packet is for: a frontend, or else a node port. */
    private static Expressions key(Expressions rule, boolean isNodePort) {
        int behind = behind(rule, isNodePort);
        Expressions addressed = isNodePort ? rule : rule.destination(KEY);
        return addressed.transport(behind - 2).destinationPort(behind - 1);
    }

    /** The register behind what {@link #key} loads. */
    private static int behind(Expressions rule, boolean isNodePort) {
        return KEY + 2 + (isNodePort ? 0 : rule.addressRegisters());
    }

    private static byte[] loopback(boolean isV6) {
        byte[] address = new byte[isV6 ? 16 : 4];
        if (isV6) {
            address[15] = 1;
        } else {
            address[0] = 127;
        }
        return address;
    }

    /** Goes on if a packet is for an address that node ports are served at. */
    private Expressions atNode(Expressions rule) {
        if (!settings.servesAllAddresses()) {
            return rule.destination(KEY).has(TableSet.NODE_ADDRESSES.label(), KEY, false);
        }
        Expressions local = rule.isOfMachine(false);
        return settings.servesLoopback() ? local : local.inRange(false, loopback(isV6), isV6 ? 128 : 8, true);
    }

    private Expressions fromPods(Expressions rule, boolean isInverted) {
        return switch (settings.local()) {
            case LocalTraffic.Unknown _ -> rule;
            case LocalTraffic.FromRange(IpPrefix range) ->
                rule.inRange(true, Octets.of(range.first()).toArray(), range.length(), isInverted);
            case LocalTraffic.FromInterface(String name, boolean isPrefix) ->
                rule.inputName(name, isPrefix, isInverted);
        };
    }

    /** The rules of a chain that treats packets. */
    private List<Rule> entry(ChoiceChain.Entry entry) {
        List<Rule> rules = new ArrayList<>();
        switch (entry.treatment()) {
            case INTERNAL, INTERNAL_LOCAL -> internal(rules);
            case EXTERNAL -> rules.add(Rule.of("", rule().mark(bit, true)));
            case EXTERNAL_LOCAL -> externalLocal(entry.cluster(), rules);
        }
        ChoiceChain.Choice choice = entry.treatment() == Treatment.INTERNAL || entry.treatment() == Treatment.EXTERNAL
                ? entry.cluster()
                : entry.local();
        if (choice != null) {
            rules.add(Rule.of("", rule().goTo(choice.label())));
        }
        return rules;
    }

    private void internal(List<Rule> rules) {
        if (settings.masqueradeAll()) {
            rules.add(Rule.of("", rule().mark(bit, true)));
        } else if (!(settings.local() instanceof LocalTraffic.Unknown)) {
            rules.add(Rule.of(
                    "what does not come from pods", fromPods(rule(), true).mark(bit, true)));
        }
    }

    private void externalLocal(ChoiceChain.@Nullable Choice cluster, List<Rule> rules) {
        if (cluster != null && !(settings.local() instanceof LocalTraffic.Unknown)) {
            rules.add(Rule.of(
                    "pods, as if it went out and came back",
                    fromPods(rule(), false).goTo(cluster.label())));
        }
        rules.add(Rule.of("this machine, too", rule().isOfMachine(true).mark(bit, true)));
        if (cluster != null) {
            rules.add(Rule.of("this machine, too", rule().isOfMachine(true).goTo(cluster.label())));
        }
    }

    private void filters() {
        chain("filter-prerouting", Rule.of("", rule().isNew().jump(FIREWALL)));
        chain("filter-output-before", Rule.of("", rule().isNew().jump(FIREWALL)));
        Expressions restricted = key(key(rule(), false).has(TableSet.RESTRICTED.label(), KEY, false), false);
        chain(
                FIREWALL,
                Rule.of(
                        "from where it may not be reached",
                        restricted
                                .source(behind(restricted, false))
                                .has(TableSet.SOURCES.label(), KEY, true)
                                .drop()));
        chain("filter-input", Rule.of("", rule().isNew().jump(UNSERVED)));
        chain(
                "filter-forward",
                Rule.of("", rule().isNew().jump(UNSERVED)),
                Rule.of("", rule().isNew().jump(UNKNOWN_PORTS)));
        chain(
                "filter-output",
                Rule.of("", rule().isNew().jump(UNSERVED)),
                Rule.of("", rule().isNew().jump(UNKNOWN_PORTS)));
        chain(
                UNSERVED,
                Rule.of("", key(rule(), false).verdict(TableSet.DENIALS.label(), KEY)),
                Rule.of("", key(atNode(rule()), true).verdict(TableSet.NODE_PORT_DENIALS.label(), KEY)));
        chains.put(Denial.REJECT.label(), refusal());
        chain(Denial.DROP.label(), Rule.of("", rule().drop()));
        List<Rule> unknown = new ArrayList<>();
        unknown.add(Rule.of(
                "ports that no Service has",
                rule().destination(KEY)
                        .has(TableSet.CLUSTER_IPS.label(), KEY, false)
                        .goTo(Denial.REJECT.label())));
        for (IpPrefix range : settings.serviceRanges()) {
            unknown.add(Rule.of(
                    "addresses that no Service has",
                    rule().inRange(false, Octets.of(range.first()).toArray(), range.length(), false)
                            .drop()));
        }
        chains.put(UNKNOWN_PORTS, unknown);
        if (settings.servesLoopback() && !isV6) {
            chain(
                    RAW_PREROUTING,
                    Rule.of(
                            "loopback addresses from outside",
                            rule().inputName("lo", false, true)
                                    .inRange(false, loopback(false), 8, false)
                                    .drop()));
        }
    }

    /**
     * By IPv6 Linux does not hear that a port cannot be reached while it still sends the packet, which it does if
     * client and node are one machine, a pod's for one: it would try again after a second. A reset it hears.
     */
    private List<Rule> refusal() {
        List<Rule> rules = new ArrayList<>();
        if (isV6) {
            rules.add(Rule.of("", rule().isTcp().reset()));
        }
        rules.add(Rule.of("", rule().reject()));
        return rules;
    }

    /** The rules of a chain on the way to an endpoint. */
    List<Rule> choice(ChoiceChain chain) {
        return switch (chain) {
            case ChoiceChain.Entry entry -> entry(entry);
            case ChoiceChain.Any any -> {
                List<Rule> rules = new ArrayList<>();
                any(any, false, rules);
                any(any, true, rules);
                yield rules;
            }
            case ChoiceChain.Kept kept -> kept(kept);
        };
    }

    /** Draws until there is an endpoint; whoever has had no luck gets one of the first half, where they all are. */
    private void any(ChoiceChain.Any chain, boolean isNodePort, List<Rule> rules) {
        if (chain.below() <= 2) {
            rules.add(any(chain.isLocal(), isNodePort, chain.below()));
            return;
        }
        for (int i = 0; i < DRAWS; i++) {
            rules.add(any(chain.isLocal(), isNodePort, chain.below()));
        }
        rules.add(any(chain.isLocal(), isNodePort, chain.below() / 2));
    }

    private Rule any(boolean isLocal, boolean isNodePort, int below) {
        Expressions rule = key(rule(), isNodePort);
        String map = TableSet.endpoints(isLocal, isNodePort).label();
        return Rule.of(
                "",
                rule.random(below, behind(rule, isNodePort)).map(map, KEY, KEY).translate(KEY));
    }

    /** First the endpoint that the client had; then any, which is the client's from now on. */
    private List<Rule> kept(ChoiceChain.Kept chain) {
        long millis = chain.seconds() * MILLIS;
        List<Rule> rules = new ArrayList<>();
        for (int id : chain.ids()) {
            rules.add(Rule.of("", lead(client(rule(), id).has(SetShape.AFFINITY, KEY, false), id, millis)));
        }
        int left = chain.ids().size();
        for (int id : chain.ids()) {
            rules.add(Rule.of("", lead(rule().oneOf(left--), id, millis)));
        }
        rules.add(Rule.of(
                "no more clients can be remembered",
                rule().goTo(chain.otherwise().label())));
        return rules;
    }

    private static Expressions client(Expressions rule, int id) {
        return rule.source(KEY).number(id, KEY + rule.addressRegisters());
    }

    private static Expressions lead(Expressions rule, int id, long millis) {
        return client(rule, id)
                .remember(SetShape.AFFINITY, KEY, millis)
                .transport(KEY)
                .number(id, KEY + 1)
                .map(TableSet.KEPT_ENDPOINTS.label(), KEY, KEY)
                .translate(KEY);
    }
}
