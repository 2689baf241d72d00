package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a family's maps and sets that the rules of all ports of Services come to. A change of one port
 * touches the elements that differ, and no others: an endpoint that comes or goes about three for each frontend,
 * whatever else there is.
 *
 * <p>An endpoint that clients keep has a number, by which they are remembered. It is drawn at random when the endpoint
 * comes, so that one that was there before, and is back, is not taken for it.
 *
 * <p>Belongs to one thread.
 */
public final class RuleTable {
    private final Family family;
    private final RandomGenerator random;
    private final Map<ServicePortName, Reach.Port> ports = new HashMap<>();
    private final FrontendClaims frontends = new FrontendClaims();
    private final Map<IpAddress, Integer> hairpins = new HashMap<>();
    private final Map<IpAddress, Integer> clusterIps = new HashMap<>();
    private final Map<ChoiceChain, Integer> chains = new HashMap<>();
    private final Set<Integer> ids = new HashSet<>();
    private Map<ElementKey, ElementValue> former = Map.of();
    private Map<Former, Integer> formerIds = Map.of();
    private Set<IpAddress> nodeAddresses = Set.of();

    /** By what an endpoint that clients keep is known again. */
    private record Former(String comment, Octets protocol, Octets destination) {}

    /** A table without ports. */
    public RuleTable(Family family) {
        this(family, new SplittableRandom());
    }

    /** @param random for the numbers of endpoints that clients keep */
    RuleTable(Family family, RandomGenerator random) {
        this.family = family;
        this.random = random;
    }

    /**
     * Lets endpoints of ports that come keep the indexes and numbers that they had in a table that is there from
     * before, so that little has to be changed in it, and clients are still known.
     *
     * @param elements its elements; those of some sets may be missing
     */
    public void adopt(Map<ElementKey, ElementValue> elements) {
        former = Map.copyOf(elements);
        formerIds = new HashMap<>();
        former.forEach((key, value) -> {
            if (key.set() == TableSet.KEPT_ENDPOINTS && key.key().length() == 8) {
                Octets protocol = key.key().slice(0, 4);
                formerIds.put(new Former(value.comment(), protocol, value.data()), Elements.lastWord(key.key()));
            }
        });
    }

    /** Forgets what was before: whoever was to come has come. */
    public void adopted() {
        former = Map.of();
        formerIds = Map.of();
    }

    /** Brings a port up to date. */
    public void put(PortRules rules, TableChanges changes) {
        Reach.Port before = ports.get(rules.name());
        if (before == null || !before.rules().equals(rules)) {
            change(rules.name(), before, port(before, rules), changes);
        }
    }

    /** Takes a port away; nothing if there is none of that name. */
    public void remove(ServicePortName name, TableChanges changes) {
        Reach.Port before = ports.get(name);
        if (before != null) {
            change(name, before, null, changes);
        }
    }

    /** At which addresses of the node its ports are served. */
    public void serveNodePortsAt(Collection<IpAddress> addresses, TableChanges changes) {
        Set<IpAddress> now = new LinkedHashSet<>();
        for (IpAddress address : addresses) {
            if (Family.of(address) == family) {
                now.add(address);
            }
        }
        Set<IpAddress> all = new LinkedHashSet<>(nodeAddresses);
        all.addAll(now);
        for (IpAddress address : all) {
            changes.set(
                    Elements.nodeAddress(address),
                    nodeAddresses.contains(address) ? ElementValue.NONE : null,
                    now.contains(address) ? ElementValue.NONE : null);
        }
        nodeAddresses = now;
    }

    private Reach.Port port(Reach.@Nullable Port before, PortRules rules) {
        Destination[] cluster = Slots.arranged(slots(before, rules, false), rules.cluster());
        Destination[] local = Slots.arranged(slots(before, rules, true), rules.local());
        Map<Destination, Integer> known = new LinkedHashMap<>();
        if (rules.affinitySeconds() > 0) {
            for (Destination[] slots : List.of(cluster, local)) {
                for (Destination slot : slots) {
                    known.computeIfAbsent(slot, destination -> id(before, rules, destination));
                }
            }
        }
        return new Reach.Port(
                rules,
                group(before, cluster, false, known, rules.affinitySeconds()),
                group(before, local, true, known, rules.affinitySeconds()),
                known);
    }

    private Destination[] slots(Reach.@Nullable Port before, PortRules rules, boolean isLocal) {
        if (before != null) {
            return before.group(isLocal).slots();
        }
        List<Destination> slots = new ArrayList<>();
        for (FrontendRule rule : former.isEmpty() ? List.<FrontendRule>of() : rules.frontends()) {
            // The first one is the cluster IP's, which is of nobody else.
            if (rule.treatment().leadsTo(isLocal)) {
                formerSlots(rule.frontend(), isLocal, slots);
                break;
            }
        }
        return slots.toArray(Slots.NONE);
    }

    private void formerSlots(Frontend frontend, boolean isLocal, List<Destination> slots) {
        Octets octets = Elements.of(frontend);
        while (true) {
            ElementValue value = former.get(Elements.endpoint(frontend, octets, isLocal, slots.size()));
            if (value == null || value.data().length() < family.addressBytes() + 2) {
                return;
            }
            slots.add(Elements.destination(value.data(), family));
        }
    }

    private Integer id(Reach.@Nullable Port before, PortRules rules, Destination destination) {
        Integer had = before == null ? null : before.ids().get(destination);
        if (had != null) {
            return had;
        }
        Octets protocol = Elements.kept(rules.name().transport(), 0).key().slice(0, 4);
        ElementValue value = Reach.destination(destination, rules.name().toString());
        Integer id = formerIds.get(new Former(value.comment(), protocol, value.data()));
        while (id == null || !ids.add(id)) {
            id = random.nextInt(1, Integer.MAX_VALUE);
        }
        return id;
    }

