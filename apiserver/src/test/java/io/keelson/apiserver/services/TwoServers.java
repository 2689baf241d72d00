package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionChain;
import io.keelson.apiserver.cache.CacheOptions;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.metrics.WatchMetrics;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
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
    static final String PREFIX = "/registry";

    final TestEtcd etcd;
    final List<Side> sides = new ArrayList<>();
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

    /** One of them. */
    record Side(EtcdStore store, ResourceCaches caches, RestApi rest, ServiceAllocator allocator) {
        Resource services() {
            return rest.resource("", "services");
        }

        Resource addresses() {
            return rest.resource("networking.k8s.io", "ipaddresses");
        }
    }

    TwoServers(Path folder, PortRange ports, String... ranges) throws Exception {
        etcd = TestEtcd.embedded(folder);
        List<AddressRange> parsed = new ArrayList<>();
        for (String range : ranges) {
            parsed.add(AddressRange.of(range));
        }
        for (int i = 0; i < 2; i++) {
            EtcdStore store = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT);
            ResourceRegistry registry = new ResourceRegistry();
            registry.put(BuiltInKinds.resources());
            ResourceCaches caches = new ResourceCaches(store, CacheOptions.DEFAULT);
            RestApi rest = new RestApi(
                    registry,
                    store,
                    caches,
                    _ -> new AdmissionChain(List.of()),
                    new RestApi.Settings(
                            PREFIX,
                            CacheOptions.DEFAULT,
                            Duration.ofHours(1),
                            Duration.ofMinutes(30),
                            MediaType.JSON,
                            new WatchMetrics(new Metrics())),
                    this::now);
            ServiceAllocator allocator = new ServiceAllocator(
                    rest,
                    store,
                    PREFIX,
                    parsed.stream().map(AddressRange::family).toList(),
                    ports);
            rest.allocate(new GroupResource("", "services"), allocator);
            new DefaultRange(rest, parsed, this::now).round();
            sides.add(new Side(store, caches, rest, allocator));
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
            side.rest().close();
            side.caches().close();
            side.store().close();
        }
        etcd.close();
    }
}
