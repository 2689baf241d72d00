package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.embedded.images.ImageProblem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** Merges folders by overlayfs. */
final class OverlayMount {
    /** The kernel's own limit of folders below the writable one. */
    private static final int LAYERS_MAX = 500;

    /** The options of a mount must fit into a page, with a zero. */
    private static final int DATA_MAX = 4095;

    private OverlayMount() {}

    /**
     * The folder that is written to.
     *
     * @param work empty, on the same disk
     */
    record Writable(Path upper, Path work) {}

    /**
     * Mounts.
     *
     * @param layers the highest first
     * @param writable absent for a mount that is read only
     * @throws ImageProblem {@code UNSUPPORTED}
     */
    static void mount(Path target, List<Path> layers, Optional<Writable> writable) throws IOException {
        if (layers.size() > LAYERS_MAX) {
            throw tooMany(layers.size(), "the kernel merges at most " + LAYERS_MAX);
        }
        try {
            oneByOne(target, layers, writable);
        } catch (Libc.Failure e) {
            // Linux before 5.2 has no such call, before 6.5 no such option.
            if (e.error() != Libc.ENOSYS && e.error() != Libc.EINVAL) {
                throw refused(e);
            }
            atOnce(target, layers, writable);
        }
    }

    private static void oneByOne(Path target, List<Path> layers, Optional<Writable> writable) throws Libc.Failure {
        List<Map.Entry<String, String>> options = new ArrayList<>();
        options.add(Map.entry("source", "overlay"));
        for (Path layer : layers) {
            options.add(Map.entry("lowerdir+", layer.toString()));
        }
        writable.ifPresent(folders -> {
            options.add(Map.entry("upperdir", folders.upper().toString()));
            options.add(Map.entry("workdir", folders.work().toString()));
        });
        if (writable.isEmpty()) {
            options.add(Map.entry("ro", ""));
        }
        Libc.mount("overlay", target.toString(), options);
    }

    /** With all options in one page, where a layer is named by a descriptor, as the shortest name it can have. */
    static void atOnce(Path target, List<Path> layers, Optional<Writable> writable) throws IOException {
        List<Integer> open = new ArrayList<>();
        try {
            StringJoiner names = new StringJoiner(":");
            for (Path layer : layers) {
                names.add(shortName(layer, open));
            }
            String data = "lowerdir=" + names;
            if (writable.isPresent()) {
                data += ",upperdir=" + shortName(writable.get().upper(), open) + ",workdir="
                        + shortName(writable.get().work(), open);
            }
            if (data.length() > DATA_MAX) {
                throw tooMany(
                        layers.size(),
                        "this kernel takes their names in one page only; Linux 6.5 takes up to " + LAYERS_MAX);
            }
            Libc.mount("overlay", target.toString(), "overlay", writable.isPresent() ? 0 : Libc.MS_RDONLY, data);
        } catch (Libc.Failure e) {
            throw refused(e);
        } finally {
            for (int descriptor : open) {
                Libc.close(descriptor);
            }
        }
    }

    private static String shortName(Path folder, List<Integer> open) throws Libc.Failure {
        int descriptor =
                Libc.openAt(Libc.CURRENT_FOLDER, Libc.bytes(folder.toString()), Libc.O_PATH | Libc.O_DIRECTORY, 0);
        open.add(descriptor);
        return "/proc/self/fd/" + descriptor;
    }

    private static ImageProblem tooMany(int layers, String why) {
        return new ImageProblem(
                ImageProblem.Kind.UNSUPPORTED,
                "the image has " + layers + " layers: " + why + "; build it with fewer (several commands in one RUN, or"
                        + " --squash)");
    }

    private static ImageProblem refused(Libc.Failure cause) {
        String hint = switch (cause.error()) {
            case Libc.ENODEV -> ": the kernel has no overlayfs (CONFIG_OVERLAY_FS; try modprobe overlay)";
            case Libc.EPERM -> ": mounting needs root with CAP_SYS_ADMIN";
            case Libc.EINVAL ->
                ": the disk of the images may be one that overlayfs cannot be on (as NFS, or overlayfs itself);"
                        + " put them on ext4 or xfs";
            default -> "";
        };
        return new ImageProblem(ImageProblem.Kind.UNSUPPORTED, cause.getMessage() + hint, cause);
    }
}
