package io.keelson.agent.embedded.images.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageManifest;
import io.keelson.agent.embedded.images.MediaType;
import io.keelson.agent.embedded.images.Platform;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.store.StoredImage;
import io.keelson.agent.embedded.images.store.TarLayer;
import io.keelson.agent.embedded.images.store.TestStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the registry that Debian has, where it is installed. */
@Tag("root")
final class DockerRegistryTest {
    private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    @Test
    void whatWasPushedThereIsPulledAndRuns(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(PROGRAM), "docker-registry is not installed");
        Assumptions.assumeTrue(Files.isExecutable(BUSYBOX), "busybox-static is not installed");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config = folder.resolve("config.yml");
        Files.writeString(
                config,
                "version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: " + folder
                        + "/data}}\nhttp: {addr: '127.0.0.1:" + port + "'}\n");
        Process server = new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        try (TestStore test = new TestStore()) {
            awaitPort(port);
            push("http://127.0.0.1:" + port + "/v2/app/");
            try (Pull pull = new Pull(test.store(), RegistryLimits.DEFAULT, RegistryHosts.USUAL)) {
                Reference name = Reference.parse("127.0.0.1:" + port + "/app:1");
                StoredImage image =
                        pull.pull(name, new Platform("linux", "amd64", ""), Credentials.NONE, PullProgress.NONE);
                Path root = test.store().snapshots().prepare(image.id().toString(), "k");
                Process run = new ProcessBuilder("chroot", root.toString(), "/bin/busybox", "echo", "it runs")
                        .redirectErrorStream(true)
                        .start();
                assertEquals("it runs", run.inputReader().readLine());
            }
        } finally {
            server.destroy();
            assertTrue(server.waitFor(10, TimeUnit.SECONDS));
        }
    }

    private static void awaitPort(int port) throws Exception {
        for (int i = 0; i < 1000; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertTrue(socket.isConnected());
                return;
            } catch (IOException e) {
                Thread.sleep(20);
            }
        }
    }

    private static void push(String base) throws Exception {
        byte[] layer = new TarLayer()
                .write(TarLayer.program("bin/busybox", Files.size(BUSYBOX)), Files.readAllBytes(BUSYBOX))
                .bytes();
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(layer);
        }
        byte[] config = TestStore.config(List.of(layer));
        try (HttpClient http = HttpClient.newHttpClient()) {
            Descriptor description = upload(http, base, MediaType.CONFIG, config);
            Descriptor part = upload(http, base, MediaType.LAYER + "+gzip", packed.toByteArray());
            HttpRequest put = HttpRequest.newBuilder(URI.create(base + "manifests/1"))
                    .header("Content-Type", MediaType.MANIFEST)
                    .PUT(HttpRequest.BodyPublishers.ofByteArray(
                            new ImageManifest(MediaType.MANIFEST, description, List.of(part)).bytes()))
                    .build();
            assertEquals(
                    201, http.send(put, HttpResponse.BodyHandlers.discarding()).statusCode());
        }
    }

    private static Descriptor upload(HttpClient http, String base, String type, byte[] content) throws Exception {
        HttpRequest begin = HttpRequest.newBuilder(URI.create(base + "blobs/uploads/"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        String location = http.send(begin, HttpResponse.BodyHandlers.discarding())
                .headers()
                .firstValue("Location")
                .orElseThrow();
        Digest digest = Digest.of(content);
        URI end = URI.create(base).resolve(location + (location.contains("?") ? "&" : "?") + "digest=" + digest);
        HttpRequest put = HttpRequest.newBuilder(end)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(content))
                .build();
        assertEquals(201, http.send(put, HttpResponse.BodyHandlers.discarding()).statusCode());
        return new Descriptor(type, digest, content.length);
    }
}
