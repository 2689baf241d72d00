package io.keelson.proxy.nft;

import io.keelson.controllers.objects.IpPrefix;
import io.keelson.proxy.rules.ChoiceChain;
import io.keelson.proxy.rules.Denial;
import io.keelson.proxy.rules.Elements;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.LocalTraffic;
import io.keelson.proxy.rules.Octets;
import io.keelson.proxy.rules.TableSet;
import io.keelson.proxy.rules.Treatment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The chains and rules of a family's table: the same for any Services. Each rule that needs to know which port of a Service a
 * packet is for looks it up again: only the first packet of a connection comes here, and a look-up costs less than it would to
 * write down what was found.
 */
final class Skeleton {
    private static final String SERVICES = "services";
    private static final String FIREWALL = "firewall";
    private static final String DENIALS = "denials";
    private static final String UNKNOWN_PORTS = "unknown-ports";
    private static final String TO_CLUSTER = "to-cluster";
    private static final String POSTROUTING = "postrouting";
    private static final String RAW_PREROUTING = "raw-prerouting";

    private static final int KEY = Expressions.REGISTERS;
    private static final int FOUND = KEY + 6;
    private static final int KEPT_KEY = KEY + 7;
    private static final int ENDPOINT = KEY + 8;
    private static final int INDEX_KEY = KEY + 5;
    private static final int FOUND_BEHIND_SOURCE = KEY + 11;
    private static final int GROUP_MASK = -1 << Elements.SERIAL_SHIFT;
    private static final int MILLIS = 1000;

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
    private final Map<String, List<Rule>> chains = new LinkedHashMap<>();

    Skeleton(TableSettings settings) {
        this.settings = settings;
        isV6 = settings.family() == Family.IPV6;
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

    /** All chains but those that choose an endpoint, with their rules. */
    Map<String, List<Rule>> chains() {
        return chains;
    }

    /** Where a frontend's treatment leads: what the map of {@link SetShape#TREATMENTS} has. */
    static Map<Octets, String> treatments() {
        Map<Octets, String> treatments = new LinkedHashMap<>();
        for (Treatment treatment : Treatment.values()) {
            treatments.put(Elements.word(treatment.number()), chain(treatment));
        }
        return treatments;
    }

    private static String chain(Treatment treatment) {
        return switch (treatment) {
            case INTERNAL -> "internal";
            case INTERNAL_LOCAL -> "internal-local";
            case EXTERNAL -> "external";
            case EXTERNAL_LOCAL -> "external-local";
        };
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
                Rule.of(
                        "addresses of Services",
                        frontend(rule(), false)
                                .combine(FOUND, FOUND, Elements.TREATMENT_MASK, 0)
                                .verdict(SetShape.TREATMENTS, FOUND)),
                Rule.of(
                        "node ports",
                        frontend(atNode(rule()), true)
                                .combine(FOUND, FOUND, Elements.TREATMENT_MASK, 0)
                                .verdict(SetShape.TREATMENTS, FOUND)));
        internal(Treatment.INTERNAL, Elements.CLUSTER);
        internal(Treatment.INTERNAL_LOCAL, Elements.LOCAL);
        chain(
                chain(Treatment.EXTERNAL),
                Rule.of("", mark(rule())),
                toGroup(Elements.CLUSTER, false),
                toGroup(Elements.CLUSTER, true));
        externalLocal();
        chain(TO_CLUSTER, toGroup(Elements.CLUSTER, false), toGroup(Elements.CLUSTER, true));
        int bit = 1 << settings.masqueradeBit();
        chain(
                POSTROUTING,
                Rule.of(
                        "what is marked",
                        rule().loadMark(KEY)
                                .masked(KEY, bit, bit)
                                .combine(KEY, KEY, ~bit, 0)
                                .storeMark(KEY)
                                .masquerade()),
                Rule.of(
                        "what goes back to where it comes from",
                        rule().source(KEY)
                                .destination(KEY + rule().addressRegisters())
                                .has(TableSet.HAIRPIN.label(), KEY, false)
                                .masquerade()));
    }

