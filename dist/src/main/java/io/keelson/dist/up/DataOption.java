package io.keelson.dist.up;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Says which cluster of this machine is meant. */
public final class DataOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where the cluster, or this machine's node, is kept. Default: .keelson in your home folder")
    private @Nullable Path data;

    /** Without detours, whether it is there or not. */
    public Path folder() {
        return data == null ? HomeFolder.cluster() : data.toAbsolutePath().normalize();
    }
}
