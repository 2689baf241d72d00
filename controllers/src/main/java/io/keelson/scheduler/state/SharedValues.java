package io.keelson.scheduler.state;

import java.util.HashMap;
import java.util.Map;

/**
 * One instance of what many nodes or pods have: names of labels, zones, amounts of machines of one type, taints, what pods
 * request. What only one has fills it in vain, so it takes no more in when it is full; then what is new is kept by each for
 * itself.
 */
final class SharedValues {
    private static final int MAX = 64 * 1024;

    private final Map<Object, Object> known = new HashMap<>();

    /** A value that equals this one, the same as often as it goes. The value must not change. */
    <T> T of(T value) {
        Object same = known.get(value);
        if (same == null) {
            if (known.size() < MAX) {
                known.put(value, value);
            }
            return value;
        }
        // Only what equals it and is of its class is of its type; a list of another class is as good as it is.
        @SuppressWarnings("unchecked")
        T found = value.getClass() == same.getClass() ? (T) same : value;
        return found;
    }
}
