package io.keelson.agent.cri;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A containerd of a test's own: with its own folders and socket, and images made of the machine's static busybox. It is
 * ended, and what it mounted is unmounted, when the test closes it.
 */
public final class TestContainerd implements AutoCloseable {
    /** Another version than that of the machine lies in the folder that {@code KEELSON_CONTAINERD} names. */
    private static final Path PROGRAMS =
            Path.of(Objects.requireNonNullElse(System.getenv("KEELSON_CONTAINERD"), "/usr/bin"));

    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final int LIMIT_SECONDS = 120;

    /** The image of sandboxes, which is there from the beginning. */
    public static final String PAUSE = "localhost/pause:1";

    private final Path folder;
    private Process process;

    /** Whether this machine has what is needed. */
    public static boolean isInstalled() {
        return Files.isExecutable(PROGRAMS.resolve("containerd"))
                && Files.isExecutable(BUSYBOX)
                && Files.isExecutable(Path.of("/usr/sbin/runc"));
    }

    /** Starts one in an empty folder, whose path has to be short, and waits until it answers. */
    public TestContainerd(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        Files.writeString(folder.resolve("config.toml"), """
                version = 2
                root = "%1$s/root"
                state = "%1$s/state"
                [grpc]
                  address = "%1$s/c.sock"
                [plugins."io.containerd.internal.v1.opt"]
                  path = "%1$s/opt"
                [plugins."io.containerd.grpc.v1.cri"]
                  sandbox_image = "%2$s"
                  restrict_oom_score_adj = true
                  disable_apparmor = true
                  netns_mounts_under_state_dir = true
                  stream_server_address = "127.0.0.1"
                  stream_server_port = "0"
                  [plugins."io.containerd.grpc.v1.cri".cni]
                    bin_dir = "%1$s/cni"
                    conf_dir = "%1$s/cni"
                  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
                    runtime_type = "io.containerd.runc.v2"
                    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                      SystemdCgroup = false
                """.formatted(folder, PAUSE));
        process = started();
        load(PAUSE, "sleep 1000000");
    }

    private Process started() throws IOException, InterruptedException {
        Process containerd = new ProcessBuilder(
                        PROGRAMS.resolve("containerd").toString(),
                        "--config",
                        folder.resolve("config.toml").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!RuntimeSockets.isThere(endpoint()) || !RuntimeSockets.answers(endpoint())) {
            if (System.nanoTime() > until || !containerd.isAlive()) {
                containerd.destroyForcibly();
                throw new IOException("containerd does not start: " + log());
            }
            Thread.sleep(20);
        }
        return containerd;
    }

    /** Kills it and starts it again; containers go on. */
    public void restart() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        process = started();
    }

    /** Where it answers. */
    public RuntimeEndpoint endpoint() {
        return new RuntimeEndpoint(folder.resolve("c.sock").toString());
    }

    /** What it has said. */
    public String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    /** Has an image, of nothing but busybox, that runs a command by default. */
    public void load(String name, String command) throws IOException, InterruptedException {
        Path image = Files.createTempDirectory(folder, "image");
        Path files = Files.createDirectories(image.resolve("files/bin"));
        Path busybox = Files.copy(BUSYBOX, files.resolve("busybox"));
        Files.setPosixFilePermissions(busybox, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String applet : List.of("sh", "sleep", "cat", "true", "false")) {
            Files.createSymbolicLink(files.resolve(applet), Path.of("busybox"));
        }
        Path layout = Files.createDirectories(image.resolve("layout"));
        Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
        Path layer = image.resolve("layer.tar");
        run("tar", "-cf", layer.toString(), "-C", image.resolve("files").toString(), ".");
        String layerDigest = blob(blobs, Files.readAllBytes(layer));
        String config = """
                {"architecture":"amd64","os":"linux","config":{"Entrypoint":["/bin/sh","-c","exec %s"],
                "Env":["PATH=/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}
                """.formatted(command, layerDigest);
        String configDigest = blob(blobs, config.getBytes(StandardCharsets.UTF_8));
        String manifest = """
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
                "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%d},
                "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:%s","size":%d}]}
                """.formatted(
                        configDigest,
                        Files.size(blobs.resolve(configDigest)),
                        layerDigest,
                        Files.size(blobs.resolve(layerDigest)));
        String manifestDigest = blob(blobs, manifest.getBytes(StandardCharsets.UTF_8));
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Files.writeString(layout.resolve("index.json"), """
                {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",
                "digest":"sha256:%s","size":%d,"annotations":{"io.containerd.image.name":"%s"}}]}
                """.formatted(
                        manifestDigest, Files.size(blobs.resolve(manifestDigest)), name));
        Path tar = image.resolve("image.tar");
        run("tar", "-cf", tar.toString(), "-C", layout.toString(), ".");
        load(tar);
    }

    /** Has the images of a tar. */
    public void load(Path tar) throws IOException, InterruptedException {
        run(
                PROGRAMS.resolve("ctr").toString(),
                "--address",
                endpoint().path(),
                "-n",
                "k8s.io",
                "images",
                "import",
                tar.toString());
    }

    private static String blob(Path blobs, byte[] content) throws IOException {
        try {
            String digest = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
            Files.write(blobs.resolve(digest), content);
            return digest;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", "");
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!started.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || started.exitValue() != 0) {
            started.destroyForcibly();
            throw new IOException(String.join(" ", command) + ": " + Files.readString(output));
        }
    }

    /** Ends it; containers of it have to be gone. */
    @Override
    public void close() throws IOException {
        try {
            process.destroy();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            // What a failed test left; the last one mounted goes first.
            List<String> mounts = Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                    .map(line -> line.split(" ", -1)[1])
                    .filter(mount -> mount.startsWith(folder + "/"))
                    .toList();
            for (String mount : mounts.reversed()) {
                run("umount", "-l", mount);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
