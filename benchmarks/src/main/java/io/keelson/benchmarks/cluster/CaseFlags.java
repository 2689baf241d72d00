package io.keelson.benchmarks.cluster;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of a command that measures cases on processes that it starts: how large and how often, and of which program. */
public final class CaseFlags {
    private final int scaleMax;

    @Option(
            names = "--scale",
            defaultValue = "1",
            paramLabel = "FACTOR",
            description = "All numbers of objects times this; then nothing is wanted. Default: ${DEFAULT-VALUE}")
    private double scale;

    @Option(
            names = "--rounds",
            description = "How often each is measured; medians are printed. Default: ${DEFAULT-VALUE}")
    private int rounds;

    @Option(
            names = "--warm-up",
            defaultValue = "0.2",
            paramLabel = "FACTOR",
            description = "Before, each is done once with all numbers times this; 0 for not. Default: ${DEFAULT-VALUE}")
    private double warmUp;

    @Option(
            names = "--warm-up-times",
            defaultValue = "1",
            paramLabel = "N",
            description =
                    "How often that is done before: what is quick at once is quicker after some ten thousand requests."
                            + " Default: ${DEFAULT-VALUE}")
    private int warmUpTimes;

    @Option(
            names = "--workers",
            defaultValue = "32",
            description = "Requests under way at a time while objects are made. Default: ${DEFAULT-VALUE}")
    private int workers;

    @Option(
            names = "--keelson",
            paramLabel = "FILE",
            description = "The program that is measured. Default: the one that this is")
    private @Nullable Path keelson = Launcher.ownProgram();

    @Option(names = "--check", description = "Ends with 1 if something that is wanted is not reached, too.")
    private boolean check;

    /**
     * Flags with what differs between commands.
     *
     * @param rounds the default of {@code --rounds}
     * @param scaleMax the most that {@code --scale} may be
     */
    public CaseFlags(int rounds, int scaleMax) {
        this.rounds = rounds;
        this.scaleMax = scaleMax;
    }

    /**
     * What the flags say.
     *
     * @param scale how much larger or smaller than published
     * @param warmUp the size of the first runs as a part of the others'; 0 for none
     * @param warmUpTimes how many such first runs there are
     * @param check whether to miss what is wanted is to fail
     */
    public record Given(
            double scale, int rounds, double warmUp, int warmUpTimes, int workers, Path keelson, boolean check) {
        /** How the command ends: with 1 if something failed, or was not reached that had to be. */
        public int exitCode(int failed, int missed) {
            return failed > 0 || (check && missed > 0) ? 1 : 0;
        }
    }

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException if one makes no sense; its text names the flag
     */
    public Given given() {
        if (!(scale > 0 && scale <= scaleMax) || !(warmUp >= 0 && warmUp <= 1)) {
            throw new IllegalArgumentException(
                    "--scale is more than 0 and at most " + scaleMax + ", --warm-up from 0 to 1");
        }
        if (rounds < 1 || workers < 1 || warmUpTimes < 1) {
            throw new IllegalArgumentException("--rounds, --workers and --warm-up-times are 1 or more");
        }
        if (keelson == null) {
            throw new IllegalArgumentException("--keelson has to say which program is measured");
        }
        return new Given(scale, rounds, warmUp, warmUpTimes, workers, keelson.toAbsolutePath(), check);
    }
}
