package io.keelson.dist.hostile;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.dist.faults.ApiConnection;
import io.keelson.dist.faults.ApiConnection.Answer;
import io.keelson.kvstore.faults.ServerProcess;
import io.keelson.raft.FreePorts;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One API server with a store of its own, as a process: with a user who attacks, a service account that behaves, a namespace
 * for each, and in the attacker's so much that a list of it is large.
 */
final class AttackedServer implements AutoCloseable {
    private static final int START_SECONDS = 180;
    private static final long LOOK_MS = 50;
    private static final Duration READY_ANSWER_MAX = Duration.ofSeconds(20);
    private static final int BULK_OBJECTS = 300;
    private static final int BULK_VALUE_BYTES = 32 << 10;

    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final Pattern THREADS = Pattern.compile("Threads:\\s+(\\d+)");
    private static final Pattern HEAP = Pattern.compile("garbage-first heap .*?used (\\d+)K");
    private static final Pattern LASTING =
            Pattern.compile("(?m)^apiserver_longrunning_requests\\{[^\\n]*} ([0-9.eE+]+)$");
    private static final Pattern WATCHES =
            Pattern.compile("(?m)^apiserver_watch_cache_watches\\{[^\\n]*} ([0-9.eE+]+)$");

    private final Path folder;
    private final int port;
    private final List<String> line;
    private final ServerProcess process;
    private @Nullable ApiConnection admin;

    /**
     * What it takes of its machine.
     *
     * @param sockets files of its store come and go, and are not counted
     * @param lasting watches and streams that it serves
     * @param watches of its caches, those of its own among them
     */
    record Usage(long residentMib, long sockets, long threads, long lasting, long watches) {
        @Override
        public String toString() {
            return residentMib + " MiB, " + sockets + " sockets, " + threads + " threads, " + lasting
                    + " watches and streams, " + watches + " watches of its caches";
        }
    }

    /**
     * One that is not started yet.
     *
     * @param command of {@code keelson}; {@code apiserver} and flags are added
     */
    AttackedServer(Path folder, List<String> command) throws IOException {
        this.folder = folder;
        this.port = FreePorts.one();
        this.line = new ArrayList<>(command);
        line.addAll(List.of(
                "apiserver",
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                "--embedded-store=" + folder.resolve("store"),
                "--cert-dir=" + folder.resolve("pki"),
                "--token-auth-file=" + folder.resolve("tokens.csv"),
                "--write-kubeconfig=" + kubeconfig()));
        this.process = new ServerProcess(folder.resolve("log"));
    }

    private Path kubeconfig() {
        return folder.resolve("kubeconfig");
    }

