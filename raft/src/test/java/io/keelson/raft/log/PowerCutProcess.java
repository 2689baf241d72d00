package io.keelson.raft.log;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program of this class path that writes to a disk, until the disk loses power. */
final class PowerCutProcess {
    /** Marks the lines that are meant for the parent; logging goes to the same stream. */
    static final String MARK = "> ";

    private PowerCutProcess() {}

    /**
     * @param lines all that the program said
     * @param beforeCut how many of them had been heard when the cut began
     */
    record Said(List<String> lines, int beforeCut) {}

    /** What a program says to its parent. */
    static void say(String line) {
        System.out.println(MARK + line);
        System.out.flush();
    }

    /**
     * Cuts the power after the program has said so many lines, and mounts the disk again.
     *
     * @param extraNs how much longer to wait, so that the cut comes anywhere within a step
     */
    static Said run(PowerCutDisk disk, int lines, long extraNs, Class<?> program, String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(Arrays.asList(arguments));
        Process writer = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> said = new ArrayList<>();
        int beforeCut = -1;
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith(MARK)) {
                    said.add(line.substring(MARK.length()));
                }
                if (beforeCut < 0 && said.size() >= lines) {
                    long until = System.nanoTime() + extraNs;
                    while (System.nanoTime() < until) {
                        Thread.onSpinWait();
                    }
                    beforeCut = said.size();
                    disk.cutPower();
                }
            }
            assertTrue(beforeCut >= 0, () -> "the writer ended before the power was cut: " + said);
        } finally {
            writer.destroyForcibly();
            assertTrue(writer.waitFor(20, TimeUnit.SECONDS));
        }
        disk.unmount();
        disk.mount();
        return new Said(said, beforeCut);
    }
}
