package io.keelson.apiserver.cel.functions;

import com.google.common.primitives.UnsignedLong;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether two values are equal as CEL has it: numbers by value whatever their types, lists and maps by what they hold. */
public final class Sameness {
    private Sameness() {}

    public static boolean same(Object one, Object other) {
        if (one instanceof Number && other instanceof Number) {
            return number(one, other);
        }
        if (one instanceof TypedList left && left.isUnordered() && other instanceof Collection<?> right) {
            return left.hasAll(right);
        }
        if (other instanceof TypedList right && right.isUnordered() && one instanceof Collection<?> left) {
            return right.hasAll(left);
        }
        if (one instanceof Optional<?> left && other instanceof Optional<?> right) {
            boolean both = left.isPresent() && right.isPresent();
            return both ? same(left.get(), right.get()) : left.isPresent() == right.isPresent();
        }
        if (one instanceof List<?> left && other instanceof List<?> right) {
            if (left.size() != right.size()) {
                return false;
            }
            for (int i = 0; i < left.size(); i++) {
                if (!same(left.get(i), right.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (one instanceof Map<?, ?> left && other instanceof Map<?, ?> right) {
            if (left.size() != right.size()) {
                return false;
            }
            for (Map.Entry<?, ?> entry : left.entrySet()) {
                Object there = right.get(entry.getKey());
                if (there == null || !same(entry.getValue(), there)) {
                    return false;
                }
            }
            return true;
        }
        return one.equals(other);
    }

    private static boolean number(Object one, Object other) {
        if (one instanceof Long left && other instanceof Long right) {
            return left.equals(right);
        }
        if (one instanceof Double left && other instanceof Double right) {
            return left.doubleValue() == right.doubleValue();
        }
        if (!isFinite(one) || !isFinite(other)) {
            return false;
        }
        return decimal(one).compareTo(decimal(other)) == 0;
    }

    private static boolean isFinite(Object number) {
        return !(number instanceof Double real) || Double.isFinite(real);
    }

    private static BigDecimal decimal(Object number) {
        return switch (number) {
            case Double real -> new BigDecimal(real);
            case UnsignedLong unsigned -> new BigDecimal(unsigned.bigIntegerValue());
            default -> new BigDecimal(number.toString());
        };
    }
}
