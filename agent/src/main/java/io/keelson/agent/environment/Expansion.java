package io.keelson.agent.environment;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts values in for {@code $(NAME)}. {@code $$} is a dollar sign that begins nothing, so {@code $$(NAME)} becomes
 * {@code $(NAME)}; a name that nobody knows, and a parenthesis that is not closed, stay as they are. What was put in
 * is not looked at again.
 */
public final class Expansion {
    private Expansion() {}

    /**
     * A text with values put in.
     *
     * @param value of a name; null if there is none of this name
     */
    public static String of(String text, Function<String, @Nullable String> value) {
        int dollar = text.indexOf('$');
        if (dollar < 0) {
            return text;
        }
        StringBuilder expanded = new StringBuilder(text.length());
        int copied = 0;
        while (dollar >= 0 && dollar + 1 < text.length()) {
            expanded.append(text, copied, dollar);
            char next = text.charAt(dollar + 1);
            int end = next == '(' ? text.indexOf(')', dollar + 2) : -1;
            if (next == '$') {
                expanded.append('$');
                copied = dollar + 2;
            } else if (end >= 0) {
                String known = value.apply(text.substring(dollar + 2, end));
                expanded.append(known == null ? text.substring(dollar, end + 1) : known);
                copied = end + 1;
            } else {
                expanded.append('$').append(next);
                copied = dollar + 2;
            }
            dollar = text.indexOf('$', copied);
        }
        return expanded.append(text, copied, text.length()).toString();
    }
}
