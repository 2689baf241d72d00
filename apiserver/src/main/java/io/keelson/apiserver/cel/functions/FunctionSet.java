package io.keelson.apiserver.cel.functions;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelFunctionBinding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Functions under their names: what the compiler is told of them, what is run, and what it costs. Built once, then read. */
public final class FunctionSet {
    /** What a function does: given values of the declared types, gives one of the declared type. */
    @FunctionalInterface
    public interface Body {
        Object apply(Object[] arguments);
    }

    private final Map<String, List<CelOverloadDecl>> overloads = new LinkedHashMap<>();
    private final List<CelFunctionBinding> bindings = new ArrayList<>();
    private final Map<String, Cost> costs = new LinkedHashMap<>();
    private final Map<OpaqueType, Class<?>> opaque = new LinkedHashMap<>();

    /** Says what stands for values of a type of one's own. */
    public FunctionSet type(OpaqueType type, Class<?> values) {
        opaque.put(type, values);
        return this;
    }

    /** Adds {@code name(arguments)}. */
    public FunctionSet global(String name, String id, Cost cost, Body body, CelType result, CelType... arguments) {
        return add(name, id, cost, body, CelOverloadDecl.newGlobalOverload(id, result, arguments));
    }

    /** Adds {@code target.name(arguments)}; the target is the first of the types and of the values. */
    public FunctionSet member(String name, String id, Cost cost, Body body, CelType result, CelType... arguments) {
        return add(name, id, cost, body, CelOverloadDecl.newMemberOverload(id, result, arguments));
    }

    @SuppressWarnings("Immutable") // functions keep no state
    private FunctionSet add(String name, String id, Cost cost, Body body, CelOverloadDecl overload) {
        overloads.computeIfAbsent(name, key -> new ArrayList<>()).add(overload);
        List<Class<?>> classes = new ArrayList<>();
        overload.parameterTypes().forEach(type -> classes.add(valueClass(type)));
        bindings.add(CelFunctionBinding.from(id, classes, body::apply));
        costs.put(id, cost);
        return this;
    }

    /** Adds all of others. */
    public FunctionSet addAll(FunctionSet... others) {
        for (FunctionSet other : others) {
            other.overloads.forEach((name, more) ->
                    overloads.computeIfAbsent(name, key -> new ArrayList<>()).addAll(more));
            bindings.addAll(other.bindings);
            costs.putAll(other.costs);
            opaque.putAll(other.opaque);
        }
        return this;
    }

    public ImmutableList<CelFunctionDecl> declarations() {
        return overloads.entrySet().stream()
                .map(entry -> CelFunctionDecl.newFunctionDeclaration(entry.getKey(), entry.getValue()))
                .collect(ImmutableList.toImmutableList());
    }

    public ImmutableList<CelFunctionBinding> bindings() {
        return ImmutableList.copyOf(bindings);
    }

    /** By the id of the overload. */
    public Map<String, Cost> costs() {
        return Map.copyOf(costs);
    }

    private Class<?> valueClass(CelType type) {
        return switch (type.kind()) {
            case BOOL -> Boolean.class;
            case BYTES -> CelByteString.class;
            case DOUBLE -> Double.class;
            case DURATION -> Duration.class;
            case INT -> Long.class;
            case LIST -> List.class;
            case MAP -> Map.class;
            case STRING -> String.class;
            case TIMESTAMP -> Instant.class;
            case OPAQUE -> opaque.getOrDefault(type, Object.class);
            default -> Object.class;
        };
    }

    @Override
    public String toString() {
        return Arrays.toString(overloads.keySet().toArray());
    }
}
