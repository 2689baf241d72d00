package io.keelson.apiserver.cel;

import com.google.common.collect.ImmutableList;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.CelStandardFunctions.StandardFunction;
import dev.cel.runtime.RuntimeHelpers;
import dev.cel.runtime.standard.AddOperator.AddOverload;
import io.keelson.apiserver.cel.functions.Sameness;
import io.keelson.apiserver.cel.functions.TypedList;
import java.util.List;

/** The operators of CEL: those of the library but for {@code ==} and {@code +} of lists, which know sets and keyed lists. */
final class Operators {
    private Operators() {}

    /** Those that are the library's. */
    static CelStandardFunctions standard() {
        return CelStandardFunctions.newBuilder()
                .filterFunctions((function, overload) -> function != StandardFunction.EQUALS
                        && function != StandardFunction.NOT_EQUALS
                        && overload != AddOverload.ADD_LIST)
                .build();
    }

    /** Those that are not. */
    @SuppressWarnings("rawtypes")
    static ImmutableList<CelFunctionBinding> own() {
        return ImmutableList.of(
                CelFunctionBinding.from("equals", Object.class, Object.class, Sameness::same),
                CelFunctionBinding.from(
                        "not_equals", Object.class, Object.class, (one, other) -> !Sameness.same(one, other)),
                CelFunctionBinding.from("add_list", List.class, List.class, Operators::add));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object add(List one, List other) {
        return one instanceof TypedList typed && typed.isUnordered()
                ? typed.with(other)
                : RuntimeHelpers.concat(one, other);
    }
}
