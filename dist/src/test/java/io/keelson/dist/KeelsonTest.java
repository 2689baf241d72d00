package io.keelson.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.cli.Completion;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

final class KeelsonTest {
    @Test
    void helpNamesEveryCommand() {
        String help = KeelsonCommand.commandLine().getUsageMessage();
        for (String name : KeelsonCommand.commandLine().getSubcommands().keySet()) {
            assertTrue(help.contains("  " + name + " "), help);
        }
    }

    @Test
    void completionKnowsEveryCommand() {
        String script = Completion.bash();
        for (String name : KeelsonCommand.commandLine().getSubcommands().keySet()) {
            assertTrue(script.contains("'keelson " + name + "'"), name + " in " + script);
        }
    }

    @Test
    void aMissingCommandIsAnErrorThatShowsHowToCallIt() {
        CommandLine line = KeelsonCommand.commandLine();
        StringWriter err = new StringWriter();
        int exitCode = line.setErr(new PrintWriter(err)).execute();
        assertEquals(CommandLine.ExitCode.USAGE, exitCode);
        assertTrue(err.toString().contains("a command is missing"), err.toString());
        assertTrue(err.toString().contains("keelson"), err.toString());
    }

    @Test
    void versionsAreThoseOfKeelsonAndOfTheJvm() {
        CommandLine line = KeelsonCommand.commandLine();
        StringWriter out = new StringWriter();
        assertEquals(0, line.setOut(new PrintWriter(out)).execute("version"));
        assertTrue(out.toString().startsWith("keelson "), out.toString());
        assertTrue(out.toString().contains("java 25"), out.toString());
    }

    @ParameterizedTest
    @CsvSource({"1,true", "t,true", "True,true", "TRUE,true", "0,false", "F,false", "False,false"})
    void truthValuesOfServersAreThoseOfGo(String text, boolean value) {
        CommandLine.ParseResult parsed = Objects.requireNonNull(KeelsonCommand.commandLine()
                .parseArgs("apiserver", "--profiling=" + text, "--enable-bootstrap-token-auth")
                .subcommand());
        assertEquals(value, parsed.<Boolean>matchedOptionValue("--profiling", !value));
        assertEquals(true, parsed.<Boolean>matchedOptionValue("--enable-bootstrap-token-auth", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", "tRUE", "2"})
    void whatIsNoTruthValueInGoIsRefused(String text) {
        CommandLine line = KeelsonCommand.commandLine();
        String message = String.valueOf(assertThrows(
                        CommandLine.ParameterException.class, () -> line.parseArgs("apiserver", "--profiling=" + text))
                .getMessage());
        assertTrue(message.contains("'" + text + "' is not a boolean"), message);
    }

    @Test
    void bashAcceptsTheCompletionScriptAndCompletesWords() throws Exception {
        assertEquals(List.of("grant"), inBash("keelson", "kv", "lease", "gr"));
        assertEquals(List.of("apiserver"), inBash("keelson", "api"));
        assertEquals(List.of("powershell"), inBash("keelson", "completion", "p"));
    }

    @Test
    void completionOffersTheFlagsOfEveryCommand() {
        assertFlagsOffered("keelson", KeelsonCommand.commandLine().getCommandSpec());
    }

    private static void assertFlagsOffered(String path, CommandSpec spec) {
        String line = Completion.bash()
                .lines()
                .filter(each -> each.startsWith("    '" + path + "') "))
                .findFirst()
                .orElseThrow(() -> new AssertionError(path));
        String from = " offered='";
        String offered = line.substring(line.indexOf(from) + from.length(), line.lastIndexOf('\''));
        List<String> words = List.of(offered.split(" ", -1));
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                assertTrue(words.contains(option.longestName()), () -> option.longestName() + " in " + line);
            }
        }
        for (CommandLine child : spec.subcommands().values()) {
            assertFlagsOffered(path + " " + child.getCommandName(), child.getCommandSpec());
        }
    }

    @Test
    void eachShellIsToldTheFlagsOfServersAndLoadTools() throws Exception {
        assertEquals(List.of("--version"), inBash("keelson", "--ver"));
        assertEquals(List.of("--etcd-prefix"), inBash("keelson", "apiserver", "--secure-port", "6443", "--etcd-pre"));
        assertEquals(List.of("--ready-ms"), inBash("keelson", "bench", "api", "--target", "a", "--ready"));
        assertTrue(Completion.zsh().contains(" --warm-up-first"), Completion.zsh());
        String fish = Completion.fish();
        String condition = "complete -c keelson -n 'test (__keelson_command) = ";
        assertTrue(fish.contains(condition + "\"keelson bench kv\"' -l warm-up-first -r -d '"), fish);
        assertTrue(fish.contains(condition + "\"keelson apiserver\"' -l v -s v -r -d '"), fish);
        assertTrue(Completion.powershell().contains(", '--warm-up-first'"), Completion.powershell());
    }

    @Test
    void onlyAValueThatAFlagCannotDoWithoutIsAWordOfItsOwn() throws Exception {
        assertEquals(List.of(), inBash("keelson", "apiserver", "--secure-port", "--etcd-pre"));
        assertEquals(List.of(), inBash("keelson", "apiserver", "-v", "--etcd-pre"));
        assertEquals(List.of("--etcd-prefix"), inBash("keelson", "apiserver", "--anonymous-auth", "--etcd-pre"));
    }

    /** What bash is offered for the last of these words. */
    private static List<String> inBash(String... words) throws Exception {
        Process bash = new ProcessBuilder(
                        "bash",
                        "-uc",
                        "eval \"$(cat)\"; COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD="
                                + (words.length - 1) + "; _keelson_complete; echo \"${COMPREPLY[*]}\"")
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
