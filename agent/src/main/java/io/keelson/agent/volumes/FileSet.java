package io.keelson.agent.volumes;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files that a volume is to have, as a whole: at most 64 MiB and 10,000 of them.
 *
 * @param files by their path in the volume
 */
record FileSet(SortedMap<String, FileContent> files) {
    private static final long SIZE_BYTES_MAX = 64L << 20;
    private static final int FILES_MAX = 10_000;
    private static final int PATH_BYTES_MAX = 4096;
    private static final int NAME_BYTES_MAX = 255;

    FileSet {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /**
     * Files with the paths that are asked for.
     *
     * @throws VolumeException if a path is none that stays in the volume, one file would lie in another, or they are
     *     too many
     */
    static FileSet of(Map<String, FileContent> wanted) throws VolumeException {
        SortedMap<String, FileContent> files = new TreeMap<>();
        long size = 0;
        for (Map.Entry<String, FileContent> file : wanted.entrySet()) {
            files.put(clean(file.getKey()), file.getValue());
            size += file.getValue().size();
        }
        if (size > SIZE_BYTES_MAX || files.size() > FILES_MAX) {
            throw new VolumeException(
                    "%d files of %d bytes are more than a volume may have of them: %d of %d bytes; use several"
                            .formatted(files.size(), size, FILES_MAX, SIZE_BYTES_MAX));
        }
        for (String path : files.keySet()) {
            for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
                if (files.containsKey(path.substring(0, slash))) {
                    throw new VolumeException("invalid path: \"%s\" is to be a file, and a folder with \"%s\" in it"
                            .formatted(path.substring(0, slash), path));
                }
            }
        }
        return new FileSet(files);
    }

    private static String clean(String path) throws VolumeException {
        if (path.isEmpty()) {
            throw new VolumeException("invalid path: must not be empty: \"\"");
        }
        if (path.startsWith("/")) {
            throw new VolumeException("invalid path: must be relative path: " + path);
        }
        if (path.getBytes(StandardCharsets.UTF_8).length > PATH_BYTES_MAX) {
            throw new VolumeException("invalid path: must be less than or equal to " + PATH_BYTES_MAX + " characters");
        }
        if (path.indexOf('\0') >= 0) {
            throw new VolumeException("invalid path: must not contain NUL");
        }
        StringBuilder clean = new StringBuilder();
        for (String name : path.split("/", -1)) {
            if ("..".equals(name)) {
                throw new VolumeException("invalid path: must not contain '..': " + path);
            }
            if (name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
                throw new VolumeException(
                        "invalid path: filenames must be less than or equal to " + NAME_BYTES_MAX + " characters");
            }
            if (name.isEmpty() || ".".equals(name)) {
                continue;
            }
            if (clean.isEmpty() && name.startsWith("..")) {
                throw new VolumeException("invalid path: must not start with '..': " + path);
            }
            clean.append(clean.isEmpty() ? "" : "/").append(name);
        }
        if (clean.isEmpty()) {
            throw new VolumeException("invalid path: names the volume itself: " + path);
        }
        return clean.toString();
    }
}
