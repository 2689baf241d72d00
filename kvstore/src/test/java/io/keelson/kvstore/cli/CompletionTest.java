package io.keelson.kvstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class CompletionTest {
    @Test
    void theValueOfAFlagIsNoWordOfACommand() throws Exception {
        List<String> offered = inBash("keelson", "kv", "--endpoints", "127.0.0.1", ":", "2379", "get", "--");
        assertTrue(offered.contains("--min-mod-rev"), offered.toString());
        assertTrue(offered.contains("--endpoints"), offered.toString());
        assertFalse(offered.contains("--prev-kv"), offered.toString());
        assertEquals(List.of("grant"), inBash("keelson", "kv", "-w", "json", "lease", "gr"));
        assertEquals(List.of("--rev"), inBash("keelson", "kv", "get", "--hex", "some/key", "--re"));
    }

    @Test
    void wordsThatBashCutsAreReadAsOne() throws Exception {
        assertEquals(
                List.of("--prefix"),
                inBash("keelson", "kv", "--endpoints", "=", "127.0.0.1", ":", "2379", "get", "a", "--prefi"));
        assertEquals(List.of("grant"), inBash("keelson", "kv", "--user", "a", "@", "b", ":", "c", "lease", "gr"));
    }

    @Test
    void nothingIsOfferedForAValueAndBehindTwoDashes() throws Exception {
        assertEquals(List.of(), inBash("keelson", "kv", "--endpoints", "g"));
        assertEquals(List.of(), inBash("keelson", "kv", "put", "a", "--", "--pre"));
    }

    @Test
    void membersFlagsAreOfferedInBothForms() throws Exception {
        assertEquals(
                List.of("--initial-cluster", "--initial-cluster-state", "--initial-cluster-token"),
                inBash("keelson", "kvstore", "-name", "a", "--data-dir", "b", "--initial-cluster").stream()
                        .sorted()
                        .toList());
    }

    @Test
    void flagsOfAGroupAreOfferedBehindItsCommands() throws Exception {
        assertEquals(List.of("--cluster"), inBash("keelson", "kv", "endpoint", "health", "--clu"));
    }

    @Test
    void shellsAreOffered() throws Exception {
        assertEquals(List.of("powershell"), inBash("keelson", "kv", "completion", "p"));
    }

    @Test
    void eachShellHasAScript() throws Exception {
        assertEquals(Completion.bash(), run("completion", "bash").out());
        assertEquals(Completion.zsh(), run("completion", "zsh").out());
        assertEquals(Completion.fish(), run("completion", "fish").out());
        assertEquals(Completion.powershell(), run("completion", "powershell").out());
        String fish = Completion.fish();
        assertTrue(
                fish.contains("complete -c keelson -n 'test (__keelson_command) = \"keelson kv get\"' -l rev -r "),
                fish);
        assertTrue(Completion.powershell().startsWith("# PowerShell completion"), Completion.powershell());
    }

    @Test
    void oneShellHasToBeNamed() throws Exception {
        assertMisused("accepts 1 arg(s), received 0", "completion");
        assertMisused("accepts 1 arg(s), received 2", "completion", "bash", "zsh");
        assertMisused("invalid argument \"x\" for \"keelson kv completion\"", "completion", "x");
    }

    private static void assertMisused(String error, String... words) throws Exception {
        CommandRun run = run(words);
        assertEquals(ExitCode.ERROR, run.exitCode());
        assertEquals("Error: " + error + "\n\nError: " + error + "\n", run.err());
    }

    private static CommandRun run(String... words) throws Exception {
        CommandProgram ours = new CommandProgram.Ours();
        return ours.run(List.of(words), "", Map.of());
    }

    /** What bash is offered for the last of these words, which are cut as bash cuts them. */
    private static List<String> inBash(String... words) throws Exception {
        String array = Arrays.stream(words).map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        Process bash = new ProcessBuilder(
                        "bash",
                        "-uc",
                        "eval \"$(cat)\"; COMP_WORDS=(" + array + "); COMP_CWORD=" + (words.length - 1)
                                + "; _keelson_complete keelson; echo \"${COMPREPLY[*]}\"")
                .redirectErrorStream(true)
                .start();
        try (var stdin = bash.outputWriter()) {
            stdin.write(Completion.bash());
        }
        String shown =
                bash.inputReader().lines().collect(Collectors.joining("\n")).strip();
        assertTrue(bash.waitFor(10, TimeUnit.SECONDS));
        return shown.isEmpty() ? List.of() : List.of(shown.split(" ", -1));
    }
}
