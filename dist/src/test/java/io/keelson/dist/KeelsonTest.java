package io.keelson.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.cli.Completion;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

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

    @Test
    void bashAcceptsTheCompletionScriptAndCompletesWords() throws Exception {
        Process bash = new ProcessBuilder(
                        "bash",
                        "-euc",
                        "eval \"$(cat)\"; COMP_WORDS=(keelson kv lease gr); COMP_CWORD=3; _keelson_complete;"
                                + " echo \"${COMPREPLY[*]}\"")
                .redirectErrorStream(true)
                .start();
        try (var stdin = bash.outputWriter()) {
            stdin.write(Completion.bash());
        }
        assertTrue(bash.waitFor(10, TimeUnit.SECONDS));
        assertEquals("grant", bash.inputReader().readLine());
    }
}
