package io.keelson.apiserver.cel.functions;

import static dev.cel.common.types.SimpleType.INT;
import static dev.cel.common.types.SimpleType.STRING;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.types.ListType;
import java.util.ArrayList;
import java.util.List;

/** {@code find} and {@code findAll}: what a regular expression matches in a text, in time linear to its length. */
public final class RegexFunctions {
    private RegexFunctions() {}

    public static FunctionSet set() {
        return new FunctionSet()
                .member(
                        "find",
                        "string_find_string",
                        Cost.REGEX,
                        given -> find((String) given[0], (String) given[1]),
                        STRING,
                        STRING,
                        STRING)
                .member(
                        "findAll",
                        "string_find_all_string",
                        Cost.REGEX,
                        given -> findAll((String) given[0], (String) given[1], -1),
                        ListType.create(STRING),
                        STRING,
                        STRING)
                .member(
                        "findAll",
                        "string_find_all_string_int",
                        Cost.REGEX,
                        given -> findAll((String) given[0], (String) given[1], (Long) given[2]),
                        ListType.create(STRING),
                        STRING,
                        STRING,
                        INT);
    }

    private static Object find(String text, String regex) {
        Matcher matcher = pattern(regex).matcher(text);
        return matcher.find() ? matcher.group() : "";
    }

    private static Object findAll(String text, String regex, long most) {
        List<Object> found = new ArrayList<>();
        Matcher matcher = pattern(regex).matcher(text);
        while ((most < 0 || found.size() < most) && matcher.find()) {
            found.add(matcher.group());
        }
        return found;
    }

    private static Pattern pattern(String regex) {
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new FunctionFailure("Illegal regex: " + e.getMessage());
        }
    }
}
