package io.keelson.dist.up;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a user can type, as it is, to run another command of this program. */
final class Typed {
    /** Set by the program's scripts, which know how they were called: few have {@code keelson} on their path. */
    private static final String PROGRAM = "KEELSON_PROGRAM";

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

    private Typed() {}

    /** A command for the cluster of a folder, which is named unless it is the usual one. */
    static String forCluster(String command, Path folder, String... more) {
        List<String> words = new ArrayList<>(List.of(command));
        if (!folder.equals(HomeFolder.cluster())) {
            words.add("--data");
            words.add(folder.toString());
        }
        words.addAll(List.of(more));
        return line(words);
    }

    /** A command with its arguments. */
    static String line(List<String> words) {
        return line(System.getenv().getOrDefault(PROGRAM, ""), words);
    }

    /** @param program as the scripts say it; empty if none did */
    static String line(String program, List<String> words) {
        List<String> all = new ArrayList<>(List.of(program.isEmpty() ? "keelson" : program));
        all.addAll(words);
        return all.stream().map(Typed::word).collect(Collectors.joining(" "));
    }

    /** A word that a shell takes for this text. */
    static String word(String text) {
        return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
