package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.Compare;
import org.jspecify.annotations.Nullable;

/**
 * Reads a comparison of a transaction: {@code ver("key") > "1"}, with {@code ver}, {@code c}, {@code m}, {@code val} or
 * {@code lease} (or their long names) and {@code =}, {@code !=}, {@code <} or {@code >}.
 */
final class TxnCompare {
    private final String line;
    private final String target;
    private final String rest;
    private int at;
    private String key = "";
    private String operator = "";
    private String value = "";

    private TxnCompare(String line, int parenthesis) {
        this.line = line;
        this.target = line.substring(0, parenthesis);
        this.rest = line.substring(parenthesis + 1);
    }

    static Compare parse(String line) {
        int parenthesis = line.indexOf('(');
        if (parenthesis < 0) {
            throw malformed(line, "");
        }
        return new TxnCompare(line, parenthesis).parse();
    }

    private Compare parse() {
        if (!scan()) {
            throw malformed(
                    line, "; got " + target + "(" + GoQuote.quote(key) + ") " + operator + " " + GoQuote.quote(value));
        }
        Compare.Builder compare = Compare.newBuilder().setKey(ByteText.bytes(key));
        switch (target) {
            case "ver", "version" ->
                compare.setTarget(Compare.CompareTarget.VERSION).setVersion(number());
            case "c", "create" ->
                compare.setTarget(Compare.CompareTarget.CREATE).setCreateRevision(number());
            case "m", "mod" -> compare.setTarget(Compare.CompareTarget.MOD).setModRevision(number());
            case "val", "value" ->
                compare.setTarget(Compare.CompareTarget.VALUE).setValue(ByteText.bytes(value));
            case "lease" -> compare.setTarget(Compare.CompareTarget.LEASE).setLease(number());
            default -> throw malformed(line, " (unknown target " + target + ")");
        }
        return compare.setResult(
                        switch (operator) {
                            case "=" -> Compare.CompareResult.EQUAL;
                            case "!=" -> Compare.CompareResult.NOT_EQUAL;
                            case ">" -> Compare.CompareResult.GREATER;
                            case "<" -> Compare.CompareResult.LESS;
                            default -> throw malformed(line, " (unknown operator " + operator + ")");
                        })
                .build();
    }

    /** Takes key, operator and value, as far as they are there. */
    private boolean scan() {
        String first = quoted();
        if (first == null) {
            return false;
        }
        key = first;
        if (at >= rest.length() || rest.charAt(at) != ')') {
            return false;
        }
        at++;
        if (!spaces()) {
            return false;
        }
        int start = at;
        while (at < rest.length() && !isSpace(rest.charAt(at))) {
            at++;
        }
        if (at == start) {
            return false;
        }
        operator = rest.substring(start, at);
        if (!spaces()) {
            return false;
        }
        String last = quoted();
        if (last == null) {
            return false;
        }
        value = last;
        return true;
    }

    private @Nullable String quoted() {
        spaces();
        if (at >= rest.length()) {
            return null;
        }
        char mark = rest.charAt(at);
        if (mark != '"' && mark != '`') {
            return null;
        }
        int end = at + 1;
        while (end < rest.length() && rest.charAt(end) != mark) {
            end += mark == '"' && rest.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= rest.length()) {
            return null;
        }
        String literal = GoQuote.unquote(rest.substring(at, end + 1));
        if (literal != null) {
            at = end + 1;
        }
        return literal;
    }

    private boolean spaces() {
        int start = at;
        while (at < rest.length() && isSpace(rest.charAt(at))) {
            at++;
        }
        return at > start;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }

    private long number() {
        try {
            return GoNumbers.parseInt(value, 10);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.of(ExitCode.INVALID_INPUT, "invalid txn compare request: " + line);
        }
    }

    private static CommandFailure malformed(String line, String detail) {
        return CommandFailure.of(ExitCode.INVALID_INPUT, "malformed comparison: " + line + detail);
    }
}
