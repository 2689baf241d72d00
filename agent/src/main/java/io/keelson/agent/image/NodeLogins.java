package io.keelson.agent.image;

import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who pulls images for the node itself: the first {@code config.json} that is there of those which {@code docker login}
 * and administrators write, and whom programs name that know. The file is read each time, as it is small and pulls are
 * rare.
 */
public final class NodeLogins {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLogins.class);
    private static final int BYTES_MAX = 1 << 20;

    private final List<Path> files;
    private final CredentialProviders providers;

    /** Reads the first that is there of these files, and asks these programs. */
    public NodeLogins(List<Path> files, CredentialProviders providers) {
        this.files = List.copyOf(files);
        this.providers = providers;
    }

    /** As the kubelet: {@code config.json} of its own folder, then {@code ~/.docker}, then {@code /.docker}. */
    public static NodeLogins usual(Path root, CredentialProviders providers) {
        return new NodeLogins(
                List.of(
                        root.resolve("config.json"),
                        Path.of(OrEmpty.of(System.getProperty("user.home")), ".docker", "config.json"),
                        Path.of("/.docker/config.json")),
                providers);
    }

    /** Who may pull an image, the likeliest first. */
    List<RegistryLogin> of(ImageName image) throws InterruptedException {
        List<RegistryLogin> found = new ArrayList<>(read().of(image));
        found.addAll(providers.of(image));
        return found;
    }

    /** The entries; none if there is no such file, or if it is damaged, which the log tells. */
    private RegistryLogins read() {
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
