package io.keelson.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.wire.cri.AttachRequest;
import io.keelson.agent.wire.cri.ExecRequest;
import io.keelson.agent.wire.cri.PortForwardRequest;
import io.keelson.controllers.manager.DelegatedAccess;
import io.keelson.controllers.manager.PortSettings;
import io.keelson.controllers.manager.ReviewSettings;
import io.keelson.controllers.manager.ServingCertificate;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCallers;
import io.keelson.controllers.testing.TestCluster;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The node's server, asked by itself and through an API server. */
class NodeServerTest {
    private static final String LINE = "2026-01-02T03:04:05.5Z stdout F ";

    @TempDir
    Path folder;

    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();
    private final TestCallers callers = new TestCallers(cluster, namespace);
    private final String node = "node-of-" + namespace;
    private final ManualTime time = new ManualTime(Instant.parse("2026-01-02T03:04:10Z"));
    private final TestPods pods = new TestPods();
    private StreamingRuntime runtime;
    private NodeServer server;
    private Pod pod;

    @BeforeEach
    void serve() throws Exception {
        Duration kept = Duration.ofSeconds(10);
        ReviewSettings reviews = ReviewSettings.ofNode(callers.authority(folder), kept, kept, kept);
        runtime = new StreamingRuntime();
        PrometheusRegistry metrics = new PrometheusRegistry();
        Counter.builder().name("tests_total").register(metrics).inc();
        PortSettings port = PortSettings.of(ServingCertificate.selfSigned(node));
        server = new NodeServer(
                NodeServerSettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), port, node),
                DelegatedAccess.of(cluster.client(), cluster.client(), reviews, time),
                pods,
                runtime.connection(),
                time,
                Map.of("ping", () -> true),
                () -> "{\"maxPods\":110}",
                metrics);
        pod = new PodBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace(namespace)
                .withUid("uid-1")
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .addNewContainer()
                .withName("main")
                .withImage("web")
                .endContainer()
                .endSpec()
                .build();
        pods.pods.add(pod);
        pods.running.put("main", "id-of-main");
        pods.running.put("sandbox", "id-of-sandbox");
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        runtime.close();
        cluster.close();
    }

    private SSLContext tls(boolean administrator) throws Exception {
        return administrator ? callers.administrator() : TestCallers.showing();
    }

    private HttpResponse<String> ask(String method, boolean administrator, String path, String... headers)
            throws Exception {
        try (HttpClient http = HttpClient.newBuilder()
                .sslContext(tls(administrator))
                .version(HttpClient.Version.HTTP_1_1)
                .build()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            URI.create("https://127.0.0.1:" + server.port() + path))
                    .timeout(Duration.ofSeconds(20))
                    .method(method, HttpRequest.BodyPublishers.noBody());
            if (headers.length > 0) {
                request.headers(headers);
            }
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        return ask("GET", true, path);
    }

    private String refused(String method, int status, String path) throws Exception {
        HttpResponse<String> answer = ask(method, true, path);
        assertEquals(status, answer.statusCode(), answer::body);
        return answer.body();
    }

    /** A connection over which a test writes what it likes. */
    private Socket raw(String head) throws Exception {
        Socket socket = tls(true).getSocketFactory().createSocket("127.0.0.1", server.port());
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String read(InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith(end)) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("it ends after " + text);
            }
            text.append((char) next);
        }
        return text.toString();
    }

    private String upgrade(String path) {
        return String.join(
                "\r\n",
                "POST " + path + " HTTP/1.1",
                "Host: node",
                "Connection: Upgrade",
                "Upgrade: echo",
                "Authorization: Basic eDp5",
                "X-Stream-Protocol-Version: v4.channel.k8s.io",
                "",
                "");
    }

    @Test
    void logsAreReadThroughTheApiServer() throws Exception {
        cluster.client()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(node)
                        .endMetadata()
                        .build())
                .create();
        cluster.client()
                .nodes()
                .withName(node)
                .editStatus(now -> new NodeBuilder(now)
                        .editOrNewStatus()
                        .addNewAddress("127.0.0.1", "InternalIP")
                        .withNewDaemonEndpoints()
                        .withNewKubeletEndpoint(server.port())
                        .endDaemonEndpoints()
                        .endStatus()
                        .build());
        Pod created = cluster.client().resource(pod).inNamespace(namespace).create();
        // The client waits for pods that are not.
        cluster.ready(created, Instant.now());
        Path log = Files.writeString(folder.resolve("0.log"), LINE + "one\n" + LINE + "two\n");
        pods.logs.put("main", log);
        var inApi = cluster.client().pods().resource(created);
        assertEquals("one\ntwo\n", inApi.getLog());
        assertEquals("two\n", inApi.tailingLines(1).getLog());
        assertEquals("on", inApi.limitBytes(2).getLog());
        assertEquals(
                "2026-01-02T03:04:05.500000000Z one\n",
                inApi.usingTimestamps().getLog().lines().findFirst().orElse("") + "\n");
        assertEquals("", inApi.sinceSeconds(2).getLog());
        assertEquals("one\ntwo\n", inApi.sinceTime("2026-01-02T03:04:05Z").getLog());
        assertEquals("", inApi.sinceTime("2026-01-02T03:04:06Z").getLog());
        KubernetesClientException none = assertThrows(
                KubernetesClientException.class, () -> inApi.terminated().getLog());
        assertEquals(400, none.getCode());
        assertTrue(
                String.valueOf(none.getMessage())
                        .contains("previous terminated container \"main\" in pod \"web\" not found"),
                none::getMessage);
        pods.logs.put("main-previous", Files.writeString(folder.resolve("previous.log"), LINE + "zero\n"));
        assertEquals("zero\n", inApi.terminated().getLog());
    }

    @Test
    void whoFollowsALogSeesLinesAsTheyComeAndLeavesNothingBehind() throws Exception {
        Path log = Files.writeString(folder.resolve("0.log"), LINE + "one\n");
        pods.logs.put("main", log);
        String head = "GET /containerLogs/" + namespace + "/web/main?follow=true HTTP/1.1\r\nHost: node\r\n\r\n";
        try (Socket socket = raw(head)) {
            assertTrue(read(socket.getInputStream(), "one\n").startsWith("HTTP/1.1 200 OK\r\n"));
            Files.writeString(log, LINE + "two\n", StandardOpenOption.APPEND);
            read(socket.getInputStream(), "two\n");
            pods.running.remove("main");
            read(socket.getInputStream(), "0\r\n\r\n");
        }
        pods.running.put("main", "id-of-main");
        try (Socket socket = raw(head)) {
            read(socket.getInputStream(), "two\n");
        }
        pods.asked.set(0);
        AtomicInteger before = new AtomicInteger(-1);
        TestCluster.await("nobody looks at the log", () -> {
            int now = pods.asked.get();
            boolean same = before.getAndSet(now) == now;
            pause();
            return same;
        });
    }

    private static void pause() {
        try {
            // Longer than a reader pauses.
            Thread.sleep(300);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aLogThatCannotBeReadIsSaidToBe() throws Exception {
        String path = "/containerLogs/" + namespace + "/web/main";
        assertEquals("pod \"other\" does not exist\n", refused("GET", 404, "/containerLogs/" + namespace + "/other/x"));
        assertEquals(
                "container \"x\" not found in pod \"web\"\n",
                refused("GET", 404, "/containerLogs/" + namespace + "/web/x"));
        assertEquals("container \"main\" in pod \"web\" is not available", refused("GET", 400, path));
        pods.logs.put("main", folder.resolve("none.log"));
        refused("GET", 400, path);
        refused("GET", 400, path + "?tailLines=many");
        refused("GET", 400, path + "?sinceTime=yesterday");
        refused("GET", 422, path + "?tailLines=-1");
        refused("GET", 422, path + "?sinceSeconds=5&sinceTime=2026-01-02T03:04:05Z");
        refused("POST", 405, path);
        refused("GET", 404, "/containerLogs/" + namespace + "/web%2Fmain");
    }

    @Test
    void onlyThoseAreAnsweredWhomTheApiLets() throws Exception {
        assertEquals(401, ask("GET", false, "/healthz").statusCode());
        assertEquals(
                401,
                ask("GET", false, "/healthz", "Authorization", "Bearer nobody's")
                        .statusCode());
        String bearer = "Bearer " + callers.token("scraper");
        HttpResponse<String> refused = ask("GET", false, "/exec/a/b/c", "Authorization", bearer);
        assertEquals(403, refused.statusCode());
        assertEquals(
                "Forbidden (user=system:serviceaccount:" + namespace
                        + ":scraper, verb=get, resource=nodes, subresource(s)=[proxy])",
                refused.body());
        callers.allow(
                callers.account("scraper"),
                new PolicyRuleBuilder()
                        .withVerbs("get")
                        .withApiGroups("")
                        .withResources("nodes/metrics", "nodes/pods")
                        .build());
        TestCluster.await("he may", () -> {
            time.advance(Duration.ofSeconds(11));
            return status("/metrics", bearer) == 200;
        });
        assertEquals(200, status("/pods", bearer));
        assertEquals(403, status("/healthz", bearer));
        assertEquals(403, status("/containerLogs/" + namespace + "/web/main", bearer));
    }

    private int status(String path, String bearer) {
        try {
            return ask("GET", false, path, "Authorization", bearer).statusCode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void podsHealthConfigurationAndMetricsAreShown() throws Exception {
        assertEquals("ok", get("/healthz").body());
        assertEquals("ok", get("/healthz/ping").body());
        assertEquals(
                "[+]ping ok\nhealthz check passed\n", get("/healthz?verbose").body());
        assertEquals("{\"kubeletconfig\":{\"maxPods\":110}}", get("/configz").body());
        assertTrue(get("/metrics").body().contains("tests_total 1.0"));
        String list = get("/pods").body();
        assertTrue(list.contains("\"kind\":\"PodList\"") && list.contains("\"name\":\"web\""), list);
        refused("GET", 404, "/");
        refused("GET", 404, "/debug/pprof");
        refused("POST", 405, "/pods");
        String run = "/run/" + namespace + "/web/main?cmd=";
        assertEquals("outerr", refused("POST", 200, run + "ls"));
        assertEquals("command 'false' exited with 1: err", refused("POST", 500, run + "false"));
    }

    @Test
    void bytesPassBothWaysOnceTheRuntimeHasSwitched() throws Exception {
        String path = "/exec/" + namespace + "/web/main?command=sh&command=-c&input=1&output=1&error=1&tty=1";
        try (Socket socket = raw(upgrade(path))) {
            String head = read(socket.getInputStream(), "\r\n\r\n");
            assertTrue(head.startsWith("HTTP/1.1 101 "), head);
            for (int i = 0; i < 3; i++) {
                socket.getOutputStream().write("some words\n".getBytes(StandardCharsets.US_ASCII));
                assertEquals("SOME WORDS\n", read(socket.getInputStream(), "\n"));
            }
        }
        TestCluster.await(
                "the runtime's side ends, too", () -> runtime.heads.getLast().equals("end"));
        String asked = runtime.heads.getFirst();
        assertTrue(asked.startsWith("POST /stream/token?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"), asked);
        assertTrue(asked.contains("X-Stream-Protocol-Version: v4.channel.k8s.io\r\n"), asked);
        assertFalse(asked.toLowerCase(Locale.ROOT).contains("authorization"), asked);
        assertEquals(
                ExecRequest.newBuilder()
                        .setContainerId("id-of-main")
                        .addCmd("sh")
                        .addCmd("-c")
                        .setStdin(true)
                        .setStdout(true)
                        .setTty(true)
                        .build(),
                runtime.calls.getFirst());
        try (Socket socket = raw(upgrade("/portForward/" + namespace + "/web/uid-1"))) {
            read(socket.getInputStream(), "\r\n\r\n");
        }
        assertEquals(
                PortForwardRequest.newBuilder().setPodSandboxId("id-of-sandbox").build(), runtime.calls.getLast());
        try (Socket socket = raw(upgrade("/attach/" + namespace + "/web/main?output=1&tty=1"))) {
            read(socket.getInputStream(), "\r\n\r\n");
        }
        assertEquals(
                AttachRequest.newBuilder()
                        .setContainerId("id-of-main")
                        .setStdout(true)
                        .build(),
                runtime.calls.getLast());
    }

    @ParameterizedTest
    @CsvSource({"input=1&output=1&tty=1, false, true", "input=1&output=1&error=1, true, false"})
    void whoIsAttachedToATerminalNeedNotHaveOne(String streams, boolean error, boolean tty) throws Exception {
        pods.pods.add(new PodBuilder(pod)
                .editMetadata()
                .withName("shell")
                .endMetadata()
                .editSpec()
                .editFirstContainer()
                .withName("shell")
                .withTty(true)
                .endContainer()
                .endSpec()
                .build());
        pods.running.put("shell", "id-of-shell");
        try (Socket socket = raw(upgrade("/attach/" + namespace + "/shell/shell?" + streams))) {
            read(socket.getInputStream(), "\r\n\r\n");
        }
        assertEquals(
                AttachRequest.newBuilder()
                        .setContainerId("id-of-shell")
                        .setStdin(true)
                        .setStdout(true)
                        .setStderr(error)
                        .setTty(tty)
                        .build(),
                runtime.calls.getLast());
    }

    @Test
    void aRefusalOfTheRuntimeIsPassedOnAndNothingOfTheClientsIs() throws Exception {
        runtime.path = "/refused";
        try (Socket socket = raw(upgrade("/attach/" + namespace + "/web/main?output=1"))) {
            String answer = read(socket.getInputStream(), "no such");
            assertTrue(answer.startsWith("HTTP/1.1 404 Not Found\r\n"), answer);
            socket.getOutputStream().write("GET /other HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertTrue(ends(socket));
        }
        TestCluster.await("the runtime's side ends", () -> runtime.heads.size() == 2);
        assertEquals("after the refusal: null", runtime.heads.getLast());
    }

    /** Whether nothing more comes: the other side has closed, or cut off what nobody reads. */
    private static boolean ends(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException | SSLException e) {
            return true;
        }
    }

    @Test
    void streamsThatCannotBeAreRefused() throws Exception {
        String exec = "/exec/" + namespace + "/web/";
        assertEquals("you must specify at least 1 of stdin, stdout, stderr", refused("POST", 400, exec + "main"));
        assertEquals("Upgrade request required", refused("POST", 400, exec + "main?output=1"));
        assertEquals("pod does not exist", refused("POST", 404, "/exec/" + namespace + "/no/main?output=1"));
        assertEquals("pod does not exist", refused("POST", 404, exec + "uid-2/main?output=1"));
        assertTrue(answerTo(upgrade(exec + "x?output=1")).endsWith("container not found (\"x\")"));
        assertTrue(answerTo(upgrade(exec + "main?output=1&command=unknown")).startsWith("HTTP/1.1 404 "));
        String ports = String.join(
                "\r\n",
                "GET /portForward/" + namespace + "/web%s HTTP/1.1",
                "Host: node",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "",
                "");
        assertTrue(answerTo(ports.formatted("")).endsWith("query parameter \"port\" is required"));
        assertTrue(answerTo(ports.formatted("?port=")).endsWith("query parameter \"port\" cannot be empty"));
        assertTrue(answerTo(ports.formatted("?port=80,x")).endsWith("unable to parse \"x\" as a port"));
        assertTrue(answerTo(ports.formatted("?port=0")).endsWith("port \"0\" must be > 0"));
        assertTrue(runtime.heads.isEmpty());
    }

    private String answerTo(String head) throws Exception {
        try (Socket socket = raw(head)) {
            String answer = read(socket.getInputStream(), "\r\n\r\n");
            int length = Integer.parseInt(answer.replaceAll("(?is).*content-length: (\\d+).*", "$1"));
            return answer + new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
        }
    }

    @Test
    void nonsenseIsRefusedOrCutOff() throws Exception {
        for (String nonsense : List.of(
                "\0\1\2\3\r\n\r\n",
                "GET /pods HTTP/1.1\r\nHost: node\r\nX: " + "x".repeat(100_000) + "\r\n\r\n",
                "GET /" + "y".repeat(100_000) + " HTTP/1.1\r\n\r\n",
                "GET pods HTTP/1.1\r\nHost: node\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: node\r\n\r\n",
                "POST /pods HTTP/1.1\r\nHost: node\r\nContent-Length: 99999999\r\n\r\n")) {
            try (Socket socket = raw(nonsense)) {
                byte[] answer = socket.getInputStream().readNBytes(12);
                assertTrue(
                        new String(answer, StandardCharsets.US_ASCII).matches("|HTTP/1.1 4.."),
                        nonsense.substring(0, Math.min(20, nonsense.length())));
            } catch (IOException e) {
                // It was cut off before all was sent.
                assertFalse(
                        e instanceof SocketTimeoutException, nonsense.substring(0, Math.min(20, nonsense.length())));
            }
        }
        assertEquals("ok", get("/healthz").body());
    }
}
