package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpAddress;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a family's maps and sets that the rules of all ports of Services come to. A change of one port touches the
 * elements that differ, and no others: an endpoint that comes or goes about three, whatever else there is.
 *
 * <p>Which number a port has is of no meaning; it keeps it.
 *
 * <p>Belongs to one thread.
 */
public final class RuleTable {
    private final Family family;
    private final Map<ServicePortName, State> ports = new HashMap<>();
    private final FrontendClaims frontends;
    private final Map<IpAddress, Integer> hairpins = new HashMap<>();
    private final Map<IpAddress, Integer> clusterIps = new HashMap<>();
    private final Map<ChoiceChain, Integer> chains = new HashMap<>();
    private final BitSet serials = new BitSet();
    private Map<Octets, Integer> former = Map.of();
    private Set<IpAddress> nodeAddresses = Set.of();
    private int lastSerial;

    private static final class State {
        private final int serial;
        private PortRules rules;
        private Destination[] cluster = Slots.NONE;
        private Destination[] local = Slots.NONE;

        State(int serial, PortRules rules) {
            this.serial = serial;
            this.rules = rules;
        }
    }

    /** A table without ports. */
    public RuleTable(Family family) {
        this.family = family;
        frontends = new FrontendClaims(family);
    }

    /** The family. */
    public Family family() {
        return family;
    }

    /** How many ports of Services have rules. */
    public int size() {
        return ports.size();
    }

    /**
     * Lets ports that come keep the numbers that they had in a table that is there from before, so that little has to be changed in
     * it.
     *
     * @param frontends its elements of {@link TableSet#FRONTENDS}
     */
    public void adopt(Map<Octets, Octets> frontends) {
        former = new HashMap<>();
        frontends.forEach((key, value) -> {
            int serial = Elements.word(value) >>> Elements.SERIAL_SHIFT;
            former.put(key, serial);
            lastSerial = Math.max(lastSerial, serial);
        });
    }

    /** Forgets the numbers of before: whoever was to come has come. */
    public void adopted() {
        former = Map.of();
    }

    /** Brings a port up to date. */
    public void put(PortRules rules, TableChanges changes) {
        State state = ports.get(rules.name());
        if (state == null) {
            state = new State(serial(rules), rules);
            ports.put(rules.name(), state);
            change(state, null, rules, changes);
        } else {
            change(state, state.rules, rules, changes);
        }
    }

