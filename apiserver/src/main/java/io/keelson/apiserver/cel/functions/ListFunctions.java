package io.keelson.apiserver.cel.functions;

import static dev.cel.common.types.SimpleType.BOOL;
import static dev.cel.common.types.SimpleType.INT;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.TypeParamType;
import dev.cel.common.values.CelByteString;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Functions of Kubernetes on lists: {@code isSorted}, {@code sum}, {@code min}, {@code max}, {@code indexOf}, {@code lastIndexOf}. */
public final class ListFunctions {
    private static final CelType ELEMENT = TypeParamType.create("T");
    private static final CelType LIST = ListType.create(ELEMENT);

    private ListFunctions() {}

    public static FunctionSet set() {
        return new FunctionSet()
                .member("isSorted", "list_is_sorted", Cost.FIRST, given -> isSorted((List<?>) given[0]), BOOL, LIST)
                .member("sum", "list_sum", Cost.FIRST, given -> sum((List<?>) given[0]), ELEMENT, LIST)
                .member("min", "list_min", Cost.FIRST, given -> extreme((List<?>) given[0], -1), ELEMENT, LIST)
                .member("max", "list_max", Cost.FIRST, given -> extreme((List<?>) given[0], 1), ELEMENT, LIST)
                .member(
                        "indexOf",
                        "list_index_of",
                        Cost.FIRST,
                        given -> indexOf((List<?>) given[0], given[1]),
                        INT,
                        LIST,
                        ELEMENT)
                .member(
                        "lastIndexOf",
                        "list_last_index_of",
                        Cost.FIRST,
                        given -> lastIndexOf((List<?>) given[0], given[1]),
                        INT,
                        LIST,
                        ELEMENT);
    }

    private static Object isSorted(List<?> list) {
        Object before = null;
        for (Object element : list) {
            if (before != null && compare(before, element) > 0) {
                return false;
            }
            before = element;
        }
        return true;
    }

    private static Object extreme(List<?> list, int sign) {
        if (list.isEmpty()) {
            throw new FunctionFailure((sign < 0 ? "min" : "max") + " called on empty list");
        }
        Object best = list.getFirst();
        for (Object element : list) {
            if (compare(element, best) * sign > 0) {
                best = element;
            }
        }
        return best;
    }

    private static Object sum(List<?> list) {
        if (list.isEmpty()) {
            return list instanceof TypedList typed ? typed.zero() : (Object) 0L;
        }
        Object sum = null;
        for (Object element : list) {
            sum = sum == null ? element : add(sum, element);
        }
        return sum == null || !isNumber(sum) ? failure() : sum;
    }

    private static boolean isNumber(Object value) {
        return value instanceof Long
                || value instanceof Double
                || value instanceof UnsignedLong
                || value instanceof Duration;
    }

    private static Object add(Object one, Object other) {
        try {
            return switch (one) {
                case Long left when other instanceof Long right -> Math.addExact(left, right);
                case Double left when other instanceof Double right -> left + right;
                case UnsignedLong left when other instanceof UnsignedLong right -> left.plus(right);
                case Duration left when other instanceof Duration right -> left.plus(right);
                default -> failure();
            };
        } catch (ArithmeticException e) {
            throw new FunctionFailure("integer overflow");
        }
    }

    private static int compare(Object one, Object other) {
        return switch (one) {
            case Long left when other instanceof Long right -> left.compareTo(right);
            case Double left when other instanceof Double right -> left.compareTo(right);
            case UnsignedLong left when other instanceof UnsignedLong right -> left.compareTo(right);
            case Boolean left when other instanceof Boolean right -> left.compareTo(right);
            case String left when other instanceof String right -> left.compareTo(right);
            case Instant left when other instanceof Instant right -> left.compareTo(right);
            case Duration left when other instanceof Duration right -> left.compareTo(right);
            case CelByteString left
            when other instanceof CelByteString right ->
                CelByteString.unsignedLexicographicalComparator().compare(left, right);
            default -> throw new FunctionFailure("no such overload");
        };
    }

    private static Object failure() {
        throw new FunctionFailure("no such overload");
    }

    private static Object indexOf(List<?> list, Object wanted) {
        for (int i = 0; i < list.size(); i++) {
            if (Sameness.same(list.get(i), wanted)) {
                return (long) i;
            }
        }
        return -1L;
    }

    private static Object lastIndexOf(List<?> list, Object wanted) {
        for (int i = list.size() - 1; i >= 0; i--) {
            if (Sameness.same(list.get(i), wanted)) {
                return (long) i;
            }
        }
        return -1L;
    }
}
