package io.keelson.scheduler;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * An API that knows what it was asked, and answers each question when a test lets it, with a pod of no meaning.
 */
final class TestApi implements AutoCloseable {
    /** Method, path and body, in the order in which they came. */
    final List<String> asked = new CopyOnWriteArrayList<>();

    /** With what it answers. */
    volatile int code = 200;

    final KubernetesClient client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore answers = new Semaphore(0);
    private final HttpServer server;

    TestApi() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .withAutoConfigure(false)
                        .build())
                .build();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        asked.add(exchange.getRequestMethod() + ' ' + exchange.getRequestURI().getPath() + ' ' + body);
        answers.acquireUninterruptibly();
        byte[] answer = answer(exchange.getRequestURI().getPath()).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    /** @param path as in {@code /api/v1/namespaces/default/pods/name/status} */
    private static String answer(String path) {
        String[] parts = path.split("/", -1);
        return "{\"kind\": \"Pod\", \"apiVersion\": \"v1\", \"metadata\": {\"namespace\": \"" + parts[4]
                + "\", \"name\": \"" + parts[6] + "\"}}";
    }

    /** Lets it answer so many questions. */
    void answer(int questions) {
        answers.release(questions);
    }

    @Override
    public void close() {
        answer(10_000);
        client.close();
        server.stop(0);
        threads.shutdownNow();
    }
}
