package io.keelson.apiserver.object;

import java.util.concurrent.ThreadLocalRandom;

/** Makes up names for objects that have only the beginning of one. */
public final class GeneratedNames {
    private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    private static final int RANDOM_LETTERS = 5;
    private static final int NAME_CHARS_MAX = 63;

    private GeneratedNames() {}

    /** @param beginning {@code metadata.generateName}; cut if it is too long for what is added */
    public static String from(String beginning) {
        int kept = Math.min(beginning.length(), NAME_CHARS_MAX - RANDOM_LETTERS);
        StringBuilder name = new StringBuilder(beginning.substring(0, kept));
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int i = 0; i < RANDOM_LETTERS; i++) {
            name.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return name.toString();
    }
}
