package io.keelson.agent.embedded.images.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageManifest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.MediaType;
import io.keelson.agent.embedded.images.Platform;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.store.StoredImage;
import io.keelson.agent.embedded.images.store.TarLayer;
import io.keelson.agent.embedded.images.store.TestStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls by the ways that a file of registries says. */
@Tag("root")
final class MirrorsTest {
    private static final Platform PLATFORM = new Platform("linux", "amd64", "");

    @TempDir
    private Path folder;

    private TestStore test;
    private TestRegistry mirror;
    private TestRegistry registry;

    @BeforeEach
    void open() throws IOException {
        test = new TestStore();
        mirror = new TestRegistry();
        registry = new TestRegistry();
    }

    @AfterEach
    void close() throws IOException {
        registry.close();
        mirror.close();
        test.close();
    }

    private static void serve(TestRegistry from, String content) {
        byte[] layer = new TarLayer().file("f", content).bytes();
        byte[] config = TestStore.config(List.of(layer));
        from.blob(layer);
        from.blob(config);
        from.manifest(
                "1",
                MediaType.MANIFEST,
                new ImageManifest(
                                MediaType.MANIFEST,
                                new Descriptor(MediaType.CONFIG, Digest.of(config), config.length),
                                List.of(new Descriptor(MediaType.LAYER, Digest.of(layer), layer.length)))
                        .bytes());
    }

    /** What the image has in it. */
    private String pulled(String image, String file) throws IOException {
        RegistryHosts hosts = RegistriesFile.read(Files.writeString(folder.resolve("registries.yaml"), file));
        try (Pull pull = new Pull(test.store(), RegistryLimits.DEFAULT, hosts)) {
            StoredImage stored =
                    pull.pull(Reference.parse(image), PLATFORM, Credentials.of("pod", "secret"), PullProgress.NONE);
            assertEquals(List.of(image), stored.tags());
            return Files.readString(test.store()
                    .snapshots()
                    .prepare(stored.id().toString(), "k")
                    .resolve("f"));
        }
    }

    private String mirrored() {
        return "mirrors: {\"" + registry.host() + "\": {endpoint: [\"http://" + mirror.host()
                + "\"], rewrite: {\"^far/(.*)\": \"$1\"}}}";
    }

    @Test
    void whatAMirrorHasIsNotAskedForElsewhere() throws IOException {
        serve(mirror, "of the mirror");
        String image = registry.host() + "/far/app:1";
        assertEquals("of the mirror", pulled(image, mirrored()));
        assertEquals(List.of(), registry.requests());
        String named = "?ns=" + registry.host().replace(":", "%3A");
        assertEquals("GET /v2/app/manifests/1" + named, mirror.requests().getFirst());
        assertTrue(mirror.requests().stream().noneMatch(request -> request.contains("Basic")));
    }

    @Test
    void whatAMirrorLacksComesFromTheRegistry() throws IOException {
        serve(registry, "of the registry");
        assertEquals("of the registry", pulled(registry.host() + "/app:1", mirrored()));
        assertEquals(1, mirror.requests().size());
    }

    @Test
    void aMirrorThatGivesSomethingElseIsPassedBy() throws IOException {
        serve(registry, "of the registry");
        serve(mirror, "of the registry");
        mirror.play(exchange -> exchange.getRequestURI().getPath().contains("/blobs/")
                && TestRegistry.send(exchange, 200, new byte[] {1, 2, 3}));
        assertEquals("of the registry", pulled(registry.host() + "/app:1", mirrored()));
    }

    @Test
    void whereNobodyHasItAllAreNamed() throws IOException {
        mirror.play(exchange -> TestRegistry.send(exchange, 503, new byte[0]));
        String image = registry.host() + "/app:1";
        ImageProblem problem = assertThrows(ImageProblem.class, () -> pulled(image, mirrored()));
        assertEquals(ImageProblem.Kind.NOT_FOUND, problem.kind());
        String said = String.valueOf(problem.getMessage());
        assertTrue(
                said.startsWith(image + ": not found (tried before: the registry " + mirror.host() + " cannot be used"),
                said);
        assertEquals(1, mirror.requests().size(), "there is somebody else to ask");
    }

    @Test
    void aRegistryOfOnesOwnIsTrustedByItsAuthorityAndKnowsUsByACertificate() throws Exception {
        Path ours = certificate("ours");
        Path theirs = certificate("theirs");
        try (TestRegistry secure = TestRegistry.secure(tls(theirs, ours))) {
            serve(secure, "by TLS");
            String image = secure.host() + "/app:1";
            String client = "cert_file: " + ours + ".crt, key_file: " + ours + ".key";
            String configs = "configs: {\"" + secure.host() + "\": {tls: {";
            ImageProblem stranger = assertThrows(
                    ImageProblem.class, () -> pulled(image, configs + client + "}}}"), "nobody vouches for it");
            assertTrue(String.valueOf(stranger.getMessage()).contains("unable to find valid certification path"));
            assertEquals("by TLS", pulled(image, configs + "ca_file: " + theirs + ".crt, " + client + "}}}"));
        }
    }

    @Test
    void whoIsToBeBelievedIsBelieved() throws Exception {
        Path ours = certificate("ours");
        Path theirs = certificate("theirs", "192.0.2.1");
        try (TestRegistry secure = TestRegistry.secure(tls(theirs, ours))) {
            serve(secure, "of somebody else's name");
            assertEquals(
                    "of somebody else's name",
                    pulled(
                            secure.host() + "/app:1",
                            "configs: {\"" + secure.host() + "\": {tls: {insecure_skip_verify: true, cert_file: " + ours
                                    + ".crt, key_file: " + ours + ".key}}}"));
        }
    }

    /** Of a server, and of whoever may come to it. */
    private static SSLContext tls(Path server, Path client) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(server), "secret".toCharArray());
        KeyStore authorities = KeyStore.getInstance("PKCS12");
        authorities.load(null, null);
        authorities.setCertificateEntry("client", store(client).getCertificate("1"));
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(authorities);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
        return tls;
    }

    private Path certificate(String name) throws Exception {
        return certificate(name, "127.0.0.1");
    }

    /** One that vouches for itself, in {@code NAME.crt}, {@code NAME.key} and {@code NAME.p12}. */
    private Path certificate(String name, String address) throws Exception {
        Path start = folder.resolve(name);
        run(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=" + name,
                "-addext",
                "subjectAltName=IP:" + address,
                "-keyout",
                start + ".key",
                "-out",
                start + ".crt");
        run(
                "pkcs12",
                "-export",
                "-in",
                start + ".crt",
                "-inkey",
                start + ".key",
                "-out",
                start + ".p12",
                "-passout",
                "pass:secret");
        return start;
    }

    private static KeyStore store(Path start) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(start + ".p12"))) {
            store.load(in, "secret".toCharArray());
        }
        return store;
    }

    private void run(String... arguments) throws Exception {
        Path output = folder.resolve("openssl.log");
        Process process = new ProcessBuilder(Stream.concat(Stream.of("openssl"), Arrays.stream(arguments))
                        .toList())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
