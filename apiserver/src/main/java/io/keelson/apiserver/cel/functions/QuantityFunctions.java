package io.keelson.apiserver.cel.functions;

import static dev.cel.common.types.SimpleType.BOOL;
import static dev.cel.common.types.SimpleType.DOUBLE;
import static dev.cel.common.types.SimpleType.INT;
import static dev.cel.common.types.SimpleType.STRING;

import dev.cel.common.types.OpaqueType;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;

/** Quantities of resources: {@code quantity("1.5Gi")} and what can be done with them. */
public final class QuantityFunctions {
    /** The type of quantities, for variables that hold some. */
    public static final OpaqueType QUANTITY = OpaqueType.create("kubernetes.Quantity");

    private QuantityFunctions() {}

    public static FunctionSet set() {
        return new FunctionSet()
                .type(QUANTITY, Quantity.class)
                .global(
                        "quantity",
                        "string_to_quantity",
                        Cost.FIRST,
                        given -> read((String) given[0]),
                        QUANTITY,
                        STRING)
                .global(
                        "isQuantity",
                        "is_quantity_string",
                        Cost.FIRST,
                        given -> isQuantity((String) given[0]),
                        BOOL,
                        STRING)
                .member(
                        "sign",
                        "quantity_sign",
                        Cost.ONE,
                        given -> (long) of(given[0]).signum(),
                        INT,
                        QUANTITY)
                .member("isInteger", "quantity_is_integer", Cost.ONE, given -> isInteger(of(given[0])), BOOL, QUANTITY)
                .member("asInteger", "quantity_get_int", Cost.ONE, given -> asInteger(of(given[0])), INT, QUANTITY)
                .member(
                        "asApproximateFloat",
                        "quantity_get_float",
                        Cost.ONE,
                        given -> of(given[0]).decimal().doubleValue(),
                        DOUBLE,
                        QUANTITY)
                .member(
                        "add",
                        "quantity_add",
                        Cost.ONE,
                        given -> of(given[0]).add(of(given[1])),
                        QUANTITY,
                        QUANTITY,
                        QUANTITY)
                .member(
                        "add",
                        "quantity_add_int",
                        Cost.ONE,
                        given -> of(given[0]).add(whole(given[1])),
                        QUANTITY,
                        QUANTITY,
                        INT)
                .member(
                        "sub",
                        "quantity_sub",
                        Cost.ONE,
                        given -> of(given[0]).subtract(of(given[1])),
                        QUANTITY,
                        QUANTITY,
                        QUANTITY)
                .member(
                        "sub",
                        "quantity_sub_int",
                        Cost.ONE,
                        given -> of(given[0]).subtract(whole(given[1])),
                        QUANTITY,
                        QUANTITY,
                        INT)
                .member(
                        "isGreaterThan",
                        "quantity_is_greater_than",
                        Cost.ONE,
                        given -> of(given[0]).compareTo(of(given[1])) > 0,
                        BOOL,
                        QUANTITY,
                        QUANTITY)
                .member(
                        "isLessThan",
                        "quantity_is_less_than",
                        Cost.ONE,
                        given -> of(given[0]).compareTo(of(given[1])) < 0,
                        BOOL,
                        QUANTITY,
                        QUANTITY)
                .member(
                        "compareTo",
                        "quantity_compare_to",
                        Cost.ONE,
                        given -> (long) Integer.signum(of(given[0]).compareTo(of(given[1]))),
                        INT,
                        QUANTITY,
                        QUANTITY);
    }

    private static Quantity of(Object value) {
        return (Quantity) value;
    }

    private static Quantity whole(Object number) {
        return Quantity.of((Long) number, Quantity.Style.DECIMAL_EXPONENT);
    }

    private static Object read(String text) {
        try {
            return Quantity.parse(text);
        } catch (MalformedException e) {
            throw new FunctionFailure(String.valueOf(e.getMessage()));
        }
    }

    private static Object isQuantity(String text) {
        try {
            Quantity.parse(text);
            return true;
        } catch (MalformedException e) {
            return false;
        }
    }

    private static boolean isInteger(Quantity quantity) {
        try {
            return quantity.decimal().longValueExact() == quantity.value();
        } catch (ArithmeticException e) {
            return false;
        }
    }

    private static Object asInteger(Quantity quantity) {
        if (!isInteger(quantity)) {
            throw new FunctionFailure("cannot convert value to integer");
        }
        return quantity.value();
    }
}