    /** Goes on if a packet is for a frontend, with what is known of it in {@link #FOUND}. */
    private Expressions frontend(Expressions rule, boolean isNodePort) {
        return key(rule, isNodePort).map(TableSet.FRONTENDS.label(), KEY, FOUND);
    }

    private static Expressions key(Expressions rule, boolean isNodePort) {
        int behind = KEY + rule.addressRegisters();
        Expressions addressed = isNodePort ? rule.noAddress(KEY) : rule.destination(KEY);
        return addressed.transport(behind).destinationPort(behind + 1);
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

    private Expressions mark(Expressions rule) {
        int bit = 1 << settings.masqueradeBit();
        return rule.loadMark(KEY).combine(KEY, KEY, ~bit, bit).storeMark(KEY);
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

    private Rule toGroup(int which, boolean isNodePort) {
        return Rule.of(
                isNodePort ? "node ports" : "",
                frontend(rule(), isNodePort)
                        .combine(FOUND, FOUND, GROUP_MASK, which)
                        .verdict(TableSet.GROUPS.label(), FOUND));
    }

    private void internal(Treatment treatment, int which) {
        List<Rule> rules = new ArrayList<>();
        if (settings.masqueradeAll()) {
            rules.add(Rule.of("", mark(rule())));
        } else if (!(settings.local() instanceof LocalTraffic.Unknown)) {
            rules.add(Rule.of("what does not come from pods", mark(fromPods(rule(), true))));
        }
        rules.add(toGroup(which, false));
        chains.put(chain(treatment), rules);
    }

    private void externalLocal() {
        List<Rule> rules = new ArrayList<>();
        if (!(settings.local() instanceof LocalTraffic.Unknown)) {
            rules.add(Rule.of(
                    "pods, as if it went out and came back",
                    fromPods(rule(), false).goTo(TO_CLUSTER)));
        }
        rules.add(Rule.of("this machine, too", mark(rule().isOfMachine(true))));
        rules.add(Rule.of("this machine, too", rule().isOfMachine(true).goTo(TO_CLUSTER)));
        rules.add(toGroup(Elements.LOCAL, false));
        rules.add(toGroup(Elements.LOCAL, true));
        chains.put(chain(Treatment.EXTERNAL_LOCAL), rules);
    }

    private void filters() {
        chain("filter-prerouting", Rule.of("", rule().isNew().jump(FIREWALL)));
        chain("filter-output-before", Rule.of("", rule().isNew().jump(FIREWALL)));
        Expressions restricted = key(rule(), false)
                .map(TableSet.FRONTENDS.label(), KEY, FOUND_BEHIND_SOURCE)
                .masked(FOUND_BEHIND_SOURCE, Elements.RESTRICTED, Elements.RESTRICTED);
        chain(
                FIREWALL,
                Rule.of(
                        "from where it may not be reached",
                        restricted
                                .source(KEY + restricted.addressRegisters() + 2)
                                .has(TableSet.SOURCES.label(), KEY, true)
                                .drop()));
        chain("filter-input", Rule.of("", rule().isNew().jump(DENIALS)));
        chain(
                "filter-forward",
                Rule.of("", rule().isNew().jump(DENIALS)),
                Rule.of("", rule().isNew().jump(UNKNOWN_PORTS)));
        chain(
                "filter-output",
                Rule.of("", rule().isNew().jump(DENIALS)),
                Rule.of("", rule().isNew().jump(UNKNOWN_PORTS)));
        chain(
                DENIALS,
                denied(rule(), false, Denial.REJECT),
                denied(rule(), false, Denial.DROP),
                denied(atNode(rule()), true, Denial.REJECT),
                denied(atNode(rule()), true, Denial.DROP));
        List<Rule> unknown = new ArrayList<>();
        unknown.add(Rule.of(
                "ports that no Service has",
                rule().destination(KEY)
                        .has(TableSet.CLUSTER_IPS.label(), KEY, false)
                        .reject()));
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

    private Rule denied(Expressions rule, boolean isNodePort, Denial denial) {
        Expressions denied = frontend(rule, isNodePort)
                .masked(FOUND, Elements.DENIAL_MASK, denial.number() << Elements.DENIAL_SHIFT);
        return Rule.of(
                denial == Denial.REJECT ? "no endpoints" : "no endpoints here",
                denial == Denial.REJECT ? denied.reject() : denied.drop());
    }

    /** The rules of a chain that chooses an endpoint. */
    List<Rule> choice(ChoiceChain chain) {
        List<Rule> rules = new ArrayList<>();
        if (chain.affinitySeconds() > 0) {
            rules.add(kept(chain, false));
            rules.add(kept(chain, true));
            rules.add(forgotten(chain, false));
            rules.add(forgotten(chain, true));
            rules.add(keeping(chain, false));
            rules.add(keeping(chain, true));
        }
        // With affinity, these are for when no more clients can be remembered.
        rules.add(chosen(chain, false));
        rules.add(chosen(chain, true));
        return rules;
    }

    private static int which(ChoiceChain chain) {
        return chain.isLocal() ? Elements.LOCAL : Elements.CLUSTER;
    }

    /** Loads a random endpoint into {@link #ENDPOINT}. */
    private static Expressions random(Expressions rule, ChoiceChain chain) {
        return rule.combine(FOUND, INDEX_KEY, GROUP_MASK, which(chain))
                .random(chain.count(), INDEX_KEY + 1)
                .map(TableSet.ENDPOINTS.label(), INDEX_KEY, ENDPOINT);
    }

    private Rule chosen(ChoiceChain chain, boolean isNodePort) {
        return Rule.of("any", random(frontend(rule(), isNodePort), chain).translate(ENDPOINT));
    }

    private static long millis(ChoiceChain chain) {
        return chain.affinitySeconds() * (long) MILLIS;
    }

    /** The client's endpoint if it has one that is still there. */
    private Rule kept(ChoiceChain chain, boolean isNodePort) {
        Expressions known = frontend(rule(), isNodePort)
                .combine(FOUND, KEY, GROUP_MASK, which(chain))
                .combine(FOUND, KEPT_KEY, GROUP_MASK, which(chain))
                .source(KEY + 1)
                .map(SetShape.AFFINITY, KEY, ENDPOINT)
                .has(TableSet.KEPT.label(), KEPT_KEY, false);
        return Rule.of(
                "the client's own",
                known.keep(Expressions.Upkeep.UPDATE, SetShape.AFFINITY, KEY, ENDPOINT, millis(chain))
                        .translate(ENDPOINT));
    }

    /** A random one, which is the client's from now on. What was its own must be forgotten by now: to update prolongs, no more. */
    private Rule keeping(ChoiceChain chain, boolean isNodePort) {
        Expressions found = frontend(rule(), isNodePort).combine(FOUND, KEY, GROUP_MASK, which(chain));
        Expressions chosen = random(found, chain).source(KEY + 1);
        return Rule.of(
                "any, to be the client's own",
                chosen.keep(Expressions.Upkeep.UPDATE, SetShape.AFFINITY, KEY, ENDPOINT, millis(chain))
                        .translate(ENDPOINT));
    }

    /** The rule that forgets the client's endpoint, which is not there any more. */
    private Rule forgotten(ChoiceChain chain, boolean isNodePort) {
        Expressions known = frontend(rule(), isNodePort)
                .combine(FOUND, KEY, GROUP_MASK, which(chain))
                .source(KEY + 1)
                .map(SetShape.AFFINITY, KEY, ENDPOINT);
        return Rule.of(
                "not the client's own any more",
                known.keep(Expressions.Upkeep.DELETE, SetShape.AFFINITY, KEY, ENDPOINT, 0));
    }
}
