package io.keelson.apiserver.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** What the flags of {@code keelson apiserver} come to. */
final class Flags {
    private Flags() {}

    /** On a port of loopback that is free, with everything in a folder. */
    static ApiServerConfig config(Path folder, String... flags) {
        List<String> all = new ArrayList<>(List.of(
                "--bind-address=127.0.0.1",
                "--secure-port=0",
                "--cert-dir=" + folder.resolve("pki"),
                "--embedded-store=" + folder.resolve("store")));
        all.addAll(List.of(flags));
        ApiServerCommand command = new ApiServerCommand();
        var _ = new CommandLine(command).parseArgs(all.toArray(String[]::new));
        return command.config();
    }
}
