package io.keelson.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code scripts/up} asks of {@code keelson up}; {@link UpCommandTest} shows what that does. */
final class UpScriptTest {
    private final Path script;
    private final Path programs;

    /** A project whose {@code scripts/keelson} only says what it was asked for. */
    UpScriptTest(@TempDir Path folder) throws IOException {
        script = folder.resolve("scripts/up");
        Files.createDirectories(script.getParent());
        programs = Files.createDirectories(folder.resolve("programs"));
        Files.copy(ProjectFolder.top().resolve("scripts/up"), script);
        Path keelson = script.resolveSibling("keelson");
        Files.writeString(keelson, "#!/bin/sh\necho \"$@\"\nexit 7\n");
        TestDistribution.makeExecutable(keelson);
    }

    private void assertSays(int code, String text, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", script.toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // Programs of its own come first: one that says who types, the others so that nothing has to be installed.
        builder.environment().put("PATH", programs + ":" + System.getenv("PATH"));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(said.startsWith(text), said);
        assertEquals(code, process.waitFor(), said);
    }

    @Test
    void whoIsNotRootHasThreeNodesUnlessOthersAreAskedFor() throws Exception {
        user(1000);
        assertSays(7, "up --nodes=3\n");
        assertSays(7, "up --nodes=3 --data=somewhere --secure-port 0\n", "--data=somewhere", "--secure-port", "0");
        assertSays(7, "up --nodes 5\n", "--nodes", "5");
        assertSays(7, "up --nodes=0\n", "--nodes=0");
    }

    @Test
    void rootHasTheMachine() throws Exception {
        user(0);
        assertSays(7, "up\n");
        assertSays(7, "up --nodes 5\n", "--nodes", "5");
    }

    private void user(int number) throws IOException {
        program("id", "echo " + number);
        for (String needed : List.of("nft", "ip", "busybox")) {
            program(needed, "exit 0");
        }
    }

    private void program(String name, String line) throws IOException {
        Path program = programs.resolve(name);
        Files.writeString(program, "#!/bin/sh\n" + line + "\n");
        TestDistribution.makeExecutable(program);
    }

    @Test
    void helpStartsNothing() throws Exception {
        assertSays(0, "usage: scripts/up ", "--nodes=5", "--help");
    }
}
