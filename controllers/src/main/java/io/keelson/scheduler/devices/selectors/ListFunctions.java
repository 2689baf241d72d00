package io.keelson.scheduler.devices.selectors;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/** What Kubernetes adds to lists. */
final class ListFunctions {
    private static final CelType ELEMENT = TypeParamType.create("T");
    private static final CelType LIST = ListType.create(ELEMENT);

    private ListFunctions() {}

    static void addTo(FunctionTable table) {
        table.member("isSorted", "list_is_sorted", SimpleType.BOOL, given -> isSorted(list(given)), LIST);
        table.member("sum", "list_sum", ELEMENT, given -> sum(list(given)), LIST);
        table.member("min", "list_min", ELEMENT, given -> extreme("min", -1, list(given)), LIST);
        table.member("max", "list_max", ELEMENT, given -> extreme("max", 1, list(given)), LIST);
        table.member(
                "indexOf",
                "list_index_of",
                SimpleType.INT,
                given -> index(list(given), given[1], false),
                LIST,
                ELEMENT);
        table.member(
                "lastIndexOf",
                "list_last_index_of",
                SimpleType.INT,
                given -> index(list(given), given[1], true),
                LIST,
                ELEMENT);
    }

    private static List<?> list(Object[] given) {
        return List.copyOf((Collection<?>) given[0]);
    }

    private static Object isSorted(List<?> list) {
        for (int i = 1; i < list.size(); i++) {
            if (compare(list.get(i - 1), list.get(i)) > 0) {
                return false;
            }
        }
        return true;
    }

    private static Object extreme(String name, int sign, List<?> list) {
        Iterator<?> each = list.iterator();
        if (!each.hasNext()) {
            throw FunctionTable.failure(name + " called on empty list");
        }
        Object best = each.next();
        while (each.hasNext()) {
            Object other = each.next();
            best = Integer.signum(compare(other, best)) == sign ? other : best;
        }
        return best;
    }

    private static Object sum(List<?> list) {
        if (list.isEmpty()) {
            return 0L;
        }
        Object sum = list.getFirst();
        if (list.size() == 1) {
            // Even one has to be something that can be summed up.
            return sum instanceof Long
                            || sum instanceof Double
                            || sum instanceof UnsignedLong
                            || sum instanceof Duration
                    ? sum
                    : add(sum, sum);
        }
        for (Object each : list.subList(1, list.size())) {
            sum = add(sum, each);
        }
        return sum;
    }

    private static Object add(Object one, Object other) {
        try {
            if (one instanceof Long left && other instanceof Long right) {
                return Math.addExact(left, right);
            }
            if (one instanceof Double left && other instanceof Double right) {
                return left + right;
            }
            if (one instanceof Duration left && other instanceof Duration right) {
                return left.plus(right);
            }
            if (one instanceof UnsignedLong left && other instanceof UnsignedLong right) {
                UnsignedLong sum = left.plus(right);
                if (sum.compareTo(left) >= 0) {
                    return sum;
                }
                throw new ArithmeticException("more than 64 bits");
            }
        } catch (ArithmeticException e) {
            throw FunctionTable.failure("integer overflow");
        }
        throw FunctionTable.failure("no such overload");
    }

    private static int compare(Object one, Object other) {
        if (one.getClass() != other.getClass()) {
            throw FunctionTable.failure("no such overload");
        }
        return switch (one) {
            case Long left -> left.compareTo((Long) other);
            case Double left -> left.compareTo((Double) other);
            case UnsignedLong left -> left.compareTo((UnsignedLong) other);
            case Boolean left -> left.compareTo((Boolean) other);
            case String left -> left.compareTo((String) other);
            case Instant left -> left.compareTo((Instant) other);
            case Duration left -> left.compareTo((Duration) other);
            default -> throw FunctionTable.failure("no such overload");
        };
    }

    private static Object index(List<?> list, Object wanted, boolean fromTheEnd) {
        for (int i = 0; i < list.size(); i++) {
            int at = fromTheEnd ? list.size() - 1 - i : i;
            if (isSame(list.get(at), wanted)) {
                return (long) at;
            }
        }
        return -1L;
    }

    /** Numbers are the same if they are as much, of whatever type. */
    private static boolean isSame(Object one, Object other) {
        if (one instanceof Number left && other instanceof Number right) {
            boolean isFinite = Double.isFinite(left.doubleValue()) && Double.isFinite(right.doubleValue());
            return isFinite
                    ? new BigDecimal(left.toString()).compareTo(new BigDecimal(right.toString())) == 0
                    : left.doubleValue() == right.doubleValue();
        }
        return Objects.equals(one, other);
    }
}
