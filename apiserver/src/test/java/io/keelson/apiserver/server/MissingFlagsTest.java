package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The README's table of the original's flags that are missing says what is so. */
final class MissingFlagsTest {
    private static final Pattern FLAG = Pattern.compile("`(--[a-z0-9-]+)`");

    /** The lines of the table. */
    private static List<String> rows() throws Exception {
        String text = Files.readString(Path.of("README.md"));
        int begin = text.indexOf("**Missing flags.**");
        return text.substring(begin, text.indexOf("\n## ", begin))
                .lines()
                .filter(line -> line.startsWith("| `--"))
                .toList();
    }

    static List<String> missing() throws Exception {
        List<String> flags = new ArrayList<>();
        for (String row : rows()) {
            Matcher flag = FLAG.matcher(row.split("\\|", -1)[1]);
            while (flag.find()) {
                flags.add(flag.group(1));
            }
        }
        return flags;
    }

    @ParameterizedTest
    @MethodSource("missing")
    void whatIsSaidToBeMissingIsRefusedByItsName(String flag, @TempDir Path folder) {
        CommandLine.UnmatchedArgumentException refused =
                assertThrows(CommandLine.UnmatchedArgumentException.class, () -> Flags.config(folder, flag + "=x"));
        assertTrue(String.valueOf(refused.getMessage()).contains(flag), refused::toString);
    }

    @Test
    void eachIsNamedOnceAndHasAReason() throws Exception {
        assertEquals(missing().size(), new TreeSet<>(missing()).size());
        assertTrue(missing().size() >= 20, "the table was not found");
        for (String row : rows()) {
            assertTrue(row.split("\\|", -1)[2].strip().length() > 20, row);
        }
    }
}
