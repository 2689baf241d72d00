package io.keelson.dist.up;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Says which cluster of this machine is meant. */
final class DataOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "${sys:user.home}/.keelson",
            description = "Where the cluster is kept. Default: .keelson in your home folder")
    private Path data;

    /** As it was given. */
    Path given() {
        return data;
    }

    /** Without detours, whether it is there or not. */
    Path folder() {
        return data.toAbsolutePath().normalize();
    }
}
