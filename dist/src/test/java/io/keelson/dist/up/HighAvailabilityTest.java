package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.apiserver.certs.PkiFolder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
final class HighAvailabilityTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final Path kubeconfig;

    HighAvailabilityTest(@TempDir Path folder) {
        this.folder = folder;
        kubeconfig = folder.resolve("kubeconfig");
    }

    private HighAvailability start() throws Exception {
        return HighAvailability.start(new ControlPlane.Settings(
                folder, folder.resolve("pki"), "127.0.0.1", 0, kubeconfig, List.of("--endpoint-reconciler-type=none")));
    }

    /** A new connection, to whichever server the kernel chooses. */
    private KubernetesClient client() throws IOException {
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(Files.readString(kubeconfig)))
                .build();
    }

    private static void await(String what, BooleanSupplier isSo) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isSo.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, what);
            Thread.sleep(20);
        }
    }

    /** Writes as who tries again when a server, or the store, is away for a moment. */
    private void write(String name, String value) throws InterruptedException {
        ConfigMap map = new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .addToData("value", value)
                .build();
        await("nobody takes " + name, () -> {
            try (KubernetesClient client = client()) {
                var _ = client.resource(map).createOr(item -> item.update());
                return true;
            } catch (KubernetesClientException e) {
                return false;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private String read(String name) throws IOException {
        try (KubernetesClient client = client()) {
            ConfigMap map =
                    client.configMaps().inNamespace("default").withName(name).require();
            return String.valueOf(map.getData().get("value"));
        }
    }

    @Test
    void whicheverPartEndsTheClusterGoesOnAndItsDataIsThereAfterwards() throws Exception {
        List<Integer> ports;
        try (HighAvailability plane = start()) {
            assertEquals("3 members of the store and 3 API servers", plane.description());
            ports = StorePorts.of(folder.resolve("members/ports"), StoreMembers.COUNT)
                    .clients();
            write("first", "1");
            await("nobody leads", () -> plane.store().leader() >= 0);
            int leader = plane.store().leader();
            plane.store().stop(leader);
            write("second", "2");
            assertEquals("1", read("first"));
            plane.store().startAgain(leader);
            // The first one is that whose address the kubeconfig was written from.
            plane.stopServer(0);
            for (int i = 0; i < 8; i++) {
                write("third", Integer.toString(i));
                assertEquals(Integer.toString(i), read("third"));
            }
            int other = (leader + 1) % StoreMembers.COUNT;
            plane.store().stop(other);
            write("fourth", "4");
            // The third one has served all the time.
            assertStrangersAreTurnedAway(ports.get((leader + 2) % StoreMembers.COUNT));
        }
        assertTrue(HighAvailability.isIn(folder));
        try (HighAvailability _ = start()) {
            assertEquals(
                    ports,
                    StorePorts.of(folder.resolve("members/ports"), StoreMembers.COUNT)
                            .clients());
            await("the data is not there", () -> {
                try {
                    return read("fourth").equals("4") && read("second").equals("2");
                } catch (IOException | KubernetesClientException e) {
                    return false;
                }
            });
        }
    }

    /** Who shows no certificate sees nothing, though it knows whom to trust. */
    private void assertStrangersAreTurnedAway(int port) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        PkiFolder pki = new PkiFolder(folder.resolve("pki/etcd"));
        try (var in = Files.newInputStream(pki.certificate("ca"))) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        try (var http = HttpClient.newBuilder().sslContext(tls).build()) {
            var request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/version"))
                    .build();
            assertThrows(IOException.class, () -> http.send(request, HttpResponse.BodyHandlers.discarding()));
        }
    }

    @Test
    void aClusterWithAStoreOfOneMemberIsNotTakenForAnother() throws Exception {
        Files.createDirectories(folder.resolve("store"));
        String said =
                String.valueOf(assertThrows(IOException.class, this::start).getMessage());
        assertTrue(said.contains("leave --ha out"), said);
        assertTrue(!HighAvailability.isIn(folder));
    }

    @Test
    void portsThatCannotBeReadAreNotChosenAnew() throws Exception {
        Path file = folder.resolve("ports");
        StorePorts chosen = StorePorts.of(file, 3);
        assertEquals(chosen, StorePorts.of(file, 3));
        for (String text : List.of("client.1=x", "client.1=0", "client.1=70000", "\\u12", "")) {
            Files.writeString(file, text);
            String said = String.valueOf(assertThrows(IOException.class, () -> StorePorts.of(file, 3))
                    .getMessage());
            assertTrue(said.startsWith(file + " is damaged: "), said);
        }
    }
}
