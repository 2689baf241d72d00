package io.keelson.agent.embedded.images.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.keelson.agent.embedded.images.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** A registry on loopback that does what a test wants of a path, and else serves what it was given. */
final class TestRegistry implements AutoCloseable {
    /** What is done instead. */
    interface Trick {
        /** Whether the answer was given. */
        boolean plays(HttpExchange exchange) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> content = new ConcurrentHashMap<>();
    private final Map<String, String> types = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile Trick trick = _ -> false;

    TestRegistry() throws IOException {
        this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    /** By TLS, to which its clients need a certificate, too. */
    static TestRegistry secure(SSLContext tls) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ours = tls.getDefaultSSLParameters();
                ours.setNeedClientAuth(true);
                parameters.setSSLParameters(ours);
            }
        });
        return new TestRegistry(server);
    }

    private TestRegistry(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    void play(Trick value) {
        trick = value;
    }

    /** As {@code GET /v2/…}, with what was sent to say who asks, if anything. */
    List<String> requests() {
        return requests;
    }

    long requests(String part) {
        return requests.stream().filter(each -> each.contains(part)).count();
    }

    /** Serves a blob of the repository {@code app}. */
    Digest blob(byte[] bytes) {
        Digest digest = Digest.of(bytes);
        content.put("/v2/app/blobs/" + digest, bytes);
        return digest;
    }

    /** Serves a manifest by a tag and by its digest. */
    Digest manifest(String tag, String type, byte[] bytes) {
        Digest digest = Digest.of(bytes);
        for (String version : List.of(tag, digest.toString())) {
            content.put("/v2/app/manifests/" + version, bytes);
            types.put("/v2/app/manifests/" + version, type);
        }
        return digest;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String who = exchange.getRequestHeaders().getFirst("Authorization");
            String range = exchange.getRequestHeaders().getFirst("Range");
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + (who == null ? "" : " " + who)
                    + (range == null ? "" : " " + range));
            if (trick.plays(exchange)) {
                return;
            }
            byte[] bytes = content.get(path);
            if (bytes == null) {
                send(exchange, 404, "{}".getBytes(StandardCharsets.UTF_8));
                return;
            }
            if (types.containsKey(path)) {
                exchange.getResponseHeaders().set("Content-Type", types.get(path));
            }
            int from = 0;
            if (range != null) {
                from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
            }
            exchange.sendResponseHeaders(range == null ? 200 : 206, bytes.length - from);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes, from, bytes.length - from);
            }
        }
    }

    static boolean send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        return true;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
