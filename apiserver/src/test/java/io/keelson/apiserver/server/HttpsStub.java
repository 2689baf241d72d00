package io.keelson.apiserver.server;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.Pem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Another server, on loopback with real TLS. */
final class HttpsStub implements AutoCloseable {
    private final CertificateAuthority authority;
    private final HttpsServer server;
    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** What it answers. */
    @FunctionalInterface
    interface Answering {
        /** @return the body of the answer */
        byte[] answer(String path, byte[] body) throws Exception;
    }

    HttpsStub(Answering answering) throws Exception {
        authority = CertificateAuthority.create("stub", Instant.now());
        Credential credential =
                authority.issue(CertificateProfile.server("stub", List.of("localhost", "127.0.0.1")), Instant.now());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("x", credential.key(), new char[0], new Certificate[] {credential.certificate()});
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(factory.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                String authorization = exchange.getRequestHeaders().getFirst("Authorization");
                if (authorization != null) {
                    authorizations.add(authorization);
                }
                byte[] sent = exchange.getRequestBody().readAllBytes();
                byte[] body;
                try {
                    body = answering.answer(exchange.getRequestURI().getPath(), sent);
                } catch (Exception e) {
                    exchange.sendResponseHeaders(500, -1);
                    return;
                }
                exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
    }

    String url() {
        return "https://localhost:" + server.getAddress().getPort();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** What callers said in that header, those who did. */
    List<String> authorizations() {
        return authorizations;
    }

    String authorityPem() {
        return new String(Pem.encode(authority.certificate()), StandardCharsets.US_ASCII);
    }

    Path authorityFile(Path folder) throws IOException {
        return Files.writeString(folder.resolve("stub-ca.crt"), authorityPem());
    }

    /** A kubeconfig that leads to it. */
    Path kubeconfig(Path folder, String name) throws IOException {
        Path ca = authorityFile(folder);
        return Files.writeString(folder.resolve(name), """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: '%s', certificate-authority: '%s'}}]
                users: [{name: u, user: {}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                current-context: x
                """.formatted(url(), ca.getFileName()));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