    /** Takes a port away; nothing if there is none of that name. */
    public void remove(ServicePortName name, TableChanges changes) {
        State state = ports.remove(name);
        if (state != null) {
            change(state, state.rules, null, changes);
            serials.clear(state.serial);
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

    private int serial(PortRules rules) {
        // The first one is the cluster IP's, which is of nobody else.
        Integer had = rules.frontends().isEmpty()
                ? null
                : former.get(
                        Elements.frontend(family, rules.frontends().getFirst().frontend())
                                .key());
        if (had != null && had > 0 && !serials.get(had)) {
            serials.set(had);
            return had;
        }
        int free = serials.nextClearBit(lastSerial + 1);
        if (free >= Elements.SERIALS) {
            free = serials.nextClearBit(1);
        }
        if (free >= Elements.SERIALS) {
            throw new IllegalStateException("more than " + (Elements.SERIALS - 1) + " ports of Services");
        }
        serials.set(free);
        lastSerial = free;
        return free;
    }

    private void change(State state, @Nullable PortRules before, @Nullable PortRules now, TableChanges changes) {
        if (now != null) {
            state.rules = now;
        }
        List<Destination> cluster = now == null ? List.of() : now.cluster();
        List<Destination> local = now == null ? List.of() : now.local();
        Destination[] clusterNow = Slots.arranged(state.cluster, cluster);
        Destination[] localNow = Slots.arranged(state.local, local);
        int secondsBefore = before == null ? 0 : before.affinitySeconds();
        int seconds = now == null ? 0 : now.affinitySeconds();
        regroup(state.serial, Elements.CLUSTER, state.cluster, secondsBefore, clusterNow, seconds, changes);
        regroup(state.serial, Elements.LOCAL, state.local, secondsBefore, localNow, seconds, changes);
        state.cluster = clusterNow;
        state.local = localNow;
        frontends.replace(
                state.rules.name(),
                state.serial,
                before == null ? List.of() : before.frontends(),
                now == null ? List.of() : now.frontends(),
                changes);
        count(
                clusterIps,
                before == null ? Set.of() : Set.of(before.clusterIp()),
                now == null ? Set.of() : Set.of(now.clusterIp()),
                Elements::clusterIp,
                changes);
        count(
                hairpins,
                before == null ? Set.of() : before.hairpin(),
                now == null ? Set.of() : now.hairpin(),
                Elements::hairpin,
                changes);
    }

    private void regroup(
            int serial,
            int which,
            Destination[] before,
            int secondsBefore,
            Destination[] now,
            int seconds,
            TableChanges changes) {
        if (secondsBefore == seconds && Arrays.equals(before, now)) {
            return;
        }
        int group = Elements.group(serial, which);
        ChoiceChain chainBefore = chain(before, which, secondsBefore);
        ChoiceChain chainNow = chain(now, which, seconds);
        if (chainNow != null) {
            chains.merge(chainNow, 1, Integer::sum);
            changes.need(chainNow);
        }
        if (chainBefore != null) {
            chains.computeIfPresent(chainBefore, (_, uses) -> uses == 1 ? null : uses - 1);
        }
        changes.set(
                Elements.group(group),
                chainBefore == null ? null : ElementValue.goTo(chainBefore),
                chainNow == null ? null : ElementValue.goTo(chainNow));
        for (int i = 0; i < Math.max(before.length, now.length); i++) {
            Destination was = i < before.length ? before[i] : null;
            Destination is = i < now.length ? now[i] : null;
            if (was == null || !was.equals(is)) {
                changes.set(
                        Elements.endpoint(group, i),
                        was == null ? null : Elements.destination(was),
                        is == null ? null : Elements.destination(is));
            }
        }
        if (secondsBefore > 0 || seconds > 0) {
            Set<Destination> kept = secondsBefore > 0 ? new HashSet<>(List.of(before)) : Set.of();
            Set<Destination> keptNow = seconds > 0 ? new HashSet<>(List.of(now)) : Set.of();
            Set<Destination> all = new HashSet<>(kept);
            all.addAll(keptNow);
            for (Destination destination : all) {
                changes.set(
                        Elements.kept(group, destination),
                        kept.contains(destination) ? ElementValue.NONE : null,
                        keptNow.contains(destination) ? ElementValue.NONE : null);
            }
        }
    }

    private static @Nullable ChoiceChain chain(Destination[] slots, int which, int seconds) {
        return slots.length == 0 ? null : new ChoiceChain(slots.length, which == Elements.LOCAL, seconds);
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
        for (State state : ports.values()) {
            slots(state, Elements.CLUSTER, state.cluster, elements);
            slots(state, Elements.LOCAL, state.local, elements);
        }
        frontends.forEach(elements);
        hairpins.keySet().forEach(address -> elements.accept(Elements.hairpin(address), ElementValue.NONE));
        clusterIps.keySet().forEach(address -> elements.accept(Elements.clusterIp(address), ElementValue.NONE));
        nodeAddresses.forEach(address -> elements.accept(Elements.nodeAddress(address), ElementValue.NONE));
    }

    private static void slots(
            State state, int which, Destination[] slots, BiConsumer<ElementKey, ElementValue> elements) {
        int group = Elements.group(state.serial, which);
        int seconds = state.rules.affinitySeconds();
        ChoiceChain chain = chain(slots, which, seconds);
        if (chain != null) {
            elements.accept(Elements.group(group), ElementValue.goTo(chain));
        }
        for (int i = 0; i < slots.length; i++) {
            elements.accept(Elements.endpoint(group, i), Elements.destination(slots[i]));
            if (seconds > 0) {
                elements.accept(Elements.kept(group, slots[i]), ElementValue.NONE);
            }
        }
    }
}
