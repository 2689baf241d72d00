package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.tar.Compression;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/**
 * A layer's blob as it is expanded, with both its digests counted on the way. A layer is what it should be only after
 * {@link #finish}, so nothing that was read before is of use until then. One thread.
 */
final class CheckedLayer implements AutoCloseable {
    /** An archive may be followed by as much that is not part of it. */
    private static final long SLACK_BYTES = 1L << 30;

    private final Blobs blobs;
    private final Descriptor layer;
    private final Digest difference;
    private final MessageDigest packed = Digest.sha256();
    private final MessageDigest expanded = Digest.sha256();
    private final DigestInputStream blob;
    private final InputStream content;
    private boolean blobChecked;

    CheckedLayer(Blobs blobs, Descriptor layer, Digest difference, StoreLimits limits) throws IOException {
        this.blobs = blobs;
        this.layer = layer;
        this.difference = difference;
        this.blob = new DigestInputStream(blobs.open(layer.digest()), packed);
        InputStream open;
        try {
            open = Compression.expand(blob);
        } catch (IOException e) {
            IOException failure = explain(e);
            blob.close();
            throw failure;
        }
        // Outermost, since a digest does not see what is skipped.
        this.content = new Limited(new DigestInputStream(open, expanded), limits.layerBytes() + SLACK_BYTES);
    }

    /** The archive. */
    InputStream content() {
        return content;
    }

    /**
     * Reads what is left, and checks both digests.
     *
     * @throws ImageProblem {@code DAMAGED}
     */
    void finish() throws IOException {
        byte[] rest = new byte[64 * 1024];
        while (content.read(rest) >= 0) {
            // Only to be counted.
        }
        checkBlob(rest);
        Digest found = Digest.of(expanded);
        if (!found.equals(difference)) {
            throw new ImageProblem(
                    ImageProblem.Kind.DAMAGED,
                    "layer " + layer.digest() + " is not the one that the image was made with: wrong diff id: expected "
                            + difference + ", found " + found);
        }
    }

    private void checkBlob(byte[] buffer) throws IOException {
        if (blobChecked) {
            return;
        }
        while (blob.read(buffer) >= 0) {
            // Only to be counted.
        }
        Digest found = Digest.of(packed);
        blobChecked = true;
        if (!found.equals(layer.digest())) {
            blobs.discard(layer.digest());
            throw Blobs.damaged(layer.digest(), "its content has the digest " + found);
        }
    }

    /** A layer that cannot be read may be a blob that was damaged here, or one that was made so. */
    IOException explain(IOException failure) {
        try {
            checkBlob(new byte[64 * 1024]);
        } catch (IOException damaged) {
            damaged.addSuppressed(failure);
            return damaged;
        }
        ImageProblem.Kind kind = failure instanceof ImageProblem problem ? problem.kind() : ImageProblem.Kind.DAMAGED;
        return new ImageProblem(kind, "layer " + layer.digest() + ": " + failure.getMessage(), failure);
    }

    @Override
    public void close() throws IOException {
        content.close();
    }

    private static final class Limited extends FilterInputStream {
        private final long limit;
        private long read;

        Limited(InputStream in, long limit) {
            super(in);
            this.limit = limit;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            int got = super.read(buffer, from, length);
            read += Math.max(0, got);
            if (read > limit) {
                throw new ImageProblem(ImageProblem.Kind.TOO_LARGE, "it expands to more than " + limit + " bytes");
            }
            return got;
        }

        /** By reading, so that what is skipped is counted. */
        @Override
        public long skip(long count) throws IOException {
            byte[] skipped = new byte[(int) Math.min(count, 64 * 1024)];
            return Math.max(0, read(skipped, 0, skipped.length));
        }
    }
}
