package io.keelson.controllers.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server that answers as an API server may, but seldom does. */
class MetadataWatchTest implements MetadataWatch.Listener {
    private static final Kind MAPS = new Kind("", "v1", "configmaps", "ConfigMap", true, Set.of());

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final Time time = Time.system();
    private volatile boolean refusing;
    private volatile boolean endless;
    private final AtomicInteger written = new AtomicInteger();
    private HttpServer server;
    private KubernetesClient client;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .build())
                .build();
    }

    @AfterEach
    void stop() {
        end.countDown();
        client.close();
        server.stop(0);
        time.close();
    }

    private static String object(String name) {
        return "{\"metadata\": {\"uid\": \"u" + name + "\", \"name\": \"" + name + "\", \"resourceVersion\": \"6\"}}";
    }

    private static String list(String continued, String... names) {
        return "{\"metadata\": {\"resourceVersion\": \"5\", \"continue\": \"" + continued + "\"}, \"items\": ["
                + String.join(
                        ",",
                        List.of(names).stream().map(MetadataWatchTest::object).toList()) + "]}";
    }

    private void answer(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getRawQuery();
        asked.add(query);
        long watches = asked.stream().filter(one -> one.startsWith("watch")).count();
        if (!query.startsWith("watch")) {
            String body = watches > 0 ? list("", "b") : query.contains("continue=") ? list("", "b") : list("t", "a");
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
            return;
        }
        if (refusing || watches == 2) {
            exchange.sendResponseHeaders(410, -1);
            exchange.close();
            return;
        }
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            if (endless) {
                byte[] word = new byte[1 << 20];
                Arrays.fill(word, (byte) ' ');
                for (int i = 0; i < 64; i++) {
                    out.write(word);
                    written.addAndGet(word.length);
                }
                end.await();
            } else if (watches == 1) {
                // An event may come in pieces, and several in one.
                String events = "{\"type\": \"ADDED\", \"object\": " + object("c") + "}\n"
                        + "{\"type\": \"DELETED\", \"object\": " + object("ä") + "}\n";
                byte[] bytes = events.getBytes(StandardCharsets.UTF_8);
                int middle = events.indexOf('ä') + 1;
                out.write(bytes, 0, middle);
                out.flush();
                out.write(bytes, middle, bytes.length - middle);
                out.write("{\"type\": \"BOOKMARK\", \"object\": {\"metadata\": {\"resourceVersion\": \"9\"}}}\n"
                        .getBytes(StandardCharsets.UTF_8));
            } else if (watches == 3) {
                out.write("{\"type\": \"ERROR\", \"object\": {\"code\": 410}}\n".getBytes(StandardCharsets.UTF_8));
            } else {
                end.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long watches() {
        return asked.stream().filter(one -> one.startsWith("watch")).count();
    }

    @Test
    void aServerThatListsAndRefusesToWatchIsNotAskedWithoutAPause() throws InterruptedException {
        refusing = true;
        long begin = System.nanoTime();
        RunningWatch watch = new RunningWatch(MAPS, new MetadataWatch(new MetadataClient(client), MAPS, time, this));
        TestCluster.await("three watches are refused", () -> watches() == 3);
        // A tenth of a second, then two of them.
        assertTrue(System.nanoTime() - begin >= 300_000_000, asked.toString());
        watch.stop();
    }

    @Test
    void anEventWithoutEndIsNotReadToItsEnd() throws InterruptedException {
        endless = true;
        RunningWatch watch = new RunningWatch(MAPS, new MetadataWatch(new MetadataClient(client), MAPS, time, this));
        TestCluster.await("another watch began", () -> watches() == 2);
        endless = false;
        assertTrue(written.get() < 64 << 20, () -> written + " bytes");
        watch.stop();
        assertEquals(List.of("replaced [a, b]"), told);
    }

    @Override
    public void replaced(List<Metadata> all) {
        told.add("replaced " + all.stream().map(Metadata::name).toList());
    }

    @Override
    public void changed(Metadata object) {
        told.add("changed " + object.name());
    }

    @Override
    public void deleted(Metadata object) {
        told.add("deleted " + object.name());
    }

    @Test
    void itListsInPagesWatchesGoesOnWhereItWasAndListsAgainIfThatIsTooLongAgo() throws InterruptedException {
        RunningWatch watch = new RunningWatch(MAPS, new MetadataWatch(new MetadataClient(client), MAPS, time, this));
        TestCluster.await(
                "four watches began",
                () -> asked.stream().filter(one -> one.startsWith("watch")).count() == 4);
        watch.stop();
        assertEquals(List.of("replaced [a, b]", "changed c", "deleted ä", "replaced [b]", "replaced [b]"), told);
        List<String> from = asked.stream()
                .filter(one -> one.startsWith("watch"))
                .map(one -> one.substring(one.indexOf("resourceVersion=")))
                .toList();
        assertEquals(List.of("resourceVersion=5", "resourceVersion=9", "resourceVersion=5", "resourceVersion=5"), from);
        assertTrue(asked.get(1).endsWith("&continue=t"), asked.toString());
    }
}
