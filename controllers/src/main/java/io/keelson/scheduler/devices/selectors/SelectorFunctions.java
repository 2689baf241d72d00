package io.keelson.scheduler.devices.selectors;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelErrorCode;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.exceptions.CelRuntimeException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The functions of Kubernetes for what devices have: quantities and versions. */
final class SelectorFunctions {
    static final OpaqueType QUANTITY = OpaqueType.create("kubernetes.Quantity");
    private static final OpaqueType VERSION = OpaqueType.create("kubernetes.Semver");

    private final Map<String, List<CelOverloadDecl>> overloads = new LinkedHashMap<>();
    private final List<CelFunctionBinding> bindings = new ArrayList<>();

    /** A function gives nothing for what it was given. */
    private static final class FailureException extends CelRuntimeException {
        private static final long serialVersionUID = 1;

        private FailureException(String message) {
            super(new IllegalArgumentException(message), CelErrorCode.INVALID_ARGUMENT);
        }
    }

    private SelectorFunctions() {}

    static SelectorFunctions all() {
        SelectorFunctions all = new SelectorFunctions();
        all.quantities();
        all.versions();
        return all;
    }

    ImmutableList<CelFunctionDecl> declarations() {
        return overloads.entrySet().stream()
                .map(entry -> CelFunctionDecl.newFunctionDeclaration(entry.getKey(), entry.getValue()))
                .collect(ImmutableList.toImmutableList());
    }

    ImmutableList<CelFunctionBinding> bindings() {
        return ImmutableList.copyOf(bindings);
    }

    private void quantities() {
        global("quantity", "string_to_quantity", QUANTITY, given -> quantity(given[0]), SimpleType.STRING);
        global(
                "isQuantity",
                "is_quantity_string",
                SimpleType.BOOL,
                given -> succeeds(() -> quantity(given[0])),
                SimpleType.STRING);
        member(
                "sign",
                "quantity_sign",
                SimpleType.INT,
                given -> (long) decimal(given[0]).signum(),
                QUANTITY);
        member(
                "isInteger",
                "quantity_is_integer",
                SimpleType.BOOL,
                given -> of(given[0]).isInteger(),
                QUANTITY);
        member("asInteger", "quantity_get_int", SimpleType.INT, given -> integer(of(given[0])), QUANTITY);
        member(
                "asApproximateFloat",
                "quantity_get_float",
                SimpleType.DOUBLE,
                given -> decimal(given[0]).doubleValue(),
                QUANTITY);
        member("add", "quantity_add", QUANTITY, given -> sum(given[0], decimal(given[1])), QUANTITY, QUANTITY);
        member("add", "quantity_add_int", QUANTITY, given -> sum(given[0], whole(given[1])), QUANTITY, SimpleType.INT);
        member(
                "sub",
                "quantity_sub",
                QUANTITY,
                given -> sum(given[0], decimal(given[1]).negate()),
                QUANTITY,
                QUANTITY);
        member(
                "sub",
                "quantity_sub_int",
                QUANTITY,
                given -> sum(given[0], whole(given[1]).negate()),
                QUANTITY,
                SimpleType.INT);
        compared("quantity", QUANTITY, (one, other) -> of(one).compareTo(of(other)));
    }

    private void versions() {
        global("semver", "string_to_semver", VERSION, given -> version(given[0], false), SimpleType.STRING);
        global(
                "semver",
                "string_bool_to_semver",
                VERSION,
                given -> version(given[0], (Boolean) given[1]),
                SimpleType.STRING,
                SimpleType.BOOL);
        global(
                "isSemver",
                "is_semver_string",
                SimpleType.BOOL,
                given -> succeeds(() -> version(given[0], false)),
                SimpleType.STRING);
        global(
                "isSemver",
                "is_semver_string_bool",
                SimpleType.BOOL,
                given -> succeeds(() -> version(given[0], (Boolean) given[1])),
                SimpleType.STRING,
                SimpleType.BOOL);
        member("major", "semver_major", SimpleType.INT, given -> ((SemanticVersion) given[0]).major(), VERSION);
        member("minor", "semver_minor", SimpleType.INT, given -> ((SemanticVersion) given[0]).minor(), VERSION);
        member("patch", "semver_patch", SimpleType.INT, given -> ((SemanticVersion) given[0]).patch(), VERSION);
        compared("semver", VERSION, (one, other) -> ((SemanticVersion) one).compareTo((SemanticVersion) other));
    }

    private interface Order {
        int compare(Object one, Object other);
    }

    private void compared(String prefix, CelType type, Order order) {
        member(
                "isGreaterThan",
                prefix + "_is_greater_than",
                SimpleType.BOOL,
                given -> order.compare(given[0], given[1]) > 0,
                type,
                type);
        member(
                "isLessThan",
                prefix + "_is_less_than",
                SimpleType.BOOL,
                given -> order.compare(given[0], given[1]) < 0,
                type,
                type);
        member(
                "compareTo",
                prefix + "_compare_to",
                SimpleType.INT,
                given -> (long) Integer.signum(order.compare(given[0], given[1])),
                type,
                type);
    }

    private void global(String name, String id, CelType result, Function<Object[], Object> body, CelType... given) {
        add(name, CelOverloadDecl.newGlobalOverload(id, result, given), body);
    }

    private void member(String name, String id, CelType result, Function<Object[], Object> body, CelType... given) {
        add(name, CelOverloadDecl.newMemberOverload(id, result, given), body);
    }

    @SuppressWarnings("Immutable") // the bodies keep no state
    private void add(String name, CelOverloadDecl overload, Function<Object[], Object> body) {
        overloads.computeIfAbsent(name, ignored -> new ArrayList<>()).add(overload);
        List<Class<?>> classes = new ArrayList<>();
        overload.parameterTypes().forEach(type -> classes.add(classOf(type)));
        bindings.add(CelFunctionBinding.from(overload.overloadId(), classes, body::apply));
    }

    private static Class<?> classOf(CelType type) {
        if (type.equals(QUANTITY)) {
            return DecimalQuantity.class;
        }
        if (type.equals(VERSION)) {
            return SemanticVersion.class;
        }
        return type.equals(SimpleType.BOOL) ? Boolean.class : type.equals(SimpleType.INT) ? Long.class : String.class;
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
            throw failure("cannot convert value to integer");
        }
        return quantity.value().longValueExact();
    }

    private static DecimalQuantity quantity(Object text) {
        try {
            return DecimalQuantity.parse((String) text);
        } catch (IllegalArgumentException e) {
            throw failure(String.valueOf(e.getMessage()));
        }
    }

    private static SemanticVersion version(Object text, boolean tolerantly) {
        try {
            return tolerantly ? SemanticVersion.parseTolerantly((String) text) : SemanticVersion.parse((String) text);
        } catch (IllegalArgumentException e) {
            throw failure(String.valueOf(e.getMessage()));
        }
    }

    private static Object succeeds(Runnable reading) {
        try {
            reading.run();
            return true;
        } catch (CelRuntimeException e) {
            return false;
        }
    }

    private static CelRuntimeException failure(String message) {
        return new FailureException(message);
    }
}
