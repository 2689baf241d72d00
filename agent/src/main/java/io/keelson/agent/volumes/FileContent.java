package io.keelson.agent.volumes;

/**
 * A file that is to be in a volume.
 *
 * @param bytes all of it
 * @param mode its permissions
 * @param user whose it is; -1 for root's
 */
record FileContent(byte[] bytes, int mode, long user) {
    FileContent {
        bytes = bytes.clone();
    }

    /** A file of root's. */
    FileContent(byte[] bytes, int mode) {
        this(bytes, mode, -1);
    }

    @Override
    public byte[] bytes() {
        return bytes.clone();
    }

    int size() {
        return bytes.length;
    }
}
