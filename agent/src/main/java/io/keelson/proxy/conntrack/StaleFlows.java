package io.keelson.proxy.conntrack;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.proxy.rules.Destination;
import io.keelson.proxy.rules.Frontend;
import io.keelson.proxy.rules.FrontendRule;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.ServicePortName;
import io.keelson.proxy.rules.Transport;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which UDP connections go where they should not any more, of one family: those to a frontend that lead to an endpoint that does
 * not serve it any more, and those that led nowhere when there was none. Told of all changes; no I/O. Any thread.
 */
public final class StaleFlows {
    private final Map<ServicePortName, Ports> known = new HashMap<>();
    private Map<Frontend, Set<Destination>> suspect = new HashMap<>();

    private record Ports(Set<Frontend> frontends, Set<Destination> serving) {
        static Ports of(PortRules rules) {
            Set<Frontend> frontends = new HashSet<>();
            for (FrontendRule rule : rules.frontends()) {
                frontends.add(rule.frontend());
            }
            return new Ports(frontends, Set.copyOf(rules.serving()));
        }

        /** Whether connections from before may go on as they are. */
        boolean leavesAll(Ports before) {
            return !before.serving.isEmpty()
                    && serving.containsAll(before.serving)
                    && before.frontends.equals(frontends);
        }
    }

    /** A port's rules are in effect. */
    public synchronized void put(PortRules rules) {
        if (rules.name().transport() != Transport.UDP) {
            return;
        }
        Ports now = Ports.of(rules);
        Ports before = known.put(rules.name(), now);
        if (before != null && now.leavesAll(before)) {
            // What has been found stale meanwhile is judged by what serves now.
            now.frontends.forEach(frontend -> suspect.computeIfPresent(frontend, (_, _) -> now.serving));
            return;
        }
        if (before != null) {
            before.frontends.forEach(frontend -> suspect.put(frontend, Set.of()));
        }
        now.frontends.forEach(frontend -> suspect.put(frontend, now.serving));
    }

    /** A port's rules are gone. */
    public synchronized void remove(ServicePortName name) {
        Ports before = known.remove(name);
        if (before != null) {
            before.frontends.forEach(frontend -> suspect.put(frontend, Set.of()));
        }
    }

    /** Whether there may be any. */
    public synchronized boolean isPending() {
        return !suspect.isEmpty();
    }

    /** Takes what there is to be looked at; if it cannot be, {@link #giveBack} it. */
    synchronized Map<Frontend, Set<Destination>> take() {
        Map<Frontend, Set<Destination>> taken = suspect;
        suspect = new HashMap<>();
        return taken;
    }

    synchronized void giveBack(Map<Frontend, Set<Destination>> taken) {
        taken.forEach(suspect::putIfAbsent);
    }

    /**
     * Whether a connection is stale.
     *
     * @param taken what {@link #take} gave
     * @param isNode whether node ports are served at an address
     */
    static boolean isStale(Flow flow, Map<Frontend, Set<Destination>> taken, Predicate<IpAddress> isNode) {
        Destination asked = flow.asked();
        Set<Destination> serving = taken.get(new Frontend(asked.address(), flow.transport(), asked.port()));
        if (serving == null && isNode.test(asked.address())) {
            serving = taken.get(new Frontend(null, flow.transport(), asked.port()));
        }
        return serving != null && !serving.contains(flow.answering());
    }
}
