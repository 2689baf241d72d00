package io.keelson.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.apiserver.KeelsonConfig;
import io.keelson.apiserver.KeelsonServer;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The server against a real API, asked on loopback. */
@Timeout(60)
class ClusterDnsTest {
    private static final byte[] OUTSIDE = {(byte) 192, 0, 2, 1};

    private static KeelsonServer api;
    private static KubernetesClient client;
    private static FakeNameServer outside;
    private static Time time;
    private static ClusterDns dns;
    private static DnsPort port;
    private static DnsClient asking;
    private static final AtomicInteger ASKED_OUTSIDE = new AtomicInteger();

    @BeforeAll
    static void start() throws Exception {
        api = KeelsonServer.start(KeelsonConfig.ephemeral());
        client = ApiClient.of(Config.fromKubeconfig(api.kubeconfig().text()), List.of());
        outside = new FakeNameServer(ClusterDnsTest::fromOutside);
        time = Time.system();
        PrometheusRegistry registry = new PrometheusRegistry();
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
        dns = ClusterDns.alone(
                DnsSettings.of(List.of(any), "cluster.local")
                        .forwarding(DnsSettings.Forwarding.DEFAULT.to(List.of(outside.address()))),
                client,
                time,
                registry);
        dns.start();
        asking = new DnsClient(dns.addresses().getFirst());
        port = new DnsPort(any, dns::isReady, registry);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("shop")
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterAll
    static void close() throws Exception {
        port.close();
        dns.close();
        outside.close();
        time.close();
        client.close();
        api.close();
    }

    private static List<Message> fromOutside(Message query) {
        Question question = Objects.requireNonNull(query.question());
        if (question.name().equals(DnsName.parse("www.example.com")) && question.type() == RecordType.A) {
            ASKED_OUTSIDE.incrementAndGet();
            return List.of(FakeNameServer.answer(
                    query, ResponseCode.NOERROR, ResourceRecord.address(question.name(), 60, OUTSIDE)));
        }
        return List.of(FakeNameServer.answer(query, ResponseCode.NXDOMAIN));
    }

    private static Service service(String name, @Nullable String address) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withClusterIP(address)
                .addNewPort()
                .withName("http")
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }

    private static EndpointSlice slice(String service, String name, int first, int count) {
        EndpointSliceBuilder slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName(name)
                .addToLabels("kubernetes.io/service-name", service)
                .endMetadata()
                .withAddressType("IPv4")
                .addNewPort()
                .withName("http")
                .withPort(8080)
                .withProtocol("TCP")
                .endPort();
        for (int i = first; i < first + count; i++) {
            slice.addNewEndpoint()
                    .withAddresses("10.1." + i / 256 + '.' + i % 256)
                    .withNewConditions()
                    .withReady(true)
                    .endConditions()
                    .endEndpoint();
        }
        return slice.build();
    }

    private static <T extends HasMetadata> T create(T object) {
        return client.resource(object).create();
    }

