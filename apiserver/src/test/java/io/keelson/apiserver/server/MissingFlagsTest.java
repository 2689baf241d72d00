package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Each flag of the original is there, or refused with the reason that the README's table of missing flags gives. */
final class MissingFlagsTest {
    private static final Pattern FLAG = Pattern.compile("`(--[a-z0-9-]+)`");

    /** What a kube-apiserver has not. */
    private static final Set<String> OWN = Set.of("--embedded-store", "--enable-ui", "--write-kubeconfig");

    /** The lines of the table. */
    private static List<String> rows() throws IOException {
        String text = Files.readString(Path.of("README.md"));
        int begin = text.indexOf("**Missing flags.**");
        return text.substring(begin, text.indexOf("\n## ", begin))
                .lines()
                .filter(line -> line.startsWith("| `--"))
                .toList();
    }

    static List<String> missing() throws IOException {
        List<String> flags = new ArrayList<>();
        for (String row : rows()) {
            Matcher flag = FLAG.matcher(row.split("\\|", -1)[1]);
            while (flag.find()) {
                flags.add(flag.group(1));
            }
        }
        return flags;
    }

    /** Why each is missing, in plain text. */
    private static Map<String, String> reasons() throws IOException {
        Map<String, String> reasons = new TreeMap<>();
        for (String row : rows()) {
            String[] cells = row.split("\\|", -1);
            Matcher flag = FLAG.matcher(cells[1]);
            while (flag.find()) {
                reasons.put(flag.group(1), cells[2].strip().replace("`", ""));
            }
        }
        return reasons;
    }

    private static Set<String> ofTheOriginal() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(MissingFlagsTest.class.getResourceAsStream("kube-apiserver.flags"))) {
            Set<String> flags = new TreeSet<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("--"))
                    .forEach(flags::add);
            return flags;
        }
    }

    private static Set<String> known() {
        Set<String> flags = new TreeSet<>(new CommandLine(new ApiServerCommand())
                .getCommandSpec()
                .optionsMap()
                .keySet());
        flags.removeIf(name -> !name.startsWith("--"));
        return flags;
    }

    @Test
    void eachFlagOfTheOriginalIsThereOrSaidToBeMissing() throws Exception {
        assertTrue(ofTheOriginal().size() > 170, "the list was not found");
        Set<String> thereOrMissing = known();
        thereOrMissing.addAll(missing());
        Set<String> expected = ofTheOriginal();
        expected.addAll(OWN);
        assertEquals(expected, thereOrMissing);
    }

    @ParameterizedTest
    @MethodSource("missing")
    void whatIsSaidToBeMissingIsRefusedByItsNameAndWithTheReason(String flag, @TempDir Path folder) throws Exception {
        String why = flag + ": " + reasons().get(flag);
        for (List<String> stated : List.of(List.of(flag + "=x"), List.of(flag, "x"), List.of(flag))) {
            assertEquals(
                    why,
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> Flags.config(folder, stated.toArray(String[]::new)))
                            .getMessage());
        }
    }

    @Test
    void eachIsNamedOnceAndHasAReason() throws Exception {
        assertEquals(missing().size(), new TreeSet<>(missing()).size());
        assertTrue(missing().size() >= 5, "the table was not found");
        for (String row : rows()) {
            assertTrue(row.split("\\|", -1)[2].strip().length() > 20, row);
        }
    }

    /** What would change something and cannot be had must not be passed over. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            --no-such-flag=1   ; unknown flag: --no-such-flag
            --no-such-flag     ; unknown flag: --no-such-flag
            -x                 ; unknown shorthand flag: 'x' in -x
            words              ; does not take any arguments, got ["words"]
            """)
    void whatIsNoFlagAtAllIsRefused(String argument, String why, @TempDir Path folder) {
        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> Flags.config(folder, argument))
                        .getMessage());
    }

    @Test
    void theCommandSaysSoAndStartsNothing() {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new ApiServerCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute("--no-such-flag", "--version");
        assertEquals(1, code);
        assertEquals(
                "keelson apiserver: unknown flag: --no-such-flag",
                err.toString().strip());
        assertEquals("", out.toString());
    }
}
