package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Reference;
import java.io.IOException;
import java.util.List;

/**
 * An image on its way into the store. Its parts come one by one, in any order, from any thread; what is there by the
 * end is kept if it got a name, and is garbage otherwise.
 */
public final class ImageAddition implements AutoCloseable {
    private final ImageStore store;
    private final Blobs blobs;
    private final Lease lease;

    ImageAddition(ImageStore store, Blobs blobs, Lease lease) {
        this.store = store;
        this.blobs = blobs;
        this.lease = lease;
    }

    /** Whether a part is there already. If so, it stays at least until this is closed. */
    public boolean has(Descriptor part) throws IOException {
        lease.keep(List.of(part.digest()));
        return blobs.has(part);
    }

    /** Begins to write a part that will have a digest. */
    public BlobWriter write(Digest expected) throws IOException {
        lease.keep(List.of(expected));
        return new BlobWriter(blobs, lease.temporary());
    }

    /** Begins to write a part whose digest shows at its end. The caller calls {@link #keep} before it commits. */
    public BlobWriter write() throws IOException {
        return new BlobWriter(blobs, lease.temporary());
    }

    /** Keeps a part that is written without its digest being known. */
    public void keep(Digest digest) throws IOException {
        lease.keep(List.of(digest));
    }

    /** Writes a small part. */
    public Descriptor put(String mediaType, byte[] content) throws IOException {
        Digest digest = Digest.of(content);
        Descriptor part = new Descriptor(mediaType, digest, content.length);
        if (!has(part)) {
            try (BlobWriter out = write(digest)) {
                out.write(content, 0, content.length);
                out.commit(digest);
            }
        }
        return part;
    }

    /**
     * The content of a manifest or configuration that is there.
     *
     * @throws ImageProblem {@code DAMAGED}
     */
    public byte[] document(Digest digest) throws IOException {
        return blobs.document(digest);
    }

    /**
     * Unpacks what is not unpacked yet, and gives the image its names.
     *
     * @param target the index or manifest that the names mean elsewhere
     * @param manifest that of the image
     * @throws ImageProblem {@code DAMAGED}: a part is missing, or is not what it should be
     */
    public StoredImage finish(Digest target, Digest manifest, List<Reference> names) throws IOException {
        return store.name(target, manifest, names, lease);
    }

    @Override
    public void close() throws IOException {
        lease.close();
    }
}
