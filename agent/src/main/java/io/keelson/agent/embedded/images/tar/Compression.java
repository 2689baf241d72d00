package io.keelson.agent.embedded.images.tar;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** What archives are compressed with, known by the first bytes whatever their names say. */
public enum Compression {
    NONE(""),
    GZIP("+gzip"),
    ZSTD("+zstd");

    private static final int BUFFER = 64 * 1024;

    /** The window that a frame may ask for: 128 MiB of memory, as programs allow that are not told otherwise. */
    private static final int ZSTD_WINDOW_BITS = 27;

    private final String suffix;

    Compression(String suffix) {
        this.suffix = suffix;
    }

    /** What OCI puts after the media type of a layer. */
    public String suffix() {
        return suffix;
    }

    /** What some content starts like, of which at least six bytes are given if it has them. */
    public static Compression of(byte[] head) throws IOException {
        if (starts(head, 0x1F, 0x8B)) {
            return GZIP;
        }
        if (starts(head, 0x28, 0xB5, 0x2F, 0xFD)
                || (head.length >= 4 && (head[0] & 0xF0) == 0x50 && starts(head, head[0], 0x2A, 0x4D, 0x18))) {
            return ZSTD;
        }
        if (starts(head, 'B', 'Z', 'h') || starts(head, 0xFD, '7', 'z', 'X', 'Z')) {
            throw new IOException("compressed with " + (head[0] == 'B' ? "bzip2" : "xz")
                    + ", which is not supported: gzip and zstd are");
        }
        return NONE;
    }

    private static boolean starts(byte[] head, int... magic) {
        if (head.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((head[i] & 0xFF) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whatever a stream is compressed with, its content. Closing the result closes the stream. */
    public static InputStream expand(InputStream in) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, BUFFER);
        buffered.mark(8);
        byte[] head = buffered.readNBytes(6);
        buffered.reset();
        return switch (of(head)) {
            case NONE -> buffered;
            case GZIP -> new GZIPInputStream(buffered, BUFFER);
            case ZSTD -> new ZstdInputStreamNoFinalizer(buffered).setLongMax(ZSTD_WINDOW_BITS);
        };
    }
}
