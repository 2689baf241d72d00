package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.tar.TarEntry;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Paths of files in a layer, as the parts between the slashes. */
final class LayerPath {
    private static final int PATH_MAX = 4095;
    private static final int NAME_MAX = 255;

    private LayerPath() {}

    /**
     * The parts of a name in an archive; none for the layer's own folder.
     *
     * @throws ImageProblem {@code DAMAGED}: it leads out of the layer, or is longer than a path may be
     */
    static List<byte[]> parts(byte[] name, TarEntry entry) throws ImageProblem {
        if (name.length > PATH_MAX) {
            throw refused(entry, "its path is longer than " + PATH_MAX + " bytes");
        }
        List<byte[]> parts = new ArrayList<>();
        int from = 0;
        for (int at = 0; at <= name.length; at++) {
            if (at < name.length && name[at] != '/') {
                continue;
            }
            byte[] part = Arrays.copyOfRange(name, from, at);
            from = at + 1;
            if (is(part, "..")) {
                throw refused(entry, "its path has \"..\" in it, which could lead out of the image");
            }
            if (part.length > NAME_MAX) {
                throw refused(entry, "a name in its path is longer than " + NAME_MAX + " bytes");
            }
            if (part.length > 0 && !is(part, ".")) {
                parts.add(part);
            }
        }
        return parts;
    }

    /** What is said of an entry that no image should have. */
    static ImageProblem refused(TarEntry entry, String why) {
        return new ImageProblem(ImageProblem.Kind.DAMAGED, "entry \"" + entry.shownName() + "\": " + why);
    }

    static boolean is(byte[] part, String text) {
        return Arrays.equals(part, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static byte[] join(List<byte[]> parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            if (joined.size() > 0) {
                joined.write('/');
            }
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    /** As a key of a map: one character for each byte. */
    static String key(List<byte[]> parts) {
        return new String(join(parts), StandardCharsets.ISO_8859_1);
    }

    /** A path for calls that take no descriptor of a folder. */
    static byte[] byDescriptor(int folder, byte[] path) {
        byte[] prefix = Libc.bytes("/proc/self/fd/" + folder + "/");
        byte[] whole = Arrays.copyOf(prefix, prefix.length + path.length);
        System.arraycopy(path, 0, whole, prefix.length, path.length);
        return whole;
    }
}
