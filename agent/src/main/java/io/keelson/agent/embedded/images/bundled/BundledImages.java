package io.keelson.agent.embedded.images.bundled;

import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.archive.ImageBuilder;
import io.keelson.agent.embedded.images.store.ImageStore;
import io.keelson.agent.embedded.images.store.StoredImage;
import io.keelson.agent.embedded.programs.NativeProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The image {@code docker.io/keelson/web} in its versions. It has a server, {@code /web}, that runs as a user without
 * rights and answers on port 8080 with a line of its version, its pod and the path; and a shell, where the machine has
 * a static busybox. The same machine and build make the same image, to the byte.
 */
public final class BundledImages {
    /** The images, by the names that they are asked for. */
    public static final List<String> NAMES = List.of("docker.io/keelson/web:1", "docker.io/keelson/web:2");

    /** Which parts an image was made of. */
    private static final String PARTS_LABEL = "io.keelson.bundled";

    /** To be changed with what is written here, so that images of an older build are made anew. */
    private static final int RECIPE = 1;

    private static final String USER = "65532";

    private BundledImages() {}

    /**
     * What there is now.
     *
     * @param hasShell whether {@code kubectl exec -it … -- sh} works in them
     * @param made those that were not there before, or were of other parts
     */
    public record Outcome(boolean hasShell, List<String> made) {
        public Outcome {
            made = List.copyOf(made);
        }

        /** What to do for a shell in the images; empty if they have one. */
        public Optional<String> advice() {
            return hasShell
                    ? Optional.empty()
                    : Optional.of("keelson/web has no shell, since this machine has no static busybox:"
                            + " apt-get install busybox-static, and start again");
        }
    }

    /**
     * Adds those that are not there. An image of the same name that is not ours is left alone.
     *
     * @throws IOException if they cannot be made, as when this build has no programs for the machine's processor
     */
    public static Outcome addTo(ImageStore store) throws IOException {
        return addTo(store, Busybox.usualPlaces());
    }

    /** Whether a name is one of theirs, however short it is written. */
    public static boolean isOne(String name) throws ImageProblem {
        return !Digest.isHex(name)
                && !name.startsWith("sha256:")
                && NAMES.contains(Reference.parse(name).toString());
    }

    static Outcome addTo(ImageStore store, List<Path> busyboxes) throws IOException {
        byte[] server = NativeProgram.read("keelson-web");
        Optional<Busybox> shell = Busybox.find(busyboxes);
        String parts = RECIPE + "-" + sum(server)
                + (shell.isPresent() ? "-" + sum(shell.get().content()) : "");
        List<String> missing = new ArrayList<>();
        for (String name : NAMES) {
            Optional<StoredImage> there = store.find(name);
            if (there.isEmpty() || isOfOtherParts(there.get(), parts)) {
                missing.add(name);
            }
        }
        if (!missing.isEmpty()) {
            ImageBuilder image = files(server, shell).label(PARTS_LABEL, parts);
            for (String name : missing) {
                String version = name.substring(name.lastIndexOf(':') + 1);
                var _ = image.environment(List.of("PATH=/bin:/", "WEB_VERSION=" + version))
                        .write(store, name);
            }
        }
        return new Outcome(shell.isPresent(), missing);
    }

    private static boolean isOfOtherParts(StoredImage image, String parts) {
        String has = image.description().run().labels().get(PARTS_LABEL);
        return has != null && !has.equals(parts);
    }

    private static ImageBuilder files(byte[] server, Optional<Busybox> shell) throws IOException {
        ImageBuilder image = new ImageBuilder()
                .file("web", server, 0755)
                .file("etc/passwd", text("root:x:0:0:root:/:/bin/sh\nweb:x:65532:65532:web:/:/bin/sh\n"), 0644)
                .file("etc/group", text("root:x:0:\nweb:x:65532:\n"), 0644)
                .folder("tmp", 01777)
                .entrypoint(List.of("/web"))
                .user(USER + ":" + USER)
                .port("8080/tcp")
                .label("org.opencontainers.image.title", "keelson/web");
        if (shell.isPresent()) {
            var _ = image.file("bin/busybox", shell.get().content(), 0755);
            for (String applet : shell.get().applets()) {
                var _ = image.link("bin/" + applet, "busybox");
            }
        }
        return image;
    }

    private static byte[] text(String value) {
        return value.getBytes(StandardCharsets.US_ASCII);
    }

    /** Tells builds apart, and costs nothing. */
    private static String sum(byte[] content) {
        CRC32 sum = new CRC32();
        sum.update(content);
        return Long.toHexString(sum.getValue()) + "." + content.length;
    }
}
