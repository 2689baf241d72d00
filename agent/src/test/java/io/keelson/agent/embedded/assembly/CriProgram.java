package io.keelson.agent.embedded.assembly;

import picocli.CommandLine;

/** {@code keelson cri} as a program of its own. */
final class CriProgram {
    private CriProgram() {}

    public static void main(String[] words) {
        System.exit(new CommandLine(new CriCommand()).execute(words));
    }
}