    private static Set<String> addresses(Message answer) {
        Set<String> addresses = new TreeSet<>();
        answer.answers().stream()
                .filter(record -> record.type() == RecordType.A)
                .forEach(record -> addresses.add(ServiceNames.text(record.data())));
        return addresses;
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.call()) {
            assertTrue(System.nanoTime() < end, what);
            Thread.sleep(5);
        }
    }

    @Test
    void changesOfServicesAreAnsweredAtOnce() throws Exception {
        Service web = create(service("web", null));
        String address = web.getSpec().getClusterIP();
        await(
                "a new Service",
                () -> addresses(asking.ask("web.shop.svc.cluster.local", RecordType.A))
                        .equals(Set.of(address)));
        create(service("pets", "None"));
        create(slice("pets", "pets-a", 1, 2));
        await(
                "endpoints",
                () -> addresses(asking.ask("pets.shop.svc.cluster.local", RecordType.A))
                        .equals(Set.of("10.1.0.1", "10.1.0.2")));
        client.resource(slice("pets", "pets-a", 2, 2)).forceConflicts().serverSideApply();
        await(
                "other endpoints",
                () -> addresses(asking.ask("pets.shop.svc.cluster.local", RecordType.A))
                        .equals(Set.of("10.1.0.2", "10.1.0.3")));
        client.resource(web).delete();
        await(
                "no Service",
                () -> asking.ask("web.shop.svc.cluster.local", RecordType.A).code() == ResponseCode.NXDOMAIN);
    }

    @Test
    void aClientThatKnowsNothingOfUsUnderstandsTheAnswers() throws Exception {
        create(service("jndi", "None"));
        create(slice("jndi", "jndi-a", 20, 2));
        create(new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("away")
                .endMetadata()
                .withNewSpec()
                .withType("ExternalName")
                .withExternalName("www.example.com")
                .endSpec()
                .build());
        await(
                "endpoints",
                () -> addresses(asking.ask("jndi.shop.svc.cluster.local", RecordType.A))
                                .size()
                        == 2);
        assertEquals(
                Set.of(
                        "0 50 8080 10-1-0-20.jndi.shop.svc.cluster.local.",
                        "0 50 8080 10-1-0-21.jndi.shop.svc.cluster.local."),
                byJndi("_http._tcp.jndi.shop.svc.cluster.local", "SRV"));
        assertEquals(Set.of("10.1.0.20", "10.1.0.21"), byJndi("jndi.shop.svc.cluster.local", "A"));
        assertEquals(Set.of("1.1.0"), byJndi("dns-version.cluster.local", "TXT"));
        await(
                "an alias",
                () -> asking.ask("away.shop.svc.cluster.local", RecordType.A).code() == ResponseCode.NOERROR);
        assertEquals(Set.of("192.0.2.1"), byJndi("away.shop.svc.cluster.local", "A"));
        assertEquals(Set.of("www.example.com."), byJndi("away.shop.svc.cluster.local", "CNAME"));
    }

    /** By the client that Java has; what it reads is ours. */
    @SuppressWarnings({"BanJNDI", "JdkObsolete"})
    private static Set<String> byJndi(String name, String type) throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
        environment.put(
                Context.PROVIDER_URL, "dns://127.0.0.1:" + asking.server().getPort());
        InitialDirContext context = new InitialDirContext(environment);
        Set<String> values = new TreeSet<>();
        try {
            Attribute found = context.getAttributes(name, new String[] {type}).get(type);
            for (NamingEnumeration<?> all = found.getAll(); all.hasMore(); ) {
                values.add(String.valueOf(all.next()));
            }
        } finally {
            context.close();
        }
        return values;
    }

    @Test
    void whatDoesNotFitADatagramComesByStreamInAnyOrder() throws Exception {
        create(service("large", "None"));
        create(slice("large", "large-a", 300, 100));
        String name = "large.shop.svc.cluster.local";
        Message query = DnsClient.query(name, RecordType.A, null);
        await("endpoints", () -> asking.askByStream(query).answers().size() == 100);
        byte[] datagram = asking.askRaw(MessageWriter.write(query, 512));
        assertTrue(datagram.length <= 512);
        Message cut = DnsClient.read(datagram);
        assertTrue(cut.has(Message.TRUNCATED));
        assertTrue(cut.answers().size() > 25, "compressed");
        Message more = asking.ask(DnsClient.query(name, RecordType.A, new Edns(4096, 0, false, null)));
        assertTrue(more.answers().size() > cut.answers().size());
        List<ResourceRecord> one = asking.askByStream(query).answers();
        List<ResourceRecord> other = asking.askByStream(query).answers();
        assertEquals(Set.copyOf(one), Set.copyOf(other));
        assertTrue(!one.equals(other), "shuffled");
    }

    @Test
    void othersAreAskedForAllElseAndNotAskedAgain() throws Exception {
        Message first = asking.ask("www.EXAMPLE.com", RecordType.A);
        assertEquals(Set.of("192.0.2.1"), addresses(first));
        assertTrue(first.has(Message.RECURSION_AVAILABLE) && !first.has(Message.AUTHORITATIVE));
        assertTrue(first.answers().getFirst().seconds() <= 30);
        int before = ASKED_OUTSIDE.get();
        assertEquals(Set.of("192.0.2.1"), addresses(asking.ask("www.example.com", RecordType.A)));
        assertEquals(before, ASKED_OUTSIDE.get());
        assertEquals(
                ResponseCode.NXDOMAIN,
                asking.ask("nowhere.example.com", RecordType.A).code());
    }

    @Test
    void strangersGetTheErrorsThatTheyEarn() throws Exception {
        byte[] query = MessageWriter.write(DnsClient.query("cluster.local", RecordType.SOA, null), 512);
        byte[] update = query.clone();
        update[2] = 5 << 3;
        assertEquals(ResponseCode.NOTIMP, DnsClient.read(asking.askRaw(update)).code());
        byte[] broken = Arrays.copyOf(query, query.length - 3);
        assertEquals(ResponseCode.FORMERR, DnsClient.read(asking.askRaw(broken)).code());
        byte[] chaos = query.clone();
        chaos[chaos.length - 1] = 3;
        assertEquals(ResponseCode.REFUSED, DnsClient.read(asking.askRaw(chaos)).code());
        byte[] newer = MessageWriter.write(
                DnsClient.query("cluster.local", RecordType.SOA, new Edns(1232, 7, false, null)), 512);
        Message refused = DnsClient.read(asking.askRaw(newer));
        assertEquals(0, refused.code());
        assertEquals(0, assertNotNullEdns(refused).version());
        assertEquals(
                ResponseCode.REFUSED,
                asking.ask("cluster.local", RecordType.AXFR).code());
    }

    private static Edns assertNotNullEdns(Message message) {
        assertNotNull(message.edns());
        return Objects.requireNonNull(message.edns());
    }

    @Test
    void anAnswerIsNotAnswered() throws Exception {
        byte[] answer = MessageWriter.write(
                new Message(
                        1,
                        Message.RESPONSE,
                        Question.of(DnsName.ROOT, RecordType.NS),
                        List.of(),
                        List.of(),
                        List.of(),
                        null),
                512);
        try (Socket socket =
                new Socket(asking.server().getAddress(), asking.server().getPort())) {
            ByteArrayOutputStream framed = new ByteArrayOutputStream();
            framed.write(0);
            framed.write(answer.length);
            framed.writeBytes(answer);
            socket.getOutputStream().write(framed.toByteArray());
            socket.setSoTimeout(10_000);
            assertEquals(-1, socket.getInputStream().read(), "the connection is closed without a word");
        }
    }

    @Test
    void oneClientHasABoundedNumberOfConnections() throws Exception {
        List<Socket> open = new ArrayList<>();
        try {
            int closed = 0;
            for (int i = 0; i < 80; i++) {
                Socket socket =
                        new Socket(asking.server().getAddress(), asking.server().getPort());
                open.add(socket);
            }
            for (Socket socket : open) {
                socket.setSoTimeout(20);
                closed += isClosed(socket) ? 1 : 0;
            }
            assertTrue(closed >= 30, closed + " of 80 were closed");
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    @Test
    void figuresAndHealthAreTold() throws Exception {
        await("readiness", () -> get("/ready").statusCode() == 200);
        assertEquals("OK", get("/health").body());
        asking.ask("kubernetes.default.svc.cluster.local", RecordType.A);
        asking.ask("www.example.com", RecordType.A);
        asking.ask("www.example.com", RecordType.A);
        String text = get("/metrics").body();
        for (String expected : List.of(
                "coredns_dns_requests_total{family=\"1\",proto=\"udp\",server=\"dns://:0\",type=\"A\",view=\"\",zone=\".\"}",
                "coredns_dns_request_duration_seconds_count{server=\"dns://:0\",view=\"\",zone=\".\"}",
                "coredns_dns_responses_total{plugin=\"kubernetes\",rcode=\"NOERROR\",server=\"dns://:0\",view=\"\",zone=\".\"}",
                "coredns_cache_hits_total{server=\"dns://:0\",type=\"success\",view=\"\",zones=\".\"}",
                "coredns_cache_entries{server=\"dns://:0\",type=\"denial\",view=\"\",zones=\".\"}",
                "coredns_forward_requests_total{to=\"127.0.0.1:",
                "coredns_proxy_request_duration_seconds_count{proxy_name=\"forward\",rcode=\"NOERROR\",to=\"127.0.0.1:")) {
            assertTrue(text.contains(expected), () -> expected + " in\n" + text);
        }
        assertEquals(404, get("/secrets").statusCode());
    }

    @Test
    void theCommandServesUntilItIsToldToEnd(@TempDir Path folder) throws Exception {
        Path kubeconfig =
                Files.writeString(folder.resolve("kubeconfig"), api.kubeconfig().text());
        int free = freePort();
        int http = freePort();
        AtomicInteger code = new AtomicInteger(-1);
        Thread running = Thread.ofPlatform()
                .start(() -> code.set(new CommandLine(new DnsCommand())
                        .execute(
                                "--kubeconfig=" + kubeconfig,
                                "--listen=127.0.0.1:" + free,
                                "--cluster-dns=10.96.0.10",
                                "--pods=verified",
                                "--forward-policy=round_robin",
                                "--forward=127.0.0.1:" + outside.address().getPort(),
                                "--stub-domain=corp.example=127.0.0.1:"
                                        + outside.address().getPort(),
                                "--http=127.0.0.1:" + http)));
        DnsClient client = new DnsClient(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), free));
        Message query = DnsClient.query("kubernetes.default.svc.cluster.local", RecordType.A, null);
        await("an answer by the command", () -> {
            assertTrue(running.isAlive(), "the command ended");
            try {
                return !client.askByStream(query).answers().isEmpty();
            } catch (IOException e) {
                return false;
            }
        });
        assertEquals(Set.of("10.96.0.10"), addresses(client.ask("ns.dns.cluster.local", RecordType.A)));
        // Before all pods are known it says of none that it is not there.
        await(
                "that there is no such pod",
                () -> client.ask("10-1-2-3.shop.pod.cluster.local", RecordType.A)
                                .code()
                        == ResponseCode.NXDOMAIN);
        assertEquals(
                ResponseCode.NXDOMAIN,
                client.ask("db.corp.example", RecordType.A).code());
        running.interrupt();
        running.join();
        assertEquals(0, code.get());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    @Test
    void theCommandSaysWhatMakesNoSense() {
        for (String wrong : List.of(
                "--listen=0.0.0.0",
                "--listen=localhost",
                "--ttl=-1",
                "--pods=all",
                "--stub-domain=corp",
                "--forward=10.0.0.1:x",
                "--cluster-domain=.",
                "--max-concurrent=0")) {
            StringWriter errors = new StringWriter();
            assertEquals(
                    2,
                    new CommandLine(new DnsCommand())
                            .setErr(new PrintWriter(errors))
                            .execute(wrong),
                    wrong);
            assertTrue(!errors.toString().isBlank(), wrong);
        }
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
