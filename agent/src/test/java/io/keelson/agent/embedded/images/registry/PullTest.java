package io.keelson.agent.embedded.images.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageManifest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Json;
import io.keelson.agent.embedded.images.MediaType;
import io.keelson.agent.embedded.images.Platform;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.store.StoredImage;
import io.keelson.agent.embedded.images.store.TarLayer;
import io.keelson.agent.embedded.images.store.TestStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
final class PullTest {
    private static final Platform PLATFORM = new Platform("linux", "amd64", "");
    private static final RegistryLimits LIMITS = new RegistryLimits(
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofMillis(300),
            1000,
            3,
            Duration.ofMillis(1),
            3,
            1 << 20);

    private TestStore test;
    private TestRegistry registry;
    private Pull pull;
    private byte[] layer;
    private Digest layerDigest;
    private Digest manifest;

    @BeforeEach
    void open() throws IOException {
        test = new TestStore();
        registry = new TestRegistry();
        pull = new Pull(test.store(), LIMITS, RegistryHosts.USUAL);
        StringBuilder content = new StringBuilder();
        new Random(3).ints(200_000, 'a', 'z').forEach(c -> content.append((char) c));
        layer = new TarLayer().file("f", content.toString()).bytes();
        layerDigest = registry.blob(layer);
        manifest = registry.manifest("1", MediaType.MANIFEST, manifest(layer));
    }

    @AfterEach
    void close() throws IOException {
        pull.close();
        registry.close();
        test.close();
    }

    private byte[] manifest(byte[] content) {
        byte[] config = TestStore.config(List.of(content));
        registry.blob(config);
        return new ImageManifest(
                        MediaType.MANIFEST,
                        new Descriptor(MediaType.CONFIG, Digest.of(config), config.length),
                        List.of(new Descriptor(MediaType.LAYER, Digest.of(content), content.length)))
                .bytes();
    }

    private StoredImage pull(String name, Credentials credentials) throws IOException {
        return pull.pull(Reference.parse(registry.host() + "/" + name), PLATFORM, credentials, PullProgress.NONE);
    }

    private ImageProblem fails(ImageProblem.Kind kind, String why) {
        ImageProblem problem = assertThrows(ImageProblem.class, () -> pull("app:1", Credentials.NONE));
        assertTrue(problem.toString().contains(why), problem.toString());
        assertEquals(kind, problem.kind(), problem.toString());
        return problem;
    }

    @Test
    void anImageIsPulledOnceAndHasTheNamesOfItsRegistry() throws IOException {
        StoredImage image = pull("app:1", Credentials.NONE);
        assertEquals(List.of(registry.host() + "/app:1"), image.tags());
        assertEquals(List.of(registry.host() + "/app@" + manifest), image.digests());
        assertEquals(
                200_000,
                Files.size(test.store()
                        .snapshots()
                        .prepare(image.id().toString(), "k")
                        .resolve("f")));
        pull("app:1", Credentials.NONE);
        pull("app@" + manifest, Credentials.NONE);
        assertEquals(2, registry.requests("/blobs/"));
    }

