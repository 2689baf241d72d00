package io.keelson.kvstore.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits a line of interactive input into words, some of them in single or (with Go's escapes) double quotes. */
final class ShellWords {
    private static final Pattern WORD = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|[^'\"\\s]\\S*[^'\"\\s]?");

    private ShellWords() {}

    static List<String> split(String line) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(line);
        while (matcher.find()) {
            String word = matcher.group();
            if (word.startsWith("'")) {
                words.add(word.substring(1, word.length() - 1));
            } else if (word.startsWith("\"")) {
                String unquoted = GoQuote.unquote(word);
                if (unquoted == null) {
                    throw CommandFailure.of(ExitCode.INVALID_INPUT, "invalid syntax");
                }
                words.add(unquoted);
            } else {
                words.add(word);
            }
        }
        return words;
    }
}
