package io.keelson.controllers.hollow;

import picocli.CommandLine;

/** The simulation as a process of its own, as the {@code keelson} command starts it. */
public final class HollowProcess {
    private HollowProcess() {}

    /** Runs until it is told to end. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new NodesCommand()).execute(arguments));
    }
}
