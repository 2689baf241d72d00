package io.keelson.agent.embedded.images.command;

import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.registry.RegistriesFile;
import io.keelson.agent.embedded.images.registry.RegistryHosts;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How registries are reached, for commands that pull images. */
public final class RegistryOption {
    @Option(
            names = "--private-registry",
            paramLabel = "FILE",
            description = "A file of mirrors of registries, and of the authorities, certificates and credentials of"
                    + " registries, in the form of K3s' registries.yaml. For images that the embedded runtime pulls.")
    private @Nullable Path file;

    /**
     * Where the file is, for a process that may work in another folder.
     *
     * @throws ImageProblem if it cannot be read, or makes no sense
     */
    public Optional<Path> file() throws ImageProblem {
        var _ = read();
        return Optional.ofNullable(file).map(Path::toAbsolutePath);
    }

    /**
     * What it says.
     *
     * @throws ImageProblem if the file cannot be read, or makes no sense
     */
    public RegistryHosts read() throws ImageProblem {
        return file == null ? RegistryHosts.USUAL : RegistriesFile.read(file);
    }
}
