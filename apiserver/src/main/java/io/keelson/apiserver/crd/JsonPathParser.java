package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import io.keelson.apiserver.object.MalformedException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@link JsonPath}s, what stands between the braces of a template. For one text. */
final class JsonPathParser {
    static final int CHARS_MAX = 4_096;

    /** No quantifier of these can be taken in two ways, so they match in linear time. */
    private static final Pattern SLICE = Pattern.compile("(-?\\d{0,9})(:-?\\d{0,9})?(:-?\\d{0,9})?");

    private static final Pattern COMPARISON = Pattern.compile("([^!<>=]+)([!<>=]+)(.+)", Pattern.DOTALL);
    private static final String TERMINATORS = " \t\r\n.,[]$@{}";

    private final String text;
    private int at;
    private final List<JsonPath.Step> steps = new ArrayList<>();

    JsonPathParser(String text) {
        if (text.length() > CHARS_MAX) {
            throw new MalformedException("a path of more than " + CHARS_MAX + " characters");
        }
        this.text = text;
    }

    JsonPath parse() {
        while (at < text.length()) {
            step();
        }
        return new JsonPath(steps);
    }

    private void step() {
        if (text.startsWith("[?(", at)) {
            filter();
            return;
        }
        if (text.startsWith("..", at)) {
            if (!steps.isEmpty() && steps.getLast() instanceof JsonPath.Step.Descent) {
                throw new MalformedException("invalid multiple recursive descent");
            }
            steps.add(new JsonPath.Step.Descent());
            at += 2;
            if (at < text.length() && isAlphanumeric(text.charAt(at))) {
                field();
            }
            return;
        }
        char character = text.charAt(at);
        switch (character) {
            case ' ', '@', '$' -> at++;
            case '[' -> brackets();
            case '"', '\'' -> quote(character);
            case '.' -> {
                at++;
                field();
            }
            case '\r', '\n' -> throw new MalformedException("unclosed action");
            default -> {
                if (character == '+' || character == '-' || Character.isDigit(character)) {
                    number();
                } else if (isAlphanumeric(character)) {
                    word();
                } else {
                    throw new MalformedException(
                            String.format("unrecognized character in action: U+%04X '%c'", (int) character, character));
                }
            }
        }
    }

    private static boolean isAlphanumeric(char character) {
        return character == '_' || Character.isLetterOrDigit(character);
    }

    /** A name up to the next character that ends it, or {@code *}. */
    private void field() {
        StringBuilder name = new StringBuilder();
        boolean escaped = false;
        for (; at < text.length(); at++) {
            char character = text.charAt(at);
            if (!escaped && TERMINATORS.indexOf(character) >= 0) {
                break;
            }
            escaped = !escaped && character == '\\';
            if (!escaped) {
                name.append(character);
            }
        }
        String whole = name.toString();
        steps.add(whole.equals("*") ? new JsonPath.Step.Wildcard() : new JsonPath.Step.Field(whole));
    }

    private void word() {
        int start = at;
        while (at < text.length() && TERMINATORS.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(start, at);
        if (!word.equals("true") && !word.equals("false")) {
            throw new MalformedException("unrecognized identifier " + word);
        }
        steps.add(new JsonPath.Step.Constant(BooleanNode.valueOf(word.equals("true"))));
    }

    private void number() {
        int start = at++;
        while (at < text.length() && (text.charAt(at) == '.' || Character.isDigit(text.charAt(at)))) {
            at++;
        }
        String number = text.substring(start, at);
        try {
            steps.add(new JsonPath.Step.Constant(
                    number.indexOf('.') < 0
                            ? LongNode.valueOf(Long.parseLong(number))
                            : DoubleNode.valueOf(Double.parseDouble(number))));
        } catch (NumberFormatException e) {
            throw new MalformedException("cannot parse number " + number);
        }
    }

    private void quote(char quote) {
        StringBuilder content = new StringBuilder();
        for (at++; at < text.length() && text.charAt(at) != quote; at++) {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
                content.append(unescaped(text.charAt(at)));
            } else {
                content.append(text.charAt(at));
            }
        }
        if (at == text.length()) {
            throw new MalformedException("unterminated quoted string");
        }
        at++;
        steps.add(JsonPath.constant(content.toString()));
    }

    private static char unescaped(char character) {
        return switch (character) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            default -> character;
        };
    }

    private void brackets() {
        int end = text.indexOf(']', at);
        if (end < 0) {
            throw new MalformedException("unterminated array");
        }
        String inside = text.substring(at + 1, end);
        at = end + 1;
        if (inside.indexOf(',') >= 0) {
            List<JsonPath> paths = new ArrayList<>();
            for (String one : inside.split(",", -1)) {
                paths.add(new JsonPathParser("[" + one.strip() + "]").parse());
            }
            steps.add(new JsonPath.Step.Union(List.copyOf(paths)));
        } else if (inside.length() >= 2 && inside.startsWith("'") && inside.endsWith("'")) {
            steps.addAll(fields("." + inside.substring(1, inside.length() - 1)));
        } else {
            steps.add(slice(inside.equals("*") ? ":" : inside));
        }
    }

    /** A key in brackets is a field, and its dots separate fields unless they are escaped. */
    private static List<JsonPath.Step> fields(String path) {
        JsonPathParser parser = new JsonPathParser(path);
        parser.parse();
        return parser.steps;
    }

    private static JsonPath.Step slice(String inside) {
        Matcher matcher = SLICE.matcher(inside);
        if (!matcher.matches() || inside.isEmpty()) {
            throw new MalformedException("invalid array index " + inside);
        }
        String first = matcher.group(1);
        int start = first.isEmpty() ? 0 : integer(first);
        String second = matcher.group(2);
        Integer end;
        if (second == null) {
            // The last element is followed by nothing that a bound could name.
            end = start == -1 ? null : Integer.valueOf(start + 1);
        } else {
            end = second.length() == 1 ? null : Integer.valueOf(integer(second.substring(1)));
        }
        String third = matcher.group(3);
        int step = third == null || third.length() == 1 ? 1 : integer(third.substring(1));
        if (step <= 0) {
            throw new MalformedException("step must be > 0");
        }
        return new JsonPath.Step.Slice(start, end, step);
    }

    private static int integer(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new MalformedException("array index " + text + " is not a number");
        }
    }

    private void filter() {
        int start = at + 3;
        int end = start;
        char open = 0;
        for (; end < text.length(); end++) {
            char character = text.charAt(end);
            if (open != 0) {
                open = character == open && text.charAt(end - 1) != '\\' ? 0 : open;
            } else if (character == '"' || character == '\'') {
                open = character;
            } else if (character == ')') {
                break;
            }
        }
        if (end == text.length()) {
            throw new MalformedException("unterminated filter");
        }
        if (end + 1 == text.length() || text.charAt(end + 1) != ']') {
            throw new MalformedException("unclosed array expect ]");
        }
        at = end + 2;
        String inside = text.substring(start, end);
        Matcher comparison = COMPARISON.matcher(inside);
        steps.add(
                comparison.matches()
                        ? new JsonPath.Step.Filter(
                                new JsonPathParser(comparison.group(1)).parse(),
                                comparison.group(2),
                                new JsonPathParser(comparison.group(3)).parse())
                        : new JsonPath.Step.Filter(new JsonPathParser(inside).parse(), "exists", null));
    }
}
