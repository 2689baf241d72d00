package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpPrefix;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * Which port of a Service has a frontend that several may claim: cluster IPs come before other addresses, then the lower name before
 * the higher. The others get it when those before them give it up.
 */
final class FrontendClaims {
    private final Family family;
    private final Map<Frontend, TreeSet<Claim>> claims = new HashMap<>();

    private record Claim(int rank, ServicePortName name, int serial, FrontendRule rule) implements Comparable<Claim> {
        static Claim of(ServicePortName name, int serial, FrontendRule rule) {
            boolean isOwn = rule.treatment() == Treatment.INTERNAL || rule.treatment() == Treatment.INTERNAL_LOCAL;
            return new Claim(isOwn ? 0 : 1, name, serial, rule);
        }

        @Override
        public int compareTo(Claim other) {
            return rank != other.rank ? Integer.compare(rank, other.rank) : name.compareTo(other.name);
        }
    }

    FrontendClaims(Family family) {
        this.family = family;
    }

    /**
     * A port claims others than before.
     *
     * @param serial its number
     */
    void replace(
            ServicePortName name, int serial, List<FrontendRule> before, List<FrontendRule> now, TableChanges changes) {
        if (before.equals(now)) {
            return;
        }
        Set<Frontend> touched = new LinkedHashSet<>();
        before.forEach(rule -> touched.add(rule.frontend()));
        now.forEach(rule -> touched.add(rule.frontend()));
        Map<ElementKey, ElementValue> was = new HashMap<>();
        touched.forEach(frontend -> owned(frontend, was::put));
        for (FrontendRule rule : before) {
            TreeSet<Claim> all = claims.get(rule.frontend());
            if (all != null && all.remove(Claim.of(name, serial, rule)) && all.isEmpty()) {
                claims.remove(rule.frontend());
            }
        }
        for (FrontendRule rule : now) {
            claims.computeIfAbsent(rule.frontend(), _ -> new TreeSet<>()).add(Claim.of(name, serial, rule));
        }
        Map<ElementKey, ElementValue> is = new HashMap<>();
        touched.forEach(frontend -> owned(frontend, is::put));
        was.forEach((key, value) -> changes.set(key, value, is.get(key)));
        is.forEach((key, value) -> {
            if (!was.containsKey(key)) {
                changes.set(key, null, value);
            }
        });
    }

    /** The elements of a frontend, which are those of its first claim. */
    private void owned(Frontend frontend, BiConsumer<ElementKey, ElementValue> elements) {
        TreeSet<Claim> all = claims.get(frontend);
        if (all == null) {
            return;
        }
        Claim owner = all.first();
        elements.accept(
                Elements.frontend(family, frontend),
                Elements.frontendValue(
                        owner.serial(), owner.rule(), owner.name().toString()));
        List<IpPrefix> sources = owner.rule().sources();
        if (sources != null) {
            for (IpPrefix range : sources) {
                elements.accept(Elements.source(family, frontend, range), ElementValue.NONE);
            }
        }
    }

    /** The elements of all frontends. */
    void forEach(BiConsumer<ElementKey, ElementValue> elements) {
        claims.keySet().forEach(frontend -> owned(frontend, elements));
    }
}
