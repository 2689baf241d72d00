package io.keelson.apiserver.admission.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionChain;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.rest.TestRest;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many clients of two servers on one store against the model: what is used is the sum of what was written. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuotaConcurrencyTest {
    private static final int CLIENTS = 12;
    private static final int CREATES = 12;
    private static final long DEADLINE_NANOS = Duration.ofSeconds(60).toNanos();

    private final List<AutoCloseable> parts = new ArrayList<>();
    private final List<RestApi> servers = new ArrayList<>();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        TestEtcd etcd = TestEtcd.embedded(folder);
        parts.add(etcd);
        for (int i = 0; i < 2; i++) {
            TestRest server = TestRest.on(
                    etcd,
                    objects -> new AdmissionChain(List.of(new ResourceQuota(objects, InstantSource.system()))),
                    InstantSource.system());
            servers.add(server.rest());
            parts.add(server);
        }
    }

    @AfterAll
    void stop() throws Exception {
        for (AutoCloseable part : parts.reversed()) {
            part.close();
        }
    }

    private static ObjectNode read(String yaml) {
        return Yaml.parseObject(yaml.getBytes(StandardCharsets.UTF_8), new ArrayList<>());
    }

    private static ObjectNode pod(String namespace, String name, int milliCpu) {
        return read("{apiVersion: v1, kind: Pod, metadata: {name: " + name + ", namespace: " + namespace
                + "}, spec: {containers: [{name: c, image: i, resources: {requests: {cpu: " + milliCpu + "m}}}]}}");
    }

    private ObjectNode quota(String namespace, String name) throws InterruptedException {
        RestApi rest = servers.getFirst();
        ObjectNode quota = rest.read(rest.resource("", "resourcequotas"), namespace, name);
        assertNotNull(quota);
        return quota;
    }

    private void makeQuota(String namespace, String name, String hard, String used) throws InterruptedException {
        RestApi rest = servers.getFirst();
        rest.create(
                "",
                "resourcequotas",
                read("{apiVersion: v1, kind: ResourceQuota, metadata: {name: " + name + ", namespace: " + namespace
                        + "}, spec: {hard: {" + hard + "}}}"));
        rest.adjust("", "resourcequotas", namespace, name, quota -> {
            quota.set("status", read("{hard: {" + hard + "}, used: {" + used + "}}"));
            return quota;
        });
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        for (RestApi server : servers) {
            ObjectNode seen = null;
            while (seen == null || !seen.path("status").has("hard")) {
                assertTrue(System.nanoTime() < deadline, "the quota is not seen");
                seen = server.recent("", "resourcequotas", namespace, name);
                Thread.onSpinWait();
            }
        }
    }

    private static Quantity amount(ObjectNode quota, String list, String name) {
        return Quantity.of(quota.path("status").path(list).path(name));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void usageIsNeverMoreThanAllowedAndInTheEndTheSum(long seed) throws Exception {
        String namespace = "race-" + seed;
        makeQuota(namespace, "compute", "cpu: 20, pods: 40", "cpu: 0, pods: 0");
        makeQuota(namespace, "objects", "count/pods: 38", "count/pods: 0");
        AtomicBoolean over = new AtomicBoolean();
        List<String> wrong = new ArrayList<>();
        Thread watcher = Thread.ofVirtual().start(() -> {
            try {
                while (!over.get()) {
                    ObjectNode compute = quota(namespace, "compute");
                    if (amount(compute, "used", "cpu").compareTo(amount(compute, "hard", "cpu")) > 0
                            || amount(compute, "used", "pods").value() > 40
                            || amount(quota(namespace, "objects"), "used", "count/pods")
                                            .value()
                                    > 38) {
                        wrong.add(Json.text(compute));
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger collided = new AtomicInteger();
        Set<String> strange = ConcurrentHashMap.newKeySet();
        List<Thread> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            RestApi server = servers.get(client % servers.size());
            Random random = new Random(seed * 1000 + client);
            clients.add(Thread.ofVirtual().start(() -> {
                for (int i = 0; i < CREATES; i++) {
                    // Few enough names that some are taken, when what was taken for them is given back.
                    ObjectNode pod = pod(namespace, "pod-" + random.nextInt(90), 100 + random.nextInt(900));
                    try {
                        server.create("", "pods", pod);
                    } catch (ApiException e) {
                        if (e.reason() == Reason.ALREADY_EXISTS) {
                            collided.incrementAndGet();
                        } else if (e.message().contains("exceeded quota: ")) {
                            refused.incrementAndGet();
                        } else {
                            strange.add(e.message());
                        }
                    } catch (InterruptedException e) {
                        strange.add(e.toString());
                    }
                }
            }));
        }
        for (Thread client : clients) {
            client.join();
        }
        over.set(true);
        watcher.join();
        assertEquals(List.of(), wrong);
        assertEquals(Set.of(), strange);
        assertTrue(refused.get() > 0, "nothing was refused");

        int pods = 0;
        Quantity cpu = Quantity.ZERO;
        RestApi rest = servers.getFirst();
        for (int i = 0; i < 90; i++) {
            ObjectNode pod = rest.read(rest.resource("", "pods"), namespace, "pod-" + i);
            if (pod != null) {
                pods++;
                cpu = cpu.add(Quantity.of(pod.at("/spec/containers/0/resources/requests/cpu")));
            }
        }
        ObjectNode compute = quota(namespace, "compute");
        assertEquals(cpu, amount(compute, "used", "cpu"));
        assertEquals(pods, amount(compute, "used", "pods").value());
        assertEquals(
                pods, amount(quota(namespace, "objects"), "used", "count/pods").value());
        assertEquals(CLIENTS * CREATES, pods + refused.get() + collided.get());
        fillUp(namespace, cpu, pods);
        assertEquals(namespace, ObjectMeta.namespace(compute));
    }

    /** What is left can be had, to the last bit. */
    private void fillUp(String namespace, Quantity cpu, int pods) throws InterruptedException {
        int left = (int) (20_000 - cpu.milliValue());
        if (left > 0 && pods < 38) {
            servers.getLast().create("", "pods", pod(namespace, "last", left));
            assertEquals(
                    20_000, amount(quota(namespace, "compute"), "used", "cpu").milliValue());
        }
    }
}
