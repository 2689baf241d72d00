package io.keelson.scheduler.devices.selectors;

import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import java.math.BigDecimal;
import java.util.function.Function;

/**
 * The functions that expressions of Kubernetes have: those for quantities and versions, which devices have, and with them
 * those for lists, regular expressions, addresses, URLs and formats.
 */
final class SelectorFunctions {
    static final OpaqueType QUANTITY = OpaqueType.create("kubernetes.Quantity");
    private static final OpaqueType VERSION = OpaqueType.create("kubernetes.Semver");

    private final FunctionTable table = new FunctionTable();

    private SelectorFunctions() {
        table.type(QUANTITY, DecimalQuantity.class);
        table.type(VERSION, SemanticVersion.class);
    }

    static FunctionTable all() {
        SelectorFunctions all = new SelectorFunctions();
        all.quantities();
        all.versions();
        ListFunctions.addTo(all.table);
        RegexFunctions.addTo(all.table);
        AddressFunctions.addTo(all.table);
        UrlFunctions.addTo(all.table);
        NamedFormats.addTo(all.table);
        TextFormat.addTo(all.table);
        return all.table;
    }

    private void quantities() {
        table.global(
                "quantity",
                "string_to_quantity",
                QUANTITY,
                given -> FunctionTable.orFail(DecimalQuantity::parse, given[0]),
                SimpleType.STRING);
        table.global(
                "isQuantity",
                "is_quantity_string",
                SimpleType.BOOL,
                given -> FunctionTable.succeeds(DecimalQuantity::parse, given[0]),
                SimpleType.STRING);
        table.member(
                "sign",
                "quantity_sign",
                SimpleType.INT,
                given -> (long) decimal(given[0]).signum(),
                QUANTITY);
        table.member(
                "isInteger",
                "quantity_is_integer",
                SimpleType.BOOL,
                given -> of(given[0]).isInteger(),
                QUANTITY);
        table.member("asInteger", "quantity_get_int", SimpleType.INT, given -> integer(of(given[0])), QUANTITY);
        table.member(
                "asApproximateFloat",
                "quantity_get_float",
                SimpleType.DOUBLE,
                given -> decimal(given[0]).doubleValue(),
                QUANTITY);
        table.member("add", "quantity_add", QUANTITY, given -> sum(given[0], decimal(given[1])), QUANTITY, QUANTITY);
        table.member(
                "add", "quantity_add_int", QUANTITY, given -> sum(given[0], whole(given[1])), QUANTITY, SimpleType.INT);
        table.member(
                "sub",
                "quantity_sub",
                QUANTITY,
                given -> sum(given[0], decimal(given[1]).negate()),
                QUANTITY,
                QUANTITY);
        table.member(
                "sub",
                "quantity_sub_int",
                QUANTITY,
                given -> sum(given[0], whole(given[1]).negate()),
                QUANTITY,
                SimpleType.INT);
        compared("quantity", QUANTITY, (one, other) -> of(one).compareTo(of(other)));
    }

    private void versions() {
        table.global(
                "semver",
                "string_to_semver",
                VERSION,
                given -> FunctionTable.orFail(SemanticVersion::parse, given[0]),
                SimpleType.STRING);
        table.global(
                "semver",
                "string_bool_to_semver",
                VERSION,
                given -> FunctionTable.orFail(version(given[1]), given[0]),
                SimpleType.STRING,
                SimpleType.BOOL);
        table.global(
                "isSemver",
                "is_semver_string",
                SimpleType.BOOL,
                given -> FunctionTable.succeeds(SemanticVersion::parse, given[0]),
                SimpleType.STRING);
        table.global(
                "isSemver",
                "is_semver_string_bool",
                SimpleType.BOOL,
                given -> FunctionTable.succeeds(version(given[1]), given[0]),
                SimpleType.STRING,
                SimpleType.BOOL);
        table.member("major", "semver_major", SimpleType.INT, given -> ((SemanticVersion) given[0]).major(), VERSION);
        table.member("minor", "semver_minor", SimpleType.INT, given -> ((SemanticVersion) given[0]).minor(), VERSION);
        table.member("patch", "semver_patch", SimpleType.INT, given -> ((SemanticVersion) given[0]).patch(), VERSION);
        compared("semver", VERSION, (one, other) -> ((SemanticVersion) one).compareTo((SemanticVersion) other));
    }

    private interface Order {
        int compare(Object one, Object other);
    }

    private void compared(String prefix, CelType type, Order order) {
        table.member(
                "isGreaterThan",
                prefix + "_is_greater_than",
                SimpleType.BOOL,
                given -> order.compare(given[0], given[1]) > 0,
                type,
                type);
        table.member(
                "isLessThan",
                prefix + "_is_less_than",
                SimpleType.BOOL,
                given -> order.compare(given[0], given[1]) < 0,
                type,
                type);
        table.member(
                "compareTo",
                prefix + "_compare_to",
                SimpleType.INT,
                given -> (long) Integer.signum(order.compare(given[0], given[1])),
                type,
                type);
    }

    private static DecimalQuantity of(Object quantity) {
        return (DecimalQuantity) quantity;
    }

    private static BigDecimal decimal(Object quantity) {
        return of(quantity).value();
    }

    private static BigDecimal whole(Object number) {
        return BigDecimal.valueOf((Long) number);
    }

    private static DecimalQuantity sum(Object quantity, BigDecimal more) {
        return new DecimalQuantity(decimal(quantity).add(more));
    }

    private static Object integer(DecimalQuantity quantity) {
        if (!quantity.isInteger()) {
            throw FunctionTable.failure("cannot convert value to integer");
        }
        return quantity.value().longValueExact();
    }

    private static Function<String, SemanticVersion> version(Object tolerantly) {
        return (Boolean) tolerantly ? SemanticVersion::parseTolerantly : SemanticVersion::parse;
    }
}