    @Test
    void theSameBlobAskedForTwiceAtOnceIsFetchedOnce() throws Exception {
        CompletableFuture<Void> both = new CompletableFuture<>();
        AtomicInteger manifests = new AtomicInteger();
        registry.play(exchange -> {
            String path = exchange.getRequestURI().getPath();
            if (path.contains("/manifests/") && manifests.incrementAndGet() == 2) {
                both.complete(null);
            }
            if (path.contains("/blobs/")) {
                both.join();
            }
            return false;
        });
        Thread other = Thread.ofVirtual().start(() -> {
            try {
                pull("app:1", Credentials.NONE);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        pull("app:1", Credentials.NONE);
        other.join();
        assertEquals(1, registry.requests("/blobs/" + layerDigest));
    }

    @Test
    void theImageForThePlatformIsChosen() throws IOException {
        ObjectNode index = Json.object();
        index.put("schemaVersion", 2);
        ArrayNode list = index.putArray("manifests");
        for (String architecture : List.of("arm64", "amd64")) {
            byte[] bytes = manifest(new TarLayer().file("arch", architecture).bytes());
            registry.blob(new TarLayer().file("arch", architecture).bytes());
            Digest digest = registry.manifest(architecture, MediaType.MANIFEST, bytes);
            ObjectNode node = list.addObject();
            node.put("mediaType", MediaType.MANIFEST);
            node.put("digest", digest.toString());
            node.put("size", bytes.length);
            node.putObject("platform").put("os", "linux").put("architecture", architecture);
        }
        Digest digest = registry.manifest("1", MediaType.INDEX, Json.bytes(index));
        StoredImage image = pull("app:1", Credentials.NONE);
        assertEquals(List.of(registry.host() + "/app@" + digest), image.digests());
        assertEquals(
                "amd64",
                Files.readString(test.store()
                        .snapshots()
                        .prepare(image.id().toString(), "k")
                        .resolve("arch")));
        ImageProblem none = assertThrows(
                ImageProblem.class,
                () -> pull.pull(
                        Reference.parse(registry.host() + "/app:1"),
                        Platform.parse("linux/s390x"),
                        Credentials.NONE,
                        PullProgress.NONE));
        assertTrue(none.toString().contains("there are linux/arm64, linux/amd64"), none.toString());
    }

    @Test
    void aLineThatBreaksGoesOnWhereItBroke() throws IOException {
        AtomicInteger times = new AtomicInteger();
        registry.play(exchange -> {
            if (!exchange.getRequestURI().getPath().contains(layerDigest.hex()) || times.incrementAndGet() > 1) {
                return false;
            }
            exchange.sendResponseHeaders(200, layer.length);
            exchange.getResponseBody().write(layer, 0, 100_000);
            exchange.getResponseBody().flush();
            throw new IOException("the line breaks");
        });
        pull("app:1", Credentials.NONE);
        assertEquals(1, registry.requests(" bytes="), registry.requests().toString());
    }

    @Test
    void passingTroubleIsTriedAgainAndThenTold() throws IOException {
        AtomicInteger times = new AtomicInteger();
        registry.play(exchange -> times.incrementAndGet() <= 2 && TestRegistry.send(exchange, 503, new byte[0]));
        pull("app:1", Credentials.NONE);
        registry.play(exchange -> TestRegistry.send(exchange, 503, new byte[0]));
        fails(ImageProblem.Kind.UNREACHABLE, "answered 503");
        registry.play(exchange -> TestRegistry.send(exchange, 404, new byte[0]));
        fails(ImageProblem.Kind.NOT_FOUND, "/app:1: not found");
        registry.close();
        fails(ImageProblem.Kind.UNREACHABLE, "cannot be used");
    }

    private void playLayer(TestRegistry.Trick trick) {
        registry.play(
                exchange -> exchange.getRequestURI().getPath().contains(layerDigest.hex()) && trick.plays(exchange));
    }

    @Test
    void aLyingRegistryIsToldAsOne() throws IOException {
        byte[] other = layer.clone();
        other[600] ^= 1;
        playLayer(exchange -> TestRegistry.send(exchange, 200, other));
        fails(ImageProblem.Kind.DAMAGED, "gave something else for blob " + layerDigest);
        playLayer(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] endless = new byte[8192];
            while (true) {
                exchange.getResponseBody().write(endless);
            }
        });
        fails(ImageProblem.Kind.DAMAGED, "it is longer");
        playLayer(exchange -> TestRegistry.send(exchange, 200, new byte[10]));
        fails(ImageProblem.Kind.UNREACHABLE, "ends after 10 bytes");
        playLayer(PullTest::trickle);
        fails(ImageProblem.Kind.UNREACHABLE, "stopped sending");
        playLayer(exchange -> redirect(exchange, "http://" + registry.host() + exchange.getRequestURI()));
        fails(ImageProblem.Kind.UNREACHABLE, "redirects without end");
        playLayer(exchange -> redirect(exchange, "file:///etc/passwd"));
        fails(ImageProblem.Kind.UNREACHABLE, "redirects to where no image");
        registry.play(exchange -> exchange.getRequestURI().getPath().contains("/manifests/")
                && TestRegistry.send(exchange, 200, new byte[5 << 20]));
        fails(ImageProblem.Kind.TOO_LARGE, "larger than");
        registry.play(exchange -> exchange.getRequestURI().getPath().contains("/manifests/")
                && TestRegistry.send(exchange, 200, "<html>".getBytes(StandardCharsets.UTF_8)));
        fails(ImageProblem.Kind.DAMAGED, "is not JSON");
        registry.play(exchange -> exchange.getRequestURI().getPath().contains("/manifests/")
                && TestRegistry.send(exchange, 200, manifest(layer)));
        ImageProblem wrong =
                assertThrows(ImageProblem.class, () -> pull("app@sha256:" + "1".repeat(64), Credentials.NONE));
        assertTrue(wrong.toString().contains("gave another manifest"), wrong.toString());
        assertEquals(List.of(), test.store().list());
        registry.play(_ -> false);
        pull("app:1", Credentials.NONE);
    }

    private static boolean redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().set("Location", to);
        return TestRegistry.send(exchange, 307, new byte[0]);
    }

