package io.keelson.kvstore.cli;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** What may have been meant by a word that is no command: names it begins, and names a letter or two away from it. */
final class Suggestions {
    private static final int DISTANCE_MAX = 2;

    private Suggestions() {}

    /** Those of the names that may have been meant, sorted. */
    static List<String> of(String word, Collection<String> names) {
        String typed = word.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name -> name.startsWith(typed) || distance(typed, name) <= DISTANCE_MAX)
                .sorted()
                .toList();
    }

    /** How many letters have to be put in, taken out or replaced to make one word of the other. */
    private static int distance(String one, String other) {
        int[] above = new int[other.length() + 1];
        for (int column = 0; column < above.length; column++) {
            above[column] = column;
        }
        for (int row = 1; row <= one.length(); row++) {
            int[] current = new int[above.length];
            current[0] = row;
            for (int column = 1; column < current.length; column++) {
                int replaced = above[column - 1] + (one.charAt(row - 1) == other.charAt(column - 1) ? 0 : 1);
                current[column] = Math.min(replaced, 1 + Math.min(above[column], current[column - 1]));
            }
            above = current;
        }
        return above[other.length()];
    }
}
