package io.keelson.scheduler.state;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers for the names of resources, so that amounts are arrays. The four that every node has come first. There are as many
 * as nodes and pods of a cluster name, a few dozen; names beyond {@value #MAX} are refused, as somebody makes them up.
 */
public final class ResourceTable {
    /** CPU, in thousandths of one. */
    public static final int CPU = 0;

    /** Memory, in bytes. */
    public static final int MEMORY = 1;

    /** Disk space of a node that lasts as long as a pod does, in bytes. */
    public static final int EPHEMERAL_STORAGE = 2;

    /** How many pods. */
    public static final int PODS = 3;

    private static final int MAX = 4096;

    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final SharedValues amounts = new SharedValues();

    /** The four that every node has. */
    public ResourceTable() {
        number("cpu");
        number("memory");
        number("ephemeral-storage");
        number("pods");
    }

    /**
     * A resource's number; it gets one if it has none.
     *
     * @throws IllegalStateException if there are too many
     */
    public int number(String name) {
        Integer known = numbers.get(name);
        if (known != null) {
            return known;
        }
        if (names.size() == MAX) {
            throw new IllegalStateException(
                    "there are more than " + MAX + " names of resources; " + name + " is one more");
        }
        numbers.put(name, names.size());
        names.add(name);
        return names.size() - 1;
    }

    /** A resource's name. */
    public String name(int number) {
        return names.get(number);
    }

    /** One instance of equal amounts, which must not change: thousands of pods request the same. */
    Amounts shared(Amounts each) {
        return amounts.of(each);
    }

    /** How many there are. */
    public int size() {
        return names.size();
    }
}