    private static boolean trickle(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        try {
            for (int i = 0; i < 1000; i++) {
                exchange.getResponseBody().write(1);
                exchange.getResponseBody().flush();
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

    @Test
    void tokensAreAskedForAndSentToTheRegistryAlone() throws IOException {
        try (TestRegistry elsewhere = new TestRegistry()) {
            elsewhere.blob(layer);
            registry.play(exchange -> {
                String path = exchange.getRequestURI().getPath();
                String who = exchange.getRequestHeaders().getFirst("Authorization");
                if (path.equals("/token")) {
                    boolean known = Credentials.of("me", "secret").basic().equals(who);
                    return TestRegistry.send(
                            exchange, known ? 200 : 401, "{\"token\":\"abc\"}".getBytes(StandardCharsets.UTF_8));
                }
                if (!"Bearer abc".equals(who)) {
                    exchange.getResponseHeaders()
                            .set(
                                    "WWW-Authenticate",
                                    "Bearer realm=\"http://" + registry.host()
                                            + "/token\",service=\"s\",scope=\"repository:app:pull\"");
                    return TestRegistry.send(exchange, 401, new byte[0]);
                }
                return path.contains(layerDigest.hex()) && redirect(exchange, "http://" + elsewhere.host() + path);
            });
            fails(ImageProblem.Kind.DENIED, "pull access denied for " + registry.host() + "/app");
            pull("app:1", Credentials.of("me", "secret"));
            assertTrue(registry.requests("scope=repository%3Aapp%3Apull&service=s") > 0, "no scope was asked for");
            assertEquals(List.of("GET /v2/app/blobs/" + layerDigest), elsewhere.requests());
        }
    }

    @Test
    void basicAuthenticationIsGivenWhenAskedFor() throws IOException {
        registry.play(exchange -> {
            String who = exchange.getRequestHeaders().getFirst("Authorization");
            if (Credentials.of("me", "secret").basic().equals(who)) {
                return false;
            }
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
            return TestRegistry.send(exchange, 401, new byte[0]);
        });
        fails(ImageProblem.Kind.DENIED, "no basic auth credentials");
        pull("app:1", Credentials.of("me", "secret"));
        assertThrows(ImageProblem.class, () -> pull("app:1", Credentials.of("me", "wrong")));
    }

    @Test
    void credentialsAreReadAsDockerWritesThem() throws IOException {
        var file = test.folder().resolve("config.json");
        Files.writeString(file, """
                {"auths": {"https://index.docker.io/v1/": {"auth": "bWU6c2VjcmV0"},
                           "host:5000": {"username": "you", "password": "p"},
                           "host:5000/team": {"identitytoken": "t"}, "helped:1": {}}}
                """);
        AuthFile auth = AuthFile.read(file);
        assertEquals(Credentials.of("me", "secret"), auth.of(Reference.parse("busybox")));
        assertEquals("you", auth.of(Reference.parse("host:5000/app")).username());
        assertEquals("t", auth.of(Reference.parse("host:5000/team/app")).identityToken());
        assertEquals(Credentials.NONE, auth.of(Reference.parse("other:5000/app")));
        assertThrows(ImageProblem.class, () -> auth.of(Reference.parse("helped:1/app")));
    }
}
