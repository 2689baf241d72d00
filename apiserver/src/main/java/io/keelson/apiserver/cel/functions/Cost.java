package io.keelson.apiserver.cel.functions;

import dev.cel.common.values.CelByteString;
import java.util.Collection;
import java.util.Map;

/** What a call costs, out of what it is given: about one for each ten characters or element that it walks through. */
@FunctionalInterface
public interface Cost {
    /** A call that looks at nothing of any length. */
    Cost ONE = arguments -> 1;

    /** A call that walks through its first argument, text or list, once. */
    Cost FIRST = arguments -> walk(arguments[0]);

    /** A call that walks through all of its arguments once. */
    Cost ALL = arguments -> {
        long cost = 0;
        for (Object argument : arguments) {
            cost += walk(argument);
        }
        return cost;
    };

    /** A call that looks for one text in the other. */
    Cost SEARCH = arguments -> walk(arguments[0]) * walk(arguments[1]);

    /** A call that matches a text against a regular expression. */
    Cost REGEX = arguments -> tenths(size(arguments[0]) + 1) * Math.max(1, (size(arguments[1]) + 3) / 4);

    /** A call that compares two values, until they differ or the shorter one ends. */
    Cost EQUALITY = new Cost() {
        @Override
        public long of(Object[] arguments) {
            boolean deep = isContainer(arguments[0]) && isContainer(arguments[1]);
            return deep ? Math.min(deep(arguments[0]), deep(arguments[1])) : estimate(arguments);
        }

        @Override
        public long estimate(Object[] arguments) {
            return Math.min(walk(arguments[0]), walk(arguments[1]));
        }
    };

    /** A call that compares each element of a list with each of another. */
    Cost PAIRS = arguments -> 1 + Math.max(1, size(arguments[0])) * Math.max(1, size(arguments[1]));

    long of(Object[] arguments);

    /** What a call costs for arguments of which only the size is known: texts and lists of nothing in particular. */
    default long estimate(Object[] arguments) {
        return of(arguments);
    }

    private static boolean isContainer(Object value) {
        return value instanceof Collection || value instanceof Map;
    }

    /** What it costs to walk through a value and all that lies in it. */
    private static long deep(Object value) {
        long cost = 1;
        if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                cost += 1 + deep(entry.getValue());
            }
            return cost;
        }
        if (value instanceof Collection<?> list) {
            for (Object element : list) {
                cost += deep(element);
            }
            return cost;
        }
        return walk(value);
    }

    /** What it costs to walk through a value once, at least one. */
    static long walk(Object value) {
        return switch (value) {
            case CharSequence text -> Math.max(1, tenths(text.length()));
            case CelByteString bytes -> Math.max(1, tenths(bytes.size()));
            case Collection<?> list -> Math.max(1, list.size());
            case Map<?, ?> map -> Math.max(1, map.size());
            default -> 1;
        };
    }

    /** Characters, bytes, elements or entries; one for all else. */
    static long size(Object value) {
        return switch (value) {
            case CharSequence text -> text.length();
            case CelByteString bytes -> bytes.size();
            case Collection<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            default -> 1;
        };
    }

    private static long tenths(long size) {
        return (size + 9) / 10;
    }
}
