package io.keelson.apiserver.cel;

import io.keelson.apiserver.cel.functions.Cost;
import io.keelson.apiserver.cel.functions.FunctionSet;
import java.util.HashMap;
import java.util.Map;

/** All functions beyond those of the library, and what the library's own cost. */
final class KubernetesFunctions {
    private KubernetesFunctions() {}

    static FunctionSet all() {
        return new FunctionSet().addAll(AuthorizerFunctions.set());
    }

    /** By the id of the overload; what is missing costs one. */
    static Map<String, Cost> costs(FunctionSet functions) {
        Map<String, Cost> costs = new HashMap<>(functions.costs());
        costs.put("matches", Cost.REGEX);
        costs.put("matches_string", Cost.REGEX);
        costs.put("contains_string", Cost.SEARCH);
        costs.put("starts_with_string", arguments -> Cost.walk(arguments[1]));
        costs.put("ends_with_string", arguments -> Cost.walk(arguments[1]));
        costs.put("string_to_bytes", Cost.FIRST);
        costs.put("bytes_to_string", Cost.FIRST);
        costs.put("in_list", arguments -> Cost.walk(arguments[1]));
        for (String id : new String[] {
            "equals", "not_equals", "less_string", "less_equals_string", "greater_string", "greater_equals_string",
            "less_bytes", "less_equals_bytes", "greater_bytes", "greater_equals_bytes"
        }) {
            costs.put(id, Cost.EQUALITY);
        }
        costs.put("add_string", Cost.ALL);
        costs.put("add_bytes", Cost.ALL);
        return Map.copyOf(costs);
    }
}