    /** Starts it, and returns when it is ready and has in it what the attack needs. */
    void start() throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("tokens.csv"), ApiTarget.TOKEN + ",mallory,mallory\n");
        process.start(line, folder, Map.of());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!ready()) {
            if (!process.alive() || System.nanoTime() > deadline) {
                String state = process.alive() ? "is not ready" : "has ended";
                throw new AssertionError(
                        "the API server " + state + " after " + START_SECONDS + " s at most; its log: " + log());
            }
            Thread.sleep(LOOK_MS);
        }
        fill();
        try (ApiConnection mallory = connection(HttpClient.Version.HTTP_1_1, ApiTarget.TOKEN)) {
            awaitAllowed(mallory, "/api/v1/namespaces/" + ApiTarget.NAMESPACE + "/configmaps?limit=1");
            awaitAllowed(mallory, "/api/v1/configmaps?limit=1");
        }
    }

    private boolean ready() throws IOException, InterruptedException {
        if (admin == null) {
            if (!Files.exists(kubeconfig())) {
                return false;
            }
            admin = ApiConnection.open(kubeconfig(), HttpClient.Version.HTTP_1_1);
        }
        try {
            return admin.code("/readyz", READY_ANSWER_MAX) == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private ApiConnection admin() {
        if (admin == null) {
            throw new IllegalStateException("the API server was never ready");
        }
        return admin;
    }

    private Answer create(String path, ObjectNode object) throws IOException, InterruptedException {
        Answer answer = admin().send("POST", path, "application/json", Json.text(object));
        if (!answer.successful()) {
            throw new AssertionError("a server that nobody attacks refused to create at " + path + ": " + answer.why());
        }
        return answer;
    }

    private static ObjectNode object(String name) {
        ObjectNode object = Json.object();
        object.putObject("metadata").put("name", name);
        return object;
    }

    private void fill() throws IOException, InterruptedException {
        for (String namespace : List.of(GoodApiClients.NAMESPACE, ApiTarget.NAMESPACE)) {
            create("/api/v1/namespaces", object(namespace));
        }
        create("/api/v1/namespaces/" + GoodApiClients.NAMESPACE + "/serviceaccounts", object("keeper"));
        ObjectNode keeper = Json.object()
                .put("kind", "ServiceAccount")
                .put("namespace", GoodApiClients.NAMESPACE)
                .put("name", "keeper");
        ObjectNode mallory = Json.object()
                .put("apiGroup", "rbac.authorization.k8s.io")
                .put("kind", "User")
                .put("name", "mallory");
        bind("namespaces/" + GoodApiClients.NAMESPACE + "/rolebindings", keeper, "edit");
        bind("namespaces/" + ApiTarget.NAMESPACE + "/rolebindings", mallory, "admin");
        bind("clusterrolebindings", mallory, "view");
        String maps = "/api/v1/namespaces/" + ApiTarget.NAMESPACE + "/configmaps";
        ObjectNode victim = object("victim");
        victim.putObject("data").put("a", "1");
        create(maps, victim);
        for (int i = 0; i < BULK_OBJECTS; i++) {
            ObjectNode map = object("bulk-" + i);
            map.putObject("data").put("bulk", "v".repeat(BULK_VALUE_BYTES));
            create(maps, map);
        }
    }

    private void bind(String collection, ObjectNode subject, String role) throws IOException, InterruptedException {
        ObjectNode binding = object(subject.path("name").asText() + "-is-" + role);
        ArrayNode subjects = binding.putArray("subjects");
        subjects.add(subject.deepCopy());
        binding.putObject("roleRef")
                .put("apiGroup", "rbac.authorization.k8s.io")
                .put("kind", "ClusterRole")
                .put("name", role);
        create("/apis/rbac.authorization.k8s.io/v1/" + collection, binding);
    }

    /** A grant counts for requests a moment after it is made. */
    private static void awaitAllowed(ApiConnection connection, String path) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        Answer answer = connection.get(path);
        while (!answer.successful()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("what was granted is refused: " + answer.why());
            }
            Thread.sleep(LOOK_MS);
            answer = connection.get(path);
        }
    }

    private ApiConnection connection(HttpClient.Version version, String token) throws IOException {
        return ApiConnection.open(kubeconfig(), version, token);
    }

    /** Connections of the service account that behaves, by HTTP/1.1 and HTTP/2 in turn; whoever asks closes them. */
    List<ApiConnection> goodConnections(int count) throws IOException, InterruptedException {
        ObjectNode request =
                Json.object().put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
        request.putObject("spec").put("expirationSeconds", TimeUnit.DAYS.toSeconds(1));
        String token = create(
                        "/api/v1/namespaces/" + GoodApiClients.NAMESPACE + "/serviceaccounts/keeper/token", request)
                .body()
                .at("/status/token")
                .asText();
        List<ApiConnection> connections = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            connections.add(connection(i % 2 == 0 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1, token));
        }
        awaitAllowed(connections.getFirst(), "/api/v1/namespaces/" + GoodApiClients.NAMESPACE + "/configmaps?limit=1");
        return connections;
    }

    /** Its secure port, for attackers. */
    ApiTarget target() throws IOException {
        return new ApiTarget(port, kubeconfig());
    }

    boolean alive() {
        return process.alive();
    }

    Path log() {
        return process.log();
    }

    Usage usage() throws IOException, InterruptedException {
        String status = Files.readString(proc("status"));
        return new Usage(
                number(RESIDENT, status) >> 10, sockets(), number(THREADS, status), sum(LASTING), sum(WATCHES));
    }

    private Path proc(String name) {
        return Path.of("/proc", Long.toString(process.pid()), name);
    }

    private static long number(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }

    private long sockets() throws IOException {
        long count = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(proc("fd"), AttackedServer::isSocket)) {
            for (Path _ : open) {
                count++;
            }
        }
        return count;
    }

    private static boolean isSocket(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (NoSuchFileException e) {
            // Closed since it was listed.
            return false;
        }
    }

    private long sum(Pattern samples) throws IOException, InterruptedException {
        double sum = 0;
        Matcher sample = samples.matcher(admin().text("/metrics"));
        while (sample.find()) {
            sum += Double.parseDouble(sample.group(1));
        }
        return Math.round(sum);
    }

    /** MiB of its heap that live objects take, after a collection. */
    long liveHeapMib() throws IOException, InterruptedException {
        process.jcmd("GC.run");
        String told = process.jcmd("GC.heap_info");
        Matcher heap = HEAP.matcher(told);
        if (!heap.find()) {
            throw new IOException("the API server tells of its heap: " + told);
        }
        return Long.parseLong(heap.group(1)) >> 10;
    }

    @Override
    public void close() {
        if (admin != null) {
            admin.close();
        }
        process.kill();
    }
}
