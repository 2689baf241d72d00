package io.keelson.agent.embedded.images.tar;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an archive says of one file.
 *
 * @param name any bytes but zero; may be absolute, may lead upwards, may end with a slash
 * @param type one of the constants here
 * @param mode permissions, 12 bits
 * @param size of the content as it will be, holes counted; zero for all but files
 * @param seconds of the last change, since 1970
 * @param linkName where a link leads; empty for others
 * @param attributes extended ones, by name
 * @param segments of a sparse file, where in it the stored content goes; null for others
 */
public record TarEntry(
        byte[] name,
        char type,
        int mode,
        long user,
        long group,
        long size,
        long seconds,
        int nanoseconds,
        byte[] linkName,
        long major,
        long minor,
        Map<String, byte[]> attributes,
        @Nullable List<Segment> segments) {
    public static final char FILE = '0';
    public static final char HARD_LINK = '1';
    public static final char SYMBOLIC_LINK = '2';
    public static final char CHARACTER_DEVICE = '3';
    public static final char BLOCK_DEVICE = '4';
    public static final char FOLDER = '5';
    public static final char PIPE = '6';

    /** A piece of a sparse file that is no hole; offset and length in bytes. */
    public record Segment(long offset, long length) {}

    /** The name, to be shown. */
    public String shownName() {
        String text = new String(name, StandardCharsets.UTF_8);
        return text.length() > 300 ? text.substring(0, 300) + "…" : text;
    }
}
