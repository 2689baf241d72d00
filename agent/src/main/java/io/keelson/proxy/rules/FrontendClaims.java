package io.keelson.proxy.rules;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which port of a Service has a frontend that several may claim: cluster IPs come before other addresses, then the
 * lower name before the higher. The others get it when those before them give it up.
 */
final class FrontendClaims {
    private final Map<Frontend, TreeSet<Claim>> claims = new HashMap<>();

    /** What a port of a Service wants of a frontend. */
    record Claim(ServicePortName name, FrontendRule rule) implements Comparable<Claim> {
        private int rank() {
            return rule.treatment() == Treatment.INTERNAL || rule.treatment() == Treatment.INTERNAL_LOCAL ? 0 : 1;
        }

        @Override
        public int compareTo(Claim other) {
            return rank() != other.rank() ? Integer.compare(rank(), other.rank()) : name.compareTo(other.name);
        }
    }

    /** A port claims others than before. */
    void replace(ServicePortName name, List<FrontendRule> before, List<FrontendRule> now) {
        for (FrontendRule rule : before) {
            TreeSet<Claim> all = claims.get(rule.frontend());
            if (all != null && all.remove(new Claim(name, rule)) && all.isEmpty()) {
                claims.remove(rule.frontend());
            }
        }
        for (FrontendRule rule : now) {
            claims.computeIfAbsent(rule.frontend(), _ -> new TreeSet<>()).add(new Claim(name, rule));
        }
    }

    /** The claim that counts; null if there is none. */
    @Nullable
    Claim owner(Frontend frontend) {
        TreeSet<Claim> all = claims.get(frontend);
        return all == null ? null : all.first();
    }

    /** All frontends that somebody claims. */
    Set<Frontend> frontends() {
        return claims.keySet();
    }
}
