package io.keelson.apiserver.cel.admission;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.StructType;
import io.keelson.apiserver.cel.PlainTypes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The type whose fields are the variables of a policy. It grows while these are compiled, one after the other, so that a
 * compiler need not be made for each. One thread.
 */
@SuppressWarnings("Immutable") // Whoever compiles asks for the type anew each time.
final class VariableTypes implements CelTypeProvider {
    static final String NAME = "kubernetes.variables";

    private final Map<String, CelType> fields = new LinkedHashMap<>();
    private StructType type = PlainTypes.struct(NAME, fields);

    void add(String variable, CelType variableType) {
        fields.put(variable, variableType);
        type = PlainTypes.struct(NAME, fields);
    }

    @Override
    public ImmutableCollection<CelType> types() {
        return ImmutableList.of(type);
    }

    @Override
    public Optional<CelType> findType(String name) {
        return name.equals(NAME) ? Optional.of(type) : Optional.empty();
    }
}
