package io.keelson.apiserver.cel;

import dev.cel.common.CelErrorCode;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationException;
import dev.cel.runtime.CelEvaluationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The messages of the library in the words in which users of Kubernetes know them. */
final class ErrorTexts {
    private static final int CHARS_MAX = 2_048;
    private static final String NO_OVERLOAD = "no such overload";

    private static final Pattern PLACE = Pattern.compile("\\Aevaluation error(?: at [^:\\n]*:\\d+)?: ");
    private static final Pattern ABSENT_KEY =
            Pattern.compile("\\Akey '(.*)' is not present in map\\.\\z", Pattern.DOTALL);
    private static final Pattern NOT_IN_RANGE =
            Pattern.compile("\\A\\w+ failure: (?:Index out of range: |Offset out of range: |Range \\[)(-?\\d+).*\\z");
    private static final Pattern NO_NUMBER = Pattern.compile("\\AFor input string: (\".*\")\\z", Pattern.DOTALL);
    private static final Pattern SYNTAX = Pattern.compile(
            "(?m)^(ERROR: <input>:\\d+:\\d+: )(?=mismatched input|extraneous input|no viable alternative|missing |token"
                    + " recognition error)");
    private static final Pattern CANDIDATES = Pattern.compile(" \\(candidates: [^\\n]*");

    private ErrorTexts() {}

    /** Why an expression gave no result. */
    static String of(CelEvaluationException error) {
        String text = PLACE.matcher(error.getMessage()).replaceFirst("");
        if (text.length() > CHARS_MAX) {
            text = text.substring(0, CHARS_MAX) + "...";
        }
        CelErrorCode code = error.getErrorCode();
        return switch (code) {
            case ATTRIBUTE_NOT_FOUND -> {
                if (text.startsWith("Error resolving field")) {
                    yield NO_OVERLOAD;
                }
                Matcher absent = ABSENT_KEY.matcher(text);
                yield "no such key: " + (absent.matches() ? absent.group(1) : text);
            }
            case INDEX_OUT_OF_BOUNDS -> "index out of bounds: " + text.replaceFirst("\\A[^:]*: ", "");
            case DIVIDE_BY_ZERO -> "division by zero";
            case NUMERIC_OVERFLOW -> text.startsWith("unsigned") ? "unsigned integer overflow" : "integer overflow";
            case OVERLOAD_NOT_FOUND -> NO_OVERLOAD;
            case BAD_FORMAT -> {
                Matcher number = NO_NUMBER.matcher(text);
                yield number.matches()
                        ? "strconv.ParseInt: parsing " + number.group(1) + ": invalid syntax"
                        : "type conversion error: " + text;
            }
            default -> {
                if (text.startsWith("Function 'optional_value' failed")) {
                    yield "optional.none() dereference";
                }
                Matcher range = NOT_IN_RANGE.matcher(text);
                yield range.matches() ? "index out of range: " + range.group(1) : text;
            }
        };
    }

    /** Why an expression does not compile. */
    static String of(CelValidationException error) {
        return "compilation failed: " + issues(error);
    }

    /** Every error of an expression that does not compile, with the line and a mark below. */
    static String issues(CelValidationException error) {
        String all = CelIssue.toDisplayString(error.getErrors(), error.getSource());
        String text = SYNTAX.matcher(CANDIDATES.matcher(all).replaceAll("")).replaceAll("$1Syntax error: ");
        return text.length() > CHARS_MAX * 2 ? text.substring(0, CHARS_MAX * 2) + "..." : text;
    }
}
