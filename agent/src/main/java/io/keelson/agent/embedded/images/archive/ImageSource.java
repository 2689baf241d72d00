package io.keelson.agent.embedded.images.archive;

import io.keelson.agent.embedded.images.Digest;
import java.io.IOException;
import java.util.Optional;

/** Where the parts of images are found, in a folder or an archive. */
interface ImageSource {
    /** A document at the top, as {@code index.json}, if it is there. */
    Optional<byte[]> document(String name) throws IOException;

    /** The part of a digest goes into the store, if it is not there already; whether there is one. */
    boolean blob(Digest digest) throws IOException;

    /** The part in a file of whatever name goes into the store; its digest, if there is such a file. */
    Optional<Part> file(String name) throws IOException;

    /** What went into the store; the size in bytes, and the first of them. */
    record Part(Digest digest, long size, byte[] head) {}
}
