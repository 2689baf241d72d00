package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.rest.TestRest;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.TestEtcd;
import io.keelson.kvstore.metrics.Metrics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Two servers' worth of resources on one store, without a network in front, and a clock that can be moved. */
final class TwoServers implements AutoCloseable {
    static final String PREFIX = TestRest.PREFIX;

    final TestEtcd etcd;
    final List<Side> sides = new ArrayList<>();
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

    /** One of them. */
    record Side(TestRest server, ServiceAllocator allocator) {
        RestApi rest() {
            return server.rest();
        }

        EtcdStore store() {
            return server.store();
        }

        Resource services() {
            return rest().resource("", "services");
        }

        Resource addresses() {
            return rest().resource("networking.k8s.io", "ipaddresses");
        }
    }

    TwoServers(Path folder, PortRange ports, String... ranges) throws Exception {
        etcd = TestEtcd.embedded(folder);
        List<AddressRange> parsed = new ArrayList<>();
        for (String range : ranges) {
            parsed.add(AddressRange.of(range));
        }
        for (int i = 0; i < 2; i++) {
            TestRest server = TestRest.on(etcd, TestRest.ALL, this::now);
            RestApi rest = server.rest();
            ServiceAllocator allocator = new ServiceAllocator(
                    rest,
                    server.store(),
                    PREFIX,
                    parsed.stream().map(AddressRange::family).toList(),
                    ports,
                    new AllocationMetrics(new Metrics()));
            rest.allocate(new GroupResource("", "services"), allocator);
            new DefaultRange(rest, parsed, this::now).round();
            sides.add(new Side(server, allocator));
        }
    }

    Instant now() {
        return Instant.now().plus(ahead.get());
    }

    void pass(Duration time) {
        ahead.updateAndGet(time::plus);
    }

    static ObjectNode service(String name, String type, int... portNumbers) {
        ObjectNode service = Json.object().put("apiVersion", "v1").put("kind", "Service");
        ObjectMeta.setNamespace(service, "default");
        ObjectMeta.setName(service, name);
        ObjectNode spec = service.putObject("spec").put("type", type);
        spec.putObject("selector").put("app", name);
        for (int number : portNumbers) {
            spec.withArray("ports").addObject().put("name", "p" + number).put("port", number);
        }
        return service;
    }

    @Override
    public void close() {
        for (Side side : sides) {
            side.server().close();
        }
        etcd.close();
    }
}
