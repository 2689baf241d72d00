package io.keelson.agent.image;

import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who pulls images for the node itself: the first {@code config.json} that is there of those which {@code docker login}
 * and administrators write. Read each time, as it is small and pulls are rare.
 */
public final class NodeLogins {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLogins.class);
    private static final int BYTES_MAX = 1 << 20;

    private final List<Path> files;

    /** Reads the first that is there of these files. */
    public NodeLogins(List<Path> files) {
        this.files = List.copyOf(files);
    }

    /** As the kubelet: {@code config.json} of its own folder, then {@code ~/.docker}, then {@code /.docker}. */
    public static NodeLogins usual(Path root) {
        return new NodeLogins(List.of(
                root.resolve("config.json"),
                Path.of(OrEmpty.of(System.getProperty("user.home")), ".docker", "config.json"),
                Path.of("/.docker/config.json")));
    }

    /** The entries; none if there is no such file, or if it is damaged, which the log tells. */
    RegistryLogins read() {
        RegistryLogins logins = new RegistryLogins();
        for (Path file : files) {
            try {
                if (Files.size(file) > BYTES_MAX) {
                    LOG.error("{} is larger than {} bytes and not used for image pulls", file, BYTES_MAX);
                    continue;
                }
                logins.add(Files.readString(file), true, file.toString(), Optional.empty());
                return logins;
            } catch (NoSuchFileException e) {
                // The next one may be there.
            } catch (IOException | IllegalArgumentException e) {
                LOG.error("{} cannot be used for image pulls: {}", file, e.getMessage());
            }
        }
        return logins;
    }
}
