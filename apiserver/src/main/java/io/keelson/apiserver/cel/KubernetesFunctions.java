package io.keelson.apiserver.cel;

import io.keelson.apiserver.cel.functions.AddressFunctions;
import io.keelson.apiserver.cel.functions.Cost;
import io.keelson.apiserver.cel.functions.FunctionSet;
import io.keelson.apiserver.cel.functions.ListFunctions;
import io.keelson.apiserver.cel.functions.NamedFormats;
import io.keelson.apiserver.cel.functions.PointerFunctions;
import io.keelson.apiserver.cel.functions.QuantityFunctions;
import io.keelson.apiserver.cel.functions.RegexFunctions;
import io.keelson.apiserver.cel.functions.TextFormat;
import io.keelson.apiserver.cel.functions.TypedList;
import io.keelson.apiserver.cel.functions.UrlFunctions;
import io.keelson.apiserver.cel.functions.VersionFunctions;
import java.util.HashMap;
import java.util.Map;

/** All functions beyond those of the library, and what the library's own cost. */
final class KubernetesFunctions {
    private KubernetesFunctions() {}

    static FunctionSet all() {
        return new FunctionSet()
                .addAll(
                        AuthorizerFunctions.set(),
                        AddressFunctions.set(),
                        ListFunctions.set(),
                        NamedFormats.set(),
                        PointerFunctions.set(),
                        QuantityFunctions.set(),
                        RegexFunctions.set(),
                        TextFormat.set(),
                        UrlFunctions.set(),
                        VersionFunctions.set());
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
            "equals",
            "not_equals",
            "less_string",
            "less_equals_string",
            "greater_string",
            "greater_equals_string",
            "less_bytes",
            "less_equals_bytes",
            "greater_bytes",
            "greater_equals_bytes"
        }) {
            costs.put(id, Cost.EQUALITY);
        }
        costs.put("add_string", Cost.ALL);
        costs.put("add_bytes", Cost.ALL);
        costs.put(
                "add_list",
                arguments -> arguments[0] instanceof TypedList list && list.isUnordered() ? Cost.ALL.of(arguments) : 1);
        // What the library's extensions for texts and sets walk through
        for (String id : new String[] {
            "string_char_at_int", "string_lower_ascii", "string_upper_ascii", "string_reverse", "string_trim",
            "string_substring_int", "string_substring_int_int", "strings_quote", "list_join", "list_join_string"
        }) {
            costs.put(id, Cost.FIRST);
        }
        for (String id : new String[] {
            "string_index_of_string",
            "string_index_of_string_int",
            "string_last_index_of_string",
            "string_last_index_of_string_int"
        }) {
            costs.put(id, Cost.SEARCH);
        }
        for (String id : new String[] {
            "string_replace_string_string",
            "string_replace_string_string_int",
            "string_split_string",
            "string_split_string_int"
        }) {
            costs.put(id, Cost.ALL);
        }
        for (String id :
                new String[] {"list_sets_contains_list", "list_sets_intersects_list", "list_sets_equivalent_list"}) {
            costs.put(id, Cost.PAIRS);
        }
        return Map.copyOf(costs);
    }
}
