package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What {@code keelson apiserver --version} says, without a server being started. */
final class VersionFlagTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String flag) {
        return new CommandLine(new ApiServerCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(flag);
    }

    @Test
    void saysWhichKubernetesThisIs() {
        assertEquals(0, run("--version"));
        assertTrue(out.toString().strip().matches("Kubernetes v1\\.36\\.\\d+\\+keelson"), out::toString);
    }

    @Test
    void saysAllOfItRaw() {
        assertEquals(0, run("--version=raw"));
        String said = out.toString().strip();
        assertTrue(said.startsWith("version.Info{Major:\"1\", Minor:\"36\", "), said);
        assertTrue(said.contains(", GitVersion:\"v1.36."), said);
        assertTrue(said.endsWith("\"}"), said);
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertEquals(1, run("--version=short"));
        assertTrue(err.toString().contains("--version"), err::toString);
        assertEquals("", out.toString());
    }
}
