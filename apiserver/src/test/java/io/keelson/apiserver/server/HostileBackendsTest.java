package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes and pods that mean harm, and users who would have the server do some: each class of hole that there once was. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileBackendsTest {
    private static final String PODS = "/api/v1/namespaces/default/pods/";
    private static final String EXEC = PODS + "web/exec?command=id&stdout=true";
    private static final String[] UPGRADE = {
        "Connection: Upgrade", "Upgrade: SPDY/3.1", "X-Stream-Protocol-Version: v4.channel.k8s.io", "Content-Length: 0"
    };

    private TestBackend node;
    private TestBackend pod;
    private TestBackend elsewhere;
    private ApiServer server;
    private Kubectl kubectl;
    private volatile TestBackend.Handler behaviour = call -> {};

    @BeforeAll
    void start(@TempDir Path home) throws Exception {
        Kubectl.assumeThere();
        InetAddress reachable = reachable();
        node = new TestBackend(InetAddress.getLoopbackAddress(), List.of("127.0.0.1"), call -> behaviour.handle(call));
        pod = new TestBackend(reachable, List.of(), call -> behaviour.handle(call));
        elsewhere = new TestBackend(
                InetAddress.getLoopbackAddress(), List.of(), call -> call.answer(200, "text/plain", "secret"));
        server = ApiServer.start(ApiServerConfig.ephemeral());
        kubectl = new Kubectl(server, home);
        kubectl.with("apiVersion: v1\nkind: Node\nmetadata: {name: far}\n", "apply", "-f", "-");
        status(
                "node",
                "far",
                "{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"127.0.0.1\"}],\"daemonEndpoints\":"
                        + "{\"kubeletEndpoint\":{\"Port\":" + node.port() + "}}}");
        kubectl.run("create", "serviceaccount", "default");
        pod("web", reachable.getHostAddress());
        pod("local", "127.0.0.1");
        pod("link", "169.254.169.254");
    }

    /** An address of this machine that is not its loopback, as pods have them. */
    private static InetAddress reachable() throws SocketException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .findFirst()
                .orElse(InetAddress.getLoopbackAddress());
    }

    private void status(String resource, String name, String status) throws Exception {
        kubectl.run(
                "patch", resource, name, "--subresource=status", "--type=merge", "-p", "{\"status\":" + status + "}");
    }

    private void pod(String name, String address) throws Exception {
        kubectl.with(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", labels: {app: " + name
                        + "}}\nspec: {nodeName: far, containers: [{name: a, image: b}]}\n",
                "apply",
                "-f",
                "-");
        status(
                "pod",
                name,
                "{\"phase\":\"Running\",\"podIP\":\"" + address + "\",\"podIPs\":[{\"ip\":\"" + address + "\"}]}");
    }

    @BeforeEach
    void forget() {
        node.calls().clear();
        pod.calls().clear();
        elsewhere.calls().clear();
    }

    @AfterAll
    void stop() throws IOException {
        if (server != null) {
            server.close();
            node.close();
            pod.close();
            elsewhere.close();
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it does not come about");
            Thread.sleep(20);
        }
    }

    private String web() {
        return PODS + "web:" + pod.port() + "/proxy";
    }

    /** CVE-2018-1002105: a tunnel to a backend that has not agreed to one, for whatever the client sends next. */
    @ParameterizedTest
    @ValueSource(strings = {"403 Forbidden", "400 Bad Request", "200 OK", "404 Not Found"})
    void cve20181002105NoTunnelUnlessTheBackendSwitches(String status) throws Exception {
        behaviour = call -> {
            call.write("HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n\r\nno");
            // Whoever tunnels would pass the next request on to here.
            call.chunk(TestBackend.line(call.in()));
        };
        for (String target : List.of(EXEC, web() + "/")) {
            try (RawClient client = new RawClient(server)) {
                RawClient.Answer answer = client.send(target.equals(EXEC) ? "POST" : "GET", target, UPGRADE)
                        .answer();
                assertEquals(status.substring(0, 3) + " no", answer.status() + " " + answer.body());
                // The connection is the API server's, as before.
                assertTrue(client.send("GET", "/version").answer().body().contains("gitVersion"));
            }
        }
        await(() -> node.connections() == 0 && pod.connections() == 0);
        assertEquals(1, node.calls().size());
    }

    @Test
    void aBackendThatSwitchesToSomethingElseGetsNoTunnel() throws Exception {
        behaviour = call -> {
            call.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
            var _ = call.in().read();
        };
        try (RawClient client = new RawClient(server)) {
            assertEquals(500, client.send("POST", EXEC, UPGRADE).answer().status());
            assertEquals(200, client.send("GET", "/version").answer().status());
        }
        await(() -> node.connections() == 0);
    }

    /** CVE-2018-1002102, CVE-2020-8559: a node that has clients or the server led somewhere else. */
    @Test
    void cve20208559RedirectsOfNodesAreNotFollowed() throws Exception {
        behaviour = call -> call.write("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" + elsewhere.port()
                + "/\r\nContent-Length: 0\r\n\r\n");
        try (RawClient client = new RawClient(server)) {
            RawClient.Answer answer = client.send("POST", EXEC, UPGRADE).answer();
            assertEquals(502, answer.status());
            assertFalse(answer.head().contains("Location"));
            assertTrue(client.send("GET", PODS + "web/log").answer().body().contains("redirects forbidden"));
        }
        assertTrue(kubectl.fail("", "exec", "web", "--", "id").contains("unable to upgrade connection"));
        assertTrue(kubectl.fail("", "port-forward", "web", ":80").contains("error upgrading connection"));
        assertEquals(0, elsewhere.calls().size());
    }

    @Test
    void redirectsOfPodsLeadThroughTheProxyOrStay() throws Exception {
        behaviour = call -> call.write(
                "HTTP/1.1 302 Found\r\nLocation: " + call.field("Location-Wanted") + "\r\nContent-Length: 0\r\n\r\n");
        try (RawClient client = new RawClient(server)) {
            String there = client.send("GET", web() + "/a/b?c", "Location-Wanted: /login?next=%2Fa")
                    .answer()
                    .head();
            assertTrue(there.contains("Location: " + web() + "/login?next=%2Fa\r\n"), there);
            String away = client.send("GET", web() + "/", "Location-Wanted: https://example.com/x")
                    .answer()
                    .head();
            assertTrue(away.contains("Location: https://example.com/x\r\n"), away);
        }
        assertEquals(2, pod.calls().size());
    }

    /** CVE-2020-8562, CVE-2022-3294: the server is led to what only listens to its own machine. */
    @Test
    void cve20208562NothingLeadsToTheServersOwnLoopbackOrLink() throws Exception {
        try (RawClient client = new RawClient(server)) {
            for (String name : List.of("local:" + elsewhere.port(), "link:80", "https:local:" + elsewhere.port())) {
                RawClient.Answer answer =
                        client.send("GET", PODS + name + "/proxy/").answer();
                assertEquals(400, answer.status());
                assertTrue(answer.body().contains("address not allowed"), answer.body());
            }
            assertEquals(
                    400,
                    client.send("GET", "/api/v1/nodes/far:" + elsewhere.port() + "/proxy/")
                            .answer()
                            .status());
        }
        assertEquals(0, elsewhere.calls().size());
    }

    /** CVE-2021-25740: endpoints that somebody has written lead to no pod. */
    @Test
    void cve202125740EndpointsThatAreNoPodsAreNotConnectedTo() throws Exception {
        kubectl.with(
                "apiVersion: v1\nkind: Service\nmetadata: {name: led}\nspec: {ports: [{port: 80}]}\n",
                "apply",
                "-f",
                "-");
        kubectl.with(
                "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: led-1, labels:"
                        + " {kubernetes.io/service-name: led}}\naddressType: IPv4\nports: [{name: \"\", port: "
                        + pod.port()
                        + "}]\nendpoints: [{addresses: [\"198.51.100.7\"], targetRef: {kind: Pod, name: web,"
                        + " namespace: default}}]\n",
                "apply",
                "-f",
                "-");
        String refused = kubectl.fail("", "get", "--raw", "/api/v1/namespaces/default/services/led/proxy/");
        assertEquals("Error from server (ServiceUnavailable): no endpoints available for service \"led\"", refused);
    }

    @Test
    void servicesLeadToTheirPods() throws Exception {
        behaviour = call -> call.answer(200, "text/html", "<a href=\"/x\">" + call.target() + "</a>");
        kubectl.with(
                "apiVersion: v1\nkind: Service\nmetadata: {name: front}\nspec: {ports: [{name: web, port: 80}]}\n",
                "apply",
                "-f",
                "-");
        kubectl.with(
                "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: front-1, labels:"
                        + " {kubernetes.io/service-name: front}}\naddressType: IPv4\nports: [{name: web, port: "
                        + pod.port() + "}]\nendpoints: [{addresses: [\""
                        + reachable().getHostAddress()
                        + "\"], targetRef: {kind: Pod, name: web, namespace: default}}]\n",
                "apply",
                "-f",
                "-");
        for (String name : List.of("front:80", "front:web", "http:front:web")) {
            String path = "/api/v1/namespaces/default/services/" + name + "/proxy";
            assertEquals(
                    "<a href=\"" + path + "/x\">/deep/path?q=1</a>",
                    kubectl.run("get", "--raw", path + "/deep/path?q=1"));
        }
        assertEquals(
                "Error from server (ServiceUnavailable): no service port 81 found for service \"front\"",
                kubectl.fail("", "get", "--raw", "/api/v1/namespaces/default/services/front:81/proxy/"));
    }

    @Test
    void upgradesOfPodsPassThrough() throws Exception {
        behaviour = call -> {
            call.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: Echo\r\n\r\nhello ");
            byte[] said = call.in().readNBytes(5);
            call.out().write(said);
            call.out().flush();
        };
        try (RawClient client = new RawClient(server)) {
            RawClient.Answer answer = client.send("GET", web() + "/", "Connection: upgrade", "Upgrade: echo")
                    .answer();
            assertEquals(101, answer.status());
            client.socket().getOutputStream().write("world".getBytes(StandardCharsets.UTF_8));
            assertEquals(
                    "hello world", new String(client.socket().getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        await(() -> pod.connections() == 0);
    }

    @Test
    void cookiesStayApart() throws Exception {
        behaviour = call -> call.write(
                "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Expires=Thu, 01 Jan 2026\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n");
        try (RawClient client = new RawClient(server)) {
            String head = client.send("GET", web() + "/").answer().head();
            assertTrue(head.contains("\r\nSet-Cookie: a=1; Expires=Thu, 01 Jan 2026\r\nSet-Cookie: b=2\r\n"), head);
        }
    }

    @Test
    void bodiesPassThrough() throws Exception {
        behaviour =
                call -> call.answer(201, "text/plain", call.method() + new String(call.body(), StandardCharsets.UTF_8));
        try (RawClient client = new RawClient(server)) {
            client.send("PUT", web() + "/x", "Content-Length: 4");
            client.socket().getOutputStream().write("body".getBytes(StandardCharsets.UTF_8));
            RawClient.Answer whole = client.answer();
            assertEquals("201 PUTbody", whole.status() + " " + whole.body());
            client.send("POST", web() + "/x", "Transfer-Encoding: chunked");
            client.socket()
                    .getOutputStream()
                    .write("2\r\nin\r\n5\r\nparts\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            assertEquals("POSTinparts", client.answer().body());
        }
    }

    @Test
    void kubectlProxyLeadsToPods() throws Exception {
        behaviour = call -> call.answer(200, "text/plain", "through two proxies");
        Process proxy = kubectl.start("proxy", "--port=0");
        try {
            String line = proxy.inputReader().readLine();
            int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream()
                        .write(("GET " + web() + "/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                                .getBytes(StandardCharsets.UTF_8));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(answer.endsWith("through two proxies"), answer);
            }
        } finally {
            proxy.destroy();
        }
    }

    @Test
    void whatIsNotThereIsSaidToBeSo() throws Exception {
        pod("lost", "198.51.100.9");
        kubectl.run("delete", "pod", "lost", "--force", "--grace-period=0");
        assertEquals(
                "Error from server (NotFound): pods \"lost\" not found",
                kubectl.fail("", "get", "--raw", PODS + "lost/proxy/"));
        assertEquals(
                "Error from server (NotFound): nodes \"no\" not found",
                kubectl.fail("", "get", "--raw", "/api/v1/nodes/no/proxy/"));
        assertEquals(
                "Error from server (BadRequest): invalid pod request \"ftp:web:80\"",
                kubectl.fail("", "get", "--raw", PODS + "ftp:web:80/proxy/"));
        assertTrue(kubectl.fail("", "get", "--raw", PODS + "web:1/proxy/")
                .contains("error trying to reach service: dial tcp "));
    }

    @Test
    void pathsThatLeadUpwardsAreRefused() throws Exception {
        try (RawClient client = new RawClient(server)) {
            for (String path : List.of("/../x", "/a/%2e%2e/%2e%2e/b", "/a/..", "/./a")) {
                assertEquals(400, client.send("GET", web() + path).answer().status());
                assertEquals(
                        400,
                        client.send("GET", "/api/v1/nodes/far/proxy" + path)
                                .answer()
                                .status());
            }
        }
        assertEquals(0, pod.calls().size() + node.calls().size());
    }

    @Test
    void whatTheClientHasShownStaysHere() throws Exception {
        behaviour = call -> call.answer(200, "text/plain", "fine");
        try (RawClient client = new RawClient(server)) {
            client.send(
                            "GET",
                            web() + "/",
                            "X-Remote-User: root",
                            "X_Remote_Group: system:masters",
                            "Impersonate-User: kubernetes-admin",
                            "Impersonate-Group: system:masters",
                            "Connection: keep-alive, X-Secret",
                            "X-Secret: one",
                            "TE: trailers",
                            "X-Kept: two")
                    .answer();
        }
        TestBackend.Call call = pod.lastCall();
        assertEquals("two", call.field("X-Kept"));
        for (String name : List.of(
                "Authorization",
                "X-Remote-User",
                "X_Remote_Group",
                "Impersonate-User",
                "Impersonate-Group",
                "X-Secret",
                "TE")) {
            assertEquals("", call.field(name), name);
        }
        assertEquals("close", call.field("Connection"));
    }

    @Test
    void smuggledRequestsAndAnswersAreTakenForWhatTheyAre() throws Exception {
        behaviour = call -> call.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5\r\nwhole\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmore");
        try (RawClient client = new RawClient(server)) {
            // Two lengths: somebody might take the one, somebody the other, so nobody gets it.
            assertEquals(503, client.send("GET", web() + "/").answer().status());
            behaviour =
                    call -> call.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n"
                            + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmore");
            assertEquals("whole", client.send("GET", web() + "/").answer().body());
            assertTrue(client.send("GET", "/version").answer().body().contains("gitVersion"));
            assertEquals(
                    400,
                    client.send("POST", EXEC, "Connection: Upgrade", "Upgrade: SPDY/3.1", "Content-Length: 5")
                            .answer()
                            .status());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GARBAGE\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "",
                "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n"
            })
    void answersThatAreNoneBecomeErrors(String answer) throws Exception {
        behaviour = call -> call.write(answer);
        try (RawClient client = new RawClient(server)) {
            assertEquals(503, client.send("GET", web() + "/").answer().status());
            assertEquals(500, client.send("POST", EXEC, UPGRADE).answer().status());
            assertEquals(200, client.send("GET", "/version").answer().status());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage that is no frame at all, of any kind",
                "\u0080\u0003\u0000\u0002\u0000\u0000\u0000\u0001"
            })
    void whatIsNoSpdyEndsAnExec(String frames) throws Exception {
        behaviour = call -> {
            call.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
            call.out().write(frames.getBytes(StandardCharsets.ISO_8859_1));
            call.out().flush();
        };
        String said = kubectl.fail("", "exec", "web", "--", "id");
        assertTrue(said.contains("error reading from error stream: unexpected EOF"), said);
    }

    @Test
    void headsWithoutAnEndAreCut() throws Exception {
        AtomicLong sent = new AtomicLong();
        CountDownLatch cut = new CountDownLatch(1);
        behaviour = call -> {
            try {
                call.write("HTTP/1.1 200 OK\r\n");
                while (true) {
                    call.write("X-More: " + "y".repeat(1_000) + "\r\n");
                    sent.addAndGet(1_000);
                }
            } finally {
                cut.countDown();
            }
        };
        try (RawClient client = new RawClient(server)) {
            assertEquals(503, client.send("GET", web() + "/").answer().status());
        }
        assertTrue(cut.await(20, TimeUnit.SECONDS));
        assertTrue(sent.get() < 16 << 20, () -> sent + " bytes were taken");
    }

    @Test
    void whoWaitsForASilentBackendCanLeave() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        behaviour = call -> {
            asked.countDown();
            var _ = call.in().read();
        };
        RawClient proxied = new RawClient(server).send("GET", web() + "/");
        RawClient logs = new RawClient(server).send("GET", PODS + "web/log?follow=true");
        assertTrue(asked.await(20, TimeUnit.SECONDS));
        proxied.close();
        logs.close();
        await(() -> pod.connections() == 0 && node.connections() == 0);
    }

    @Test
    void aClientThatDoesNotReadStopsTheBackend() throws Exception {
        AtomicLong sent = new AtomicLong();
        byte[] piece = "z".repeat(64 << 10).getBytes(StandardCharsets.UTF_8);
        behaviour = call -> {
            call.write(
                    call.field("Upgrade").isEmpty()
                            ? "HTTP/1.1 200 OK\r\n\r\n"
                            : "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
            while (true) {
                call.out().write(piece);
                sent.addAndGet(piece.length);
            }
        };
        for (String target : List.of(web() + "/", EXEC)) {
            sent.set(0);
            try (RawClient client = new RawClient(server)) {
                client.send("GET", target, target.equals(EXEC) ? UPGRADE : new String[0])
                        .socket()
                        .getInputStream()
                        .read();
                stalls(sent);
            }
            await(() -> pod.connections() == 0 && node.connections() == 0);
        }
    }

    /** Waits until a count does not grow any more, which has to be before much was sent. */
    private static void stalls(AtomicLong count) throws InterruptedException {
        long before = -1;
        while (before != count.get()) {
            before = count.get();
            assertTrue(before < 64 << 20, "there is no end");
            Thread.sleep(300);
        }
        assertNotEquals(0, before);
    }

    @Test
    void aBackendThatDoesNotReadStopsTheClient() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        behaviour = call -> {
            if (!call.field("Upgrade").isEmpty()) {
                call.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
            }
            over.await(20, TimeUnit.SECONDS);
        };
        byte[] piece = new byte[64 << 10];
        for (String target : List.of(web() + "/", EXEC)) {
            AtomicLong sent = new AtomicLong();
            try (RawClient client = new RawClient(server)) {
                if (target.equals(EXEC)) {
                    assertEquals(
                            101, client.send("POST", target, UPGRADE).answer().status());
                } else {
                    client.send("POST", target, "Content-Length: 1000000000");
                }
                OutputStream out = client.socket().getOutputStream();
                Thread writer = Thread.ofVirtual().start(() -> {
                    try {
                        while (sent.get() < 900_000_000) {
                            out.write(piece);
                            sent.addAndGet(piece.length);
                        }
                    } catch (IOException e) {
                        // Closed at the end of the test.
                    }
                });
                stalls(sent);
                writer.interrupt();
            }
        }
        over.countDown();
    }

    @Test
    void streamsOverGetNeedToBeCreatedAllTheSame() throws Exception {
        kubectl.run("create", "role", "reader", "--verb=get", "--resource=pods,pods/exec,pods/portforward,pods/log");
        kubectl.run("create", "rolebinding", "reader", "--role=reader", "--user=jane");
        behaviour = call -> call.answer(200, "text/plain", "log");
        await(() -> {
            try {
                return kubectl.call("", "--as=jane", "logs", "web").code() == 0;
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        node.calls().clear();
        try (RawClient client = new RawClient(server)) {
            for (String target : List.of(EXEC, PODS + "web/portforward?ports=80")) {
                RawClient.Answer answer = client.send(
                                "GET",
                                target,
                                "Impersonate-User: jane",
                                "Connection: Upgrade",
                                "Upgrade: websocket",
                                "Sec-WebSocket-Version: 13",
                                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
                                "Sec-WebSocket-Protocol: v5.channel.k8s.io, SPDY/3.1+portforward.k8s.io")
                        .answer();
                assertEquals(403, answer.status());
                assertTrue(answer.body().contains("cannot create resource"), answer.body());
            }
        }
        assertEquals(0, node.calls().size());
    }
}
