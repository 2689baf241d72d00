package io.keelson.controllers.localpath;

import java.nio.file.Path;

/**
 * Where volumes are made of directories.
 *
 * @param directory {@code --local-path-dir}: the directory on each node in which they are; absolute
 * @param storageClass {@code --local-path-storage-class}: whether the class {@code standard} is made and marked as the default
 *     when there is neither a class of that name nor a default
 */
public record LocalPathSettings(String directory, boolean storageClass) {
    /** As without flags. */
    public static final LocalPathSettings DEFAULT = new LocalPathSettings("/var/lib/keelson/local-path", true);

    public LocalPathSettings {
        Path path = Path.of(directory);
        if (!path.isAbsolute() || !path.normalize().equals(path)) {
            throw new IllegalArgumentException(
                    "--local-path-dir must be an absolute path without '..', not " + directory);
        }
    }
}
