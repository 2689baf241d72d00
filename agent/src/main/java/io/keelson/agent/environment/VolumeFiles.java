package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;

/** Reads files that containers have written into volumes. */
@FunctionalInterface
public interface VolumeFiles {
    /**
     * A file's content. Symlinks are followed as if the volume were all that there is.
     *
     * @param volume the volume's name in the pod
     * @param path inside of the volume
     * @param sizeBytesMax a larger file is refused
     * @throws java.nio.file.NoSuchFileException if there is no such volume or file
     */
    byte[] read(Pod pod, String volume, String path, int sizeBytesMax) throws IOException;
}
