package io.keelson.scheduler.devices.selectors;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import java.util.ArrayList;
import java.util.List;

/** What a regular expression finds in a text, in a time that grows with the length of both only. */
final class RegexFunctions {
    private RegexFunctions() {}

    static void addTo(FunctionTable table) {
        table.member(
                "find",
                "string_find_string",
                SimpleType.STRING,
                given -> {
                    List<String> found = all(given, 1);
                    return found.isEmpty() ? "" : found.getFirst();
                },
                SimpleType.STRING,
                SimpleType.STRING);
        table.member(
                "findAll",
                "string_find_all_string",
                ListType.create(SimpleType.STRING),
                given -> all(given, -1),
                SimpleType.STRING,
                SimpleType.STRING);
        table.member(
                "findAll",
                "string_find_all_string_int",
                ListType.create(SimpleType.STRING),
                given -> all(given, (Long) given[2]),
                SimpleType.STRING,
                SimpleType.STRING,
                SimpleType.INT);
    }

    /** @param most how many; below zero for all */
    private static List<String> all(Object[] given, long most) {
        List<String> found = new ArrayList<>();
        try {
            Matcher matcher = Pattern.compile((String) given[1]).matcher((String) given[0]);
            while ((most < 0 || found.size() < most) && matcher.find()) {
                found.add(matcher.group());
            }
        } catch (PatternSyntaxException e) {
            throw FunctionTable.failure("Illegal regex: " + e.getMessage());
        }
        return found;
    }
}
