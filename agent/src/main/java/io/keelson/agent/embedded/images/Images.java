package io.keelson.agent.embedded.images;

import java.io.IOException;

/** The images of a node, for who runs containers. */
public interface Images extends AutoCloseable {
    /**
     * What an image says on how its containers run.
     *
     * @param reference a name with or without tag or digest, or an image's id: {@code sha256:…}, or its hex digits, of
     *     which some at the beginning do if no other image begins so
     * @throws ImageProblem {@code NOT_FOUND}; {@code DAMAGED}
     */
    ImageConfig resolve(String reference) throws IOException;

    /** The root filesystems of containers. */
    Snapshots snapshots();

    @Override
    void close();
}
