package io.keelson.benchmarks.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class CaseFlagsTest {
    /** A command that measures nothing. */
    @Command(name = "cases")
    static final class Cases {
        @Mixin
        private CaseFlags flags = new CaseFlags(7, 100);
    }

    private static CaseFlags.Given given(String... flags) {
        Cases cases = new Cases();
        new CommandLine(cases).parseArgs(flags);
        return cases.flags.given();
    }

    @Test
    void withoutFlagsACommandHasItsOwnDefaults() {
        assertEquals(new CaseFlags.Given(1, 7, 0.2, 1, 32, Path.of("/program"), false), given("--keelson=/program"));
        String usage = new CommandLine(new Cases()).getUsageMessage();
        assertTrue(usage.contains("Default: 7"), usage);
    }

    @Test
    void flagsAreTakenAsTheyAre() {
        assertEquals(
                new CaseFlags.Given(0.5, 2, 0, 4, 3, Path.of("/program"), true),
                given(
                        "--keelson=/program",
                        "--scale=0.5",
                        "--rounds=2",
                        "--warm-up=0",
                        "--warm-up-times=4",
                        "--workers=3",
                        "--check"));
    }

    @Test
    void whatMakesNoSenseIsRefusedByName() {
        refused("--scale", "--scale=0");
        refused("--scale", "--scale=101");
        refused("--scale", "--scale=NaN");
        refused("--warm-up", "--warm-up=2");
        refused("--warm-up-times", "--warm-up-times=0");
        refused("--rounds", "--rounds=0");
        refused("--workers", "--workers=0");
    }

    private static void refused(String name, String flag) {
        String said =
                String.valueOf(assertThrows(IllegalArgumentException.class, () -> given("--keelson=/program", flag))
                        .getMessage());
        assertTrue(said.contains(name), said);
    }

    @Test
    void whatIsMissedFailsOnlyIfItIsToBeChecked() {
        CaseFlags.Given lenient = given("--keelson=/program");
        CaseFlags.Given strict = given("--keelson=/program", "--check");
        assertEquals(0, lenient.exitCode(0, 1));
        assertEquals(1, lenient.exitCode(1, 0));
        assertEquals(1, strict.exitCode(0, 1));
        assertEquals(0, strict.exitCode(0, 0));
    }
}
