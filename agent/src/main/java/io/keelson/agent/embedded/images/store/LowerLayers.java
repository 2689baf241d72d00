package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.Libc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a layer lies on, looked at as overlayfs would merge it, without a mount. Links are not followed. One thread.
 */
final class LowerLayers implements AutoCloseable {
    private static final byte[] OPAQUE = Libc.bytes("trusted.overlay.opaque");
    private final List<Integer> folders = new ArrayList<>();

    /**
     * Opens the layers.
     *
     * @param layers the lowest first
     */
    LowerLayers(List<Path> layers) throws IOException {
        try {
            for (Path layer : layers.reversed()) {
                folders.add(Libc.openAt(
                        Libc.CURRENT_FOLDER, Libc.bytes(layer.toString()), Libc.O_PATH | Libc.O_DIRECTORY, 0));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** What is at a path, if anything. */
    Optional<Libc.Status> find(List<byte[]> path) throws IOException {
        for (int folder : folders) {
            Found found = find(folder, path);
            if (found.status().isPresent() || found.hides()) {
                return found.status();
            }
        }
        return Optional.empty();
    }

    /** What one layer has, and whether it hides what lower ones have. */
    private record Found(Optional<Libc.Status> status, boolean hides) {}

    private static Found find(int layer, List<byte[]> path) throws IOException {
        boolean opaque = false;
        for (int depth = 1; depth <= path.size(); depth++) {
            byte[] part = LayerPath.join(path.subList(0, depth));
            Libc.Status status;
            try {
                status = Libc.status(layer, part);
            } catch (Libc.Failure e) {
                if (e.error() == Libc.ENOENT) {
                    return new Found(Optional.empty(), opaque);
                }
                throw e;
            }
            boolean deleted = status.is(Libc.S_IFCHR) && status.device() == 0;
            if (deleted || (depth < path.size() && !status.is(Libc.S_IFDIR))) {
                return new Found(Optional.empty(), true);
            }
            if (depth == path.size()) {
                return new Found(Optional.of(status), true);
            }
            opaque |= isOpaque(layer, part);
        }
        return new Found(Optional.empty(), opaque);
    }

    private static boolean isOpaque(int layer, byte[] part) throws IOException {
        try {
            return Libc.attribute(LayerPath.byDescriptor(layer, part), OPAQUE).length > 0;
        } catch (Libc.Failure e) {
            if (e.error() == Libc.ENODATA || e.error() == Libc.EOPNOTSUPP) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        for (int folder : folders) {
            Libc.close(folder);
        }
        folders.clear();
    }
}