    /** The same one if it is as it was, so that this is soon seen. */
    private static Reach.Group group(
            Reach.@Nullable Port before,
            Destination[] slots,
            boolean isLocal,
            Map<Destination, Integer> ids,
            int affinitySeconds) {
        if (slots.length == 0) {
            return Reach.Group.NONE;
        }
        ChoiceChain.Choice chain = affinitySeconds == 0
                ? ChoiceChain.Any.of(slots.length, isLocal)
                : new ChoiceChain.Kept(Arrays.stream(slots).map(ids::get).toList(), isLocal, affinitySeconds);
        Reach.Group now = new Reach.Group(slots, chain);
        return before != null && before.group(isLocal).equals(now) ? before.group(isLocal) : now;
    }

    private void change(
            ServicePortName name, Reach.@Nullable Port before, Reach.@Nullable Port now, TableChanges changes) {
        List<FrontendRule> claimed = before == null ? List.of() : before.rules().frontends();
        List<FrontendRule> claims = now == null ? List.of() : now.rules().frontends();
        Set<Frontend> touched = new LinkedHashSet<>();
        claimed.forEach(rule -> touched.add(rule.frontend()));
        claims.forEach(rule -> touched.add(rule.frontend()));
        Map<Frontend, Reach> reached = new HashMap<>();
        touched.forEach(frontend -> {
            Reach reach = reach(frontend);
            if (reach != null) {
                reached.put(frontend, reach);
            }
        });
        if (now == null) {
            ports.remove(name);
        } else {
            ports.put(name, now);
        }
        if (!claimed.equals(claims)) {
            frontends.replace(name, claimed, claims);
        }
        Reach.Uses uses = (chain, by) -> use(chain, by, changes);
        touched.forEach(
                frontend -> Reach.difference(frontend, reached.get(frontend), reach(frontend), changes::set, uses));
        keep(before, now, changes);
        count(
                clusterIps,
                before == null ? Set.of() : Set.of(before.rules().clusterIp()),
                now == null ? Set.of() : Set.of(now.rules().clusterIp()),
                Elements::clusterIp,
                changes);
        count(
                hairpins,
                before == null ? Set.of() : before.rules().hairpin(),
                now == null ? Set.of() : now.rules().hairpin(),
                Elements::hairpin,
                changes);
    }

    private @Nullable Reach reach(Frontend frontend) {
        FrontendClaims.Claim owner = frontends.owner(frontend);
        Reach.Port port = owner == null ? null : ports.get(owner.name());
        return owner == null || port == null ? null : new Reach(owner.rule(), port);
    }

    private void use(ChoiceChain chain, int by, TableChanges changes) {
        chain.next().forEach(next -> use(next, by, changes));
        Integer uses = chains.merge(chain, by, (some, more) -> some + more == 0 ? null : some + more);
        if (uses == null) {
            changes.leave(chain);
        } else if (by > 0 && uses == by) {
            changes.need(chain);
        }
    }

    private void keep(Reach.@Nullable Port before, Reach.@Nullable Port now, TableChanges changes) {
        if (before != null) {
            before.ids().forEach((destination, id) -> {
                Integer same = now == null ? null : now.ids().get(destination);
                if (!id.equals(same)) {
                    ids.remove(id);
                    changes.set(kept(before, id), kept(before, destination), null);
                }
            });
        }
        if (now != null) {
            now.ids().forEach((destination, id) -> {
                Integer same = before == null ? null : before.ids().get(destination);
                if (!id.equals(same)) {
                    changes.set(kept(now, id), null, kept(now, destination));
                }
            });
        }
    }

    private static ElementKey kept(Reach.Port port, int id) {
        return Elements.kept(port.rules().name().transport(), id);
    }

    private static ElementValue kept(Reach.Port port, Destination destination) {
        return Reach.destination(destination, port.rules().name().toString());
    }

    private interface KeyOf {
        ElementKey of(IpAddress address);
    }

    private static void count(
            Map<IpAddress, Integer> uses, Set<IpAddress> before, Set<IpAddress> now, KeyOf key, TableChanges changes) {
        for (IpAddress address : now) {
            if (!before.contains(address) && uses.merge(address, 1, Integer::sum) == 1) {
                changes.set(key.of(address), null, ElementValue.NONE);
            }
        }
        for (IpAddress address : before) {
            if (!now.contains(address)
                    && uses.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1) == null) {
                changes.set(key.of(address), ElementValue.NONE, null);
            }
        }
    }

    /** The chains that lead to endpoints now. */
    public Set<ChoiceChain> chains() {
        return Set.copyOf(chains.keySet());
    }

    /** All elements that are to be there. */
    public void forEach(BiConsumer<ElementKey, ElementValue> elements) {
        Reach.Sink sink = (key, _, after) -> {
            if (after != null) {
                elements.accept(key, after);
            }
        };
        for (Frontend frontend : frontends.frontends()) {
            Reach.difference(frontend, null, reach(frontend), sink, (_, _) -> {});
        }
        ports.values()
                .forEach(port -> port.ids()
                        .forEach((destination, id) -> sink.set(kept(port, id), null, kept(port, destination))));
        hairpins.keySet().forEach(address -> elements.accept(Elements.hairpin(address), ElementValue.NONE));
        clusterIps.keySet().forEach(address -> elements.accept(Elements.clusterIp(address), ElementValue.NONE));
        nodeAddresses.forEach(address -> elements.accept(Elements.nodeAddress(address), ElementValue.NONE));
    }
}
