package io.keelson.controllers.resourcequota;

import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.objects.Amount;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What is used of what one quota limits, put together from objects of several kinds. Then it is thrown away. */
final class Usage {
    private final Set<String> limited;
    private final List<Scope> scopes;
    private final Map<String, Amount> used = new TreeMap<>();

    /**
     * Nothing is counted yet.
     *
     * @param limited the resources that the quota limits
     */
    Usage(Set<String> limited, List<Scope> scopes) {
        this.limited = limited;
        this.scopes = scopes;
    }

    /** Counts all objects of a kind that the quota is about. */
    <T> void count(Measure<T> measure, Collection<T> objects) {
        List<String> names = limited.stream().filter(measure::measures).toList();
        names.forEach(name -> used.putIfAbsent(name, Amount.ZERO));
        for (T object : objects) {
            if (scopes.stream().allMatch(scope -> measure.isIn(scope, object))) {
                Map<String, Amount> usage = measure.usage(object);
                for (String name : names) {
                    Amount amount = usage.get(name);
                    if (amount != null) {
                        used.merge(name, amount, Amount::plus);
                    }
                }
            }
        }
    }

    /** Whether the quota limits anything that is measured so. */
    boolean concerns(Measure<?> measure) {
        return limited.stream().anyMatch(measure::measures);
    }

    /** Takes over a number of objects. They are in no scope. */
    void count(String resource, long number) {
        used.put(resource, Amount.of(scopes.isEmpty() ? number : 0));
    }

    /** What is used now: of resources that nobody can measure, what was said before, if anything. */
    Map<String, Amount> over(Map<String, Amount> before) {
        Map<String, Amount> all = new TreeMap<>(before);
        all.putAll(used);
        all.keySet().retainAll(limited);
        return all;
    }

    /** Whether these are the same resources and the same amounts, however they are written. */
    static boolean same(Map<String, Amount> one, Map<String, Amount> other) {
        return one.keySet().equals(other.keySet())
                && one.entrySet().stream().allMatch(entry -> entry.getValue().isAsMuchAs(other.get(entry.getKey())));
    }

    static Map<String, Quantity> quantities(Map<String, Amount> amounts) {
        Map<String, Quantity> quantities = new TreeMap<>();
        amounts.forEach((name, amount) -> quantities.put(name, amount.quantity()));
        return quantities;
    }
}
