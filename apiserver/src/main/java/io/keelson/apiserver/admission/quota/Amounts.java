package io.keelson.apiserver.admission.quota;

import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.object.Quantity.Style;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Amounts of several resources, by their names in order. */
final class Amounts {
    static final Quantity ONE = Quantity.of(1, Style.DECIMAL);

    private Amounts() {}

    static Quantity count(long number) {
        return Quantity.of(number, Style.DECIMAL);
    }

    static Map<String, Quantity> sum(Map<String, Quantity> one, Map<String, Quantity> other) {
        Map<String, Quantity> sum = new TreeMap<>(one);
        other.forEach((name, amount) -> sum.merge(name, amount, Quantity::add));
        return sum;
    }

    /** How much more it is than before, of what is more. */
    static Map<String, Quantity> growth(Map<String, Quantity> now, Map<String, Quantity> before) {
        Map<String, Quantity> growth = new TreeMap<>();
        now.forEach((name, amount) -> {
            Quantity more = amount.subtract(before.getOrDefault(name, Quantity.ZERO));
            if (more.signum() > 0) {
                growth.put(name, more);
            }
        });
        return growth;
    }

    /** Those of some names that are not nothing. */
    static Map<String, Quantity> of(Map<String, Quantity> amounts, Collection<String> names) {
        Map<String, Quantity> chosen = new TreeMap<>();
        amounts.forEach((name, amount) -> {
            if (names.contains(name) && !amount.isZero()) {
                chosen.put(name, amount);
            }
        });
        return chosen;
    }

    /** {@code cpu=1,memory=1Gi}: those of some names, what is nothing too. */
    static String text(Map<String, Quantity> amounts, Collection<String> names) {
        return amounts.entrySet().stream()
                .filter(entry -> names.contains(entry.getKey()))
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(","));
    }
}
