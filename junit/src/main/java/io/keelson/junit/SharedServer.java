package io.keelson.junit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.KeelsonConfig;
import io.keelson.apiserver.KeelsonServer;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Yaml;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** The server of all tests of a run. Any thread. */
final class SharedServer implements AutoCloseable {
    private static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final Duration SERVED_WITHIN = Duration.ofSeconds(10);
    private static final int NAME_CHARS_MAX = 40;

    private final String url;
    private final Kubeconfig kubeconfig;
    private final Closeable server;
    private final HttpClient http;
    private final Path folder;
    private final AtomicInteger namespaces = new AtomicInteger();
    private final Set<String> defined = new HashSet<>();

    private SharedServer(RemoteServer way, Kubeconfig kubeconfig, Closeable server, Path folder) throws IOException {
        this.url = way.url();
        this.kubeconfig = kubeconfig;
        this.server = server;
        this.http = HttpClient.newBuilder().sslContext(way.tls()).build();
        this.folder = folder;
    }

    /** Starts one in this process. */
    static SharedServer start() throws IOException, InterruptedException {
        KeelsonServer server = KeelsonServer.start(KeelsonConfig.ephemeral());
        try {
            return reached(server.kubeconfig(), server::close);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /**
     * One that runs already.
     *
     * @param kubeconfig for its administrator
     * @param server what ends it; is closed with this
     */
    static SharedServer reached(Kubeconfig kubeconfig, Closeable server) throws IOException {
        Path folder = Files.createTempDirectory("keelson-junit");
        kubeconfig.write(folder.resolve("kubeconfig"));
        return new SharedServer(kubeconfig.current(folder), kubeconfig, server, folder);
    }

    KubeconfigFile kubeconfigFile() {
        return new KubeconfigFile(folder.resolve("kubeconfig"), url);
    }

    /** The kubeconfig's text, with a namespace as default. */
    String kubeconfig(String namespace) {
        return kubeconfig.inNamespace(namespace).text();
    }

    /** Makes a namespace whose name tells what it is for. */
    TestNamespace newNamespace(String purpose) throws IOException, InterruptedException {
        String words = purpose.replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-");
        String start =
                words.substring(0, Math.min(NAME_CHARS_MAX, words.length())).replaceAll("^-+|-+$", "");
        String name = (start.isEmpty() ? "test" : start) + "-" + namespaces.incrementAndGet();
        ObjectNode namespace = object("v1", "Namespace", name);
        var _ = send("POST", "/api/v1/namespaces", namespace);
        // A controller would make the account that pods run under.
        ObjectNode account = object("v1", "ServiceAccount", "default");
        var _ = send("POST", "/api/v1/namespaces/" + name + "/serviceaccounts", account);
        return new TestNamespace(name);
    }

    private static ObjectNode object(String apiVersion, String kind, String name) {
        ObjectNode object = Json.object();
        object.put("apiVersion", apiVersion);
        object.put("kind", kind);
        ObjectMeta.setName(object, name);
        return object;
    }

    /**
     * Serves what the files on the classpath define; a file that was given before is left alone.
     *
     * @throws IOException if one is not there, is no definition, or is not served in time
     */
    synchronized void define(ClassLoader classpath, String[] files) throws IOException, InterruptedException {
        for (String file : files) {
            if (!defined.add(file)) {
                continue;
            }
            String name = file.startsWith("/") ? file.substring(1) : file;
            try (InputStream in = classpath.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IOException("no file " + file + " is on the classpath");
                }
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                for (String document : text.split("(?m)^---\\s*$", -1)) {
                    JsonNode tree = Yaml.parse(document.getBytes(StandardCharsets.UTF_8));
                    if (tree instanceof ObjectNode definition) {
                        define(file, definition);
                    }
                }
            }
        }
    }

    private void define(String file, ObjectNode definition) throws IOException, InterruptedException {
        if (!ObjectMeta.kind(definition).equals("CustomResourceDefinition")) {
            throw new IOException(file + " holds a " + ObjectMeta.kind(definition)
                    + ", and crds takes files with CustomResourceDefinitions only");
        }
        var _ = send("POST", DEFINITIONS, definition);
        String path = DEFINITIONS + "/" + ObjectMeta.name(definition);
        long end = System.nanoTime() + SERVED_WITHIN.toNanos();
        while (true) {
            JsonNode conditions = send("GET", path, null).path("status").path("conditions");
            for (JsonNode condition : conditions) {
                if (condition.path("type").asText().equals("Established")
                        && condition.path("status").asText().equals("True")) {
                    return;
                }
            }
            if (System.nanoTime() > end) {
                throw new IOException(file + ": " + ObjectMeta.name(definition) + " is not served after "
                        + SERVED_WITHIN.toSeconds() + " s; its conditions: " + conditions);
            }
            Thread.sleep(20);
        }
    }

    private ObjectNode send(String method, String path, @org.jspecify.annotations.Nullable ObjectNode body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .header("content-type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(Json.encode(body)))
                .build();
        HttpResponse<byte[]> answer = http.send(request, BodyHandlers.ofByteArray());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(method + " " + path + ": " + answer.statusCode() + " "
                    + new String(answer.body(), StandardCharsets.UTF_8));
        }
        return Json.parseObject(answer.body());
    }

    @Override
    public void close() throws IOException {
        http.shutdownNow();
        server.close();
        Files.deleteIfExists(folder.resolve("kubeconfig"));
        Files.deleteIfExists(folder);
    }
}
