package io.keelson.scheduler.devices.selectors;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelErrorCode;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.exceptions.CelRuntimeException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Functions under their names: what the compiler is told of them, and what is run. Built once, then read. */
final class FunctionTable {
    private final Map<String, List<CelOverloadDecl>> overloads = new LinkedHashMap<>();
    private final List<CelFunctionBinding> bindings = new ArrayList<>();
    private final Map<CelType, Class<?>> classes = new HashMap<>(Map.of(
            SimpleType.STRING, String.class,
            SimpleType.BOOL, Boolean.class,
            SimpleType.INT, Long.class));

    /** A function gives nothing for what it was given. */
    private static final class FailureException extends CelRuntimeException {
        private static final long serialVersionUID = 1;

        private FailureException(String message) {
            super(new IllegalArgumentException(message), CelErrorCode.INVALID_ARGUMENT);
        }
    }

    /** That a function gives nothing for what it was given; the message is for users. */
    static CelRuntimeException failure(String message) {
        return new FailureException(message);
    }

    /** What something gives that throws {@link IllegalArgumentException} for what it cannot do. */
    static <T> T orFail(Function<String, T> reading, Object text) {
        try {
            return reading.apply((String) text);
        } catch (IllegalArgumentException e) {
            throw failure(String.valueOf(e.getMessage()));
        }
    }

    /** Whether it gives anything. */
    static Object succeeds(Function<String, ?> reading, Object text) {
        try {
            Object _ = reading.apply((String) text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Says what stands for values of a type of one's own. */
    void type(OpaqueType type, Class<?> values) {
        classes.put(type, values);
    }

    /** Adds {@code name(given)}. */
    void global(String name, String id, CelType result, Function<Object[], Object> body, CelType... given) {
        add(name, CelOverloadDecl.newGlobalOverload(id, result, given), body);
    }

    /** Adds {@code target.name(given)}; the target is the first of the types and of the values. */
    void member(String name, String id, CelType result, Function<Object[], Object> body, CelType... given) {
        add(name, CelOverloadDecl.newMemberOverload(id, result, given), body);
    }

    @SuppressWarnings("Immutable") // the bodies keep no state
    private void add(String name, CelOverloadDecl overload, Function<Object[], Object> body) {
        overloads.computeIfAbsent(name, ignored -> new ArrayList<>()).add(overload);
        List<Class<?>> given = new ArrayList<>();
        overload.parameterTypes().forEach(type -> given.add(classOf(type)));
        bindings.add(CelFunctionBinding.from(overload.overloadId(), given, body::apply));
    }

    private Class<?> classOf(CelType type) {
        return type instanceof ListType ? Collection.class : classes.getOrDefault(type, Object.class);
    }

    ImmutableList<CelFunctionDecl> declarations() {
        return overloads.entrySet().stream()
                .map(entry -> CelFunctionDecl.newFunctionDeclaration(entry.getKey(), entry.getValue()))
                .collect(ImmutableList.toImmutableList());
    }

    ImmutableList<CelFunctionBinding> bindings() {
        return ImmutableList.copyOf(bindings);
    }
}
