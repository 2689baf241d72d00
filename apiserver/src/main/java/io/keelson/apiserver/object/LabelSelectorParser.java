package io.keelson.apiserver.object;

import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Reads a label selector of a query:
 *
 * <pre>
 * selector    = [ requirement { "," requirement } ]
 * requirement = key | "!" key | key ( "=" | "==" | "!=" | ">" | "<" ) [ value ] | key ( "in" | "notin" ) "(" values ")"
 * values      = [ value ] { "," [ value ] }
 * </pre>
 *
 * Words end at white space and at {@code = ! ( ) , > <}. The words {@code in} and {@code notin} are operators only where
 * an operator may stand. An empty value is a value: {@code a in (,b)} is the empty text or {@code b}.
 */
final class LabelSelectorParser {
    /** A selector longer than this is refused; it is far more than a URL of reasonable length carries. */
    static final int CHARS_MAX = 1_000_000;

    private enum Kind {
        WORD,
        SYMBOL,
        END
    }

    private record Token(Kind kind, String text) {
        boolean is(String symbol) {
            return kind == Kind.SYMBOL && text.equals(symbol);
        }

        boolean isWord() {
            return kind == Kind.WORD;
        }
    }

    private static final Token END = new Token(Kind.END, "");
    private static final String OPERATORS = "in, notin, =, ==, !=, gt, lt";

    private final String text;
    private int at;
    private Token next;

    LabelSelectorParser(String text) {
        if (text.length() > CHARS_MAX) {
            throw new MalformedException("selectors must be no more than " + CHARS_MAX + " characters");
        }
        this.text = text;
        this.next = END;
        this.next = scan();
    }

    /** @throws MalformedException if the text is no selector */
    List<LabelSelector.Requirement> requirements() {
        List<LabelSelector.Requirement> found = new ArrayList<>();
        while (true) {
            if (next.kind() == Kind.END) {
                return found;
            }
            if (!beginsRequirement()) {
                throw new MalformedException(
                        "found '" + next.text() + "', expected: !, identifier, or 'end of string'");
            }
            try {
                found.add(requirement());
            } catch (MalformedException e) {
                throw new MalformedException("unable to parse requirement: " + e.message());
            }
            Token after = take();
            if (after.kind() == Kind.END) {
                return found;
            }
            if (!after.is(",")) {
                throw new MalformedException("found '" + after.text() + "', expected: ',' or 'end of string'");
            }
            if (!beginsRequirement()) {
                throw new MalformedException("found '" + next.text() + "', expected: identifier after ','");
            }
        }
    }

    private boolean beginsRequirement() {
        return next.isWord() || next.is("!");
    }

    private LabelSelector.Requirement requirement() {
        boolean not = next.is("!");
        if (not) {
            take();
        }
        Token key = take();
        if (!key.isWord()) {
            throw new MalformedException("found '" + key.text() + "', expected: identifier");
        }
        checkKey(key.text());
        if (next.kind() == Kind.END || next.is(",")) {
            return LabelSelector.Requirement.checked(
                    key.text(), not ? LabelSelector.Operator.DOES_NOT_EXIST : LabelSelector.Operator.EXISTS, List.of());
        }
        if (not) {
            // The rest of the text is no part of the requirement; what follows says so.
            return LabelSelector.Requirement.checked(key.text(), LabelSelector.Operator.DOES_NOT_EXIST, List.of());
        }
        LabelSelector.Operator operator = operator();
        List<String> values = switch (operator) {
            case IN, NOT_IN -> values();
            default -> List.of(value());
        };
        return LabelSelector.Requirement.checked(key.text(), operator, values);
    }

    private static void checkKey(String key) {
        List<String> wrong = Names.qualifiedName(key);
        if (!wrong.isEmpty()) {
            FieldErrors errors = new FieldErrors();
            // The API writes the path that is not there like this.
            errors.invalid(FieldPath.of("<nil>"), key, String.join("; ", wrong));
            throw new MalformedException(errors.list().getFirst().toString());
        }
    }

    private LabelSelector.Operator operator() {
        Token token = take();
        return switch (token.text()) {
            case "in" -> LabelSelector.Operator.IN;
            case "notin" -> LabelSelector.Operator.NOT_IN;
            case "=" -> LabelSelector.Operator.EQUALS;
            case "==" -> LabelSelector.Operator.DOUBLE_EQUALS;
            case "!=" -> LabelSelector.Operator.NOT_EQUALS;
            case ">" -> LabelSelector.Operator.GREATER_THAN;
            case "<" -> LabelSelector.Operator.LESS_THAN;
            default -> throw new MalformedException("found '" + token.text() + "', expected: " + OPERATORS);
        };
    }

    /** The value behind an operator; none is the empty one. */
    private String value() {
        if (next.kind() == Kind.END || next.is(",")) {
            return "";
        }
        Token value = take();
        if (!value.isWord()) {
            throw new MalformedException("found '" + value.text() + "', expected: identifier");
        }
        return value.text();
    }

    private List<String> values() {
        Token open = take();
        if (!open.is("(")) {
            throw new MalformedException("found '" + open.text() + "' expected: '('");
        }
        if (!next.isWord() && !next.is(",") && !next.is(")")) {
            throw new MalformedException("found '" + next.text() + "', expected: ',', ')' or identifier");
        }
        TreeSet<String> values = new TreeSet<>();
        while (true) {
            if (next.isWord()) {
                values.add(take().text());
                if (!next.is(",") && !next.is(")")) {
                    throw new MalformedException("found '" + next.text() + "', expected: ',' or ')'");
                }
            } else if (next.is(",") || next.is(")")) {
                values.add("");
            } else {
                throw new MalformedException("found '" + next.text() + "', expected: ',', or identifier");
            }
            if (take().is(")")) {
                return List.copyOf(values);
            }
        }
    }

    private Token take() {
        Token taken = next;
        next = scan();
        return taken;
    }

    private Token scan() {
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
        // The original takes a NUL for the end of a word and, between words, for that of the text.
        if (at >= text.length() || text.charAt(at) == 0) {
            return END;
        }
        int start = at;
        if (isSymbol(text.charAt(at))) {
            at += isOperatorOfTwo() ? 2 : 1;
            return new Token(Kind.SYMBOL, text.substring(start, at));
        }
        while (at < text.length() && !isSpace(text.charAt(at)) && !isSymbol(text.charAt(at)) && text.charAt(at) != 0) {
            at++;
        }
        Token word = new Token(Kind.WORD, text.substring(start, at));
        if (at < text.length() && text.charAt(at) == 0) {
            at++;
        }
        return word;
    }

    private boolean isOperatorOfTwo() {
        return text.startsWith("==", at) || text.startsWith("!=", at);
    }

    private static boolean isSpace(char character) {
        return character == ' ' || character == '\t' || character == '\r' || character == '\n';
    }

    private static boolean isSymbol(char character) {
        return switch (character) {
            case '=', '!', '(', ')', ',', '>', '<' -> true;
            default -> false;
        };
    }
}
