package io.keelson.apiserver.cel.devices;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.CelTypes;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import io.keelson.apiserver.cel.CelEnvironment;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.cel.CelResult;
import io.keelson.apiserver.cel.functions.QuantityFunctions;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.StructuralSchema;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Compiles expressions that select devices. They may name {@code device} with its {@code driver}, its {@code attributes} and
 * its {@code capacity}, both by domain and name, and {@code allowMultipleAllocations}. Of what type an attribute is becomes
 * known only when there is a device. For any thread.
 */
public final class DeviceExpressions {
    private static final String DEVICE = "device";

    static {
        CelEnvironment.loadWhatErrorsNeed();
    }

    private static final String ENTRIES = "{'type': 'object', 'maxProperties': 32, 'additionalProperties': ";

    /** How large the parts of a device can be. */
    private static final Schema LARGEST = StructuralSchema.readPlace(Json.parse(("{'type': 'object', 'properties': {"
                    + "'driver': {'type': 'string', 'maxLength': 63}, "
                    + "'allowMultipleAllocations': {'type': 'boolean'}, "
                    + "'attributes': " + ENTRIES + ENTRIES + "{'type': 'string', 'maxLength': 64}}}, "
                    + "'capacity': " + ENTRIES + ENTRIES + "{'type': 'integer'}}}}}")
            .replace('\'', '"')));

    private static final StructType TYPE = type(ImmutableMap.of(
            "driver",
            SimpleType.STRING,
            "allowMultipleAllocations",
            SimpleType.BOOL,
            "attributes",
            byDomainAndName(SimpleType.DYN),
            "capacity",
            byDomainAndName(QuantityFunctions.QUANTITY)));

    private static final CelEnvironment ENVIRONMENT = CelEnvironment.standard()
            .withTypes(new OneType(TYPE))
            .with(DEVICE, TYPE)
            .withBindings();

    private DeviceExpressions() {}

    private static StructType type(ImmutableMap<String, CelType> fields) {
        return StructType.create(
                "kubernetes.DRADevice", fields.keySet(), field -> Optional.ofNullable(fields.get(field)));
    }

    private static MapType byDomainAndName(CelType type) {
        return MapType.create(SimpleType.STRING, MapType.create(SimpleType.STRING, type));
    }

    private record OneType(StructType type) implements CelTypeProvider {
        @Override
        public ImmutableCollection<CelType> types() {
            return ImmutableList.of(type);
        }

        @Override
        public Optional<CelType> findType(String name) {
            return name.equals(type.name()) ? Optional.of(type) : Optional.empty();
        }
    }

    /**
     * Compiles an expression.
     *
     * @throws CelExpressionException if it does not compile, or certainly gives something else than truth
     */
    public static CelExpression compile(String text) throws CelExpressionException {
        CelExpression compiled = ENVIRONMENT.compile(text, Set.of(CelResult.ANY));
        CelType type = compiled.resultType();
        if (!type.equals(SimpleType.BOOL) && !type.equals(SimpleType.DYN)) {
            throw CelExpressionException.refused(
                    "must evaluate to bool or the unknown type, not " + CelTypes.format(type));
        }
        return compiled;
    }

    /** What an expression can cost at worst, over the largest device that there can be. */
    public static long cost(CelExpression expression) {
        return expression.estimatedCost(Map.of(DEVICE, LARGEST));
    }
}
